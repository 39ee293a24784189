import Server
import Tables

/// What the numbers of the settings file may be.
enum NumberBounds {
  /// LIMIT: a year. What is meant to last longer is 0 where a key says so; the clocks count nanoseconds in 64
  /// bits, which 584 years fill.
  static let secondsMax = 31_536_000
  /// LIMIT: counts and bytes of one connection. HTTP/2's settings have 32 bits, and sums and products of
  /// these cannot overflow 64.
  static let countMax = Int(Int32.max)
  /// LIMIT: bytes of a whole process: a tebibyte, above what machines have that this runs on.
  static let memoryByteCountMax = 1 << 40
  /// LIMIT: days: a century, which no certificate outlasts.
  static let daysMax = 36_500
}

extension ConfigurationFile {
  /// The range of every number at the top of the file; sections have their own.
  static let ranges: [CodingKeys: ClosedRange<Int>] = [
    .pollSeconds: BundleSettings.pollSecondsRange,
    .loops: 1...ServerConfiguration.loopCountMax,
    .versionsKept: 1...TableStore.versionCountMax,
    .metricsRuleCountMax: 0...NumberBounds.countMax,
    .trustedProxies: 0...NumberBounds.countMax,
    .idleSeconds: 0...NumberBounds.secondsMax,
    .reloadSeconds: 0...NumberBounds.secondsMax,
    .drainSeconds: 0...NumberBounds.secondsMax,
    .connectionCountMax: 1...NumberBounds.countMax,
    .concurrentStreams: 1...NumberBounds.countMax,
    .headerByteCount: 1024...NumberBounds.countMax,
    .headerCount: 8...NumberBounds.countMax,
    .latencyBoundMilliseconds: 0...60_000,
    .turnMicroseconds: 0...60_000_000,
    .residentByteCountMax: 0...NumberBounds.memoryByteCountMax,
    .heldByteCountMax: 1 << 20...NumberBounds.memoryByteCountMax,
    .connectionHeldByteCountMax: 1 << 20...NumberBounds.memoryByteCountMax,
    .streamQueuedByteCount: 1024...NumberBounds.countMax,
    .connectionQueuedByteCount: 1024...NumberBounds.countMax,
    .streamStallSeconds: 1...NumberBounds.secondsMax,
    .compressedReplyByteCountMin: 0...NumberBounds.countMax,
  ]
}

extension TLSSection {
  /// The range of every number of the section.
  static let ranges: [CodingKeys: ClosedRange<Int>] = [
    .handshakeSeconds: 1...NumberBounds.secondsMax,
    .handshakeCountMax: 1...NumberBounds.countMax,
    .handshakeSourcePercent: 1...100,
    .connectionSeconds: 0...NumberBounds.secondsMax,
    .expiryWarningDays: 0...NumberBounds.daysMax,
  ]
}

/// What is wrong with a number; `nil` where nothing is.
func fault(of value: Int, _ name: String, in range: ClosedRange<Int>) -> String? {
  if value < range.lowerBound { return "`\(name): \(value)` is less than \(range.lowerBound)" }
  if value > range.upperBound { return "`\(name): \(value)` is more than \(range.upperBound)" }
  return nil
}
