/// How many of a connection's requests its peer has reset, second by second.
///
/// A share rather than a rate: a gateway that cancels what is late cancels hundreds in a bad second,
/// of many thousands. Who resets most of what it sends wants the work and not the answers.
struct ResetRatio {
  private static let windowNanoseconds: UInt64 = 1_000_000_000

  private let streamCountLeast: Int
  private let percentMax: Int
  private var windowStart: UInt64 = 0
  private var streamCount = 0
  private var resetCount = 0

  init(_ settings: HTTP2Settings) {
    streamCountLeast = settings.rapidResetStreamCount
    percentMax = settings.rapidResetPercent
  }

  @inline(__always)
  mutating func countStream(at now: UInt64) {
    advance(to: now)
    streamCount += 1
  }

  /// Whether that was still within measure.
  mutating func countReset(at now: UInt64) -> Bool {
    advance(to: now)
    resetCount += 1
    // Resets without streams count as well, or a flood of them alone would pass.
    guard max(streamCount, resetCount) > streamCountLeast else { return true }
    return resetCount * 100 <= streamCount * percentMax
  }

  @inline(__always)
  private mutating func advance(to now: UInt64) {
    guard now &- windowStart >= Self.windowNanoseconds else { return }
    windowStart = now
    streamCount = 0
    resetCount = 0
  }
}
