import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How many connections this process has descriptors for, and how many TLS handshakes beside them: those
/// are no connections yet, and who never finishes one must not keep out anybody.
final class DescriptorBudget: Sendable {
  /// LIMIT: descriptors kept for what is no connection: files of tables and secrets that are read
  /// again, the admin port and who asks there, the log, a bundle's download.
  private static let reserve = 24
  /// LIMIT: the loops of the admin port, one a core, hold three each.
  private static let reservePerCore = 3
  /// LIMIT: so many connections may be accepted before the first of them is counted, on each loop.
  private static let reservePerLoop = 4
  /// LIMIT: the part of the descriptors that handshakes may take, where there are few.
  private static let handshakePart = 4

  /// Connections that there are descriptors for.
  let connectionCountMax: Int
  /// Unfinished handshakes on each loop. Beyond that the oldest gives way.
  let handshakesPerLoop: Int

  /// Counts what is open now as taken for good. `handshakeCountMax` is 0 where no door speaks TLS.
  convenience init(loopCount: Int, handshakeCountMax: Int) {
    let kept =
      Self.reserve + Self.reservePerCore * System.coreCount + Self.reservePerLoop * loopCount
    self.init(Self.limit() - Self.openCount() - kept, loopCount: loopCount, handshakeCountMax)
  }

  /// Deals out so many descriptors.
  init(_ count: Int, loopCount: Int, _ handshakeCountMax: Int) {
    let handshakes = min(handshakeCountMax, max(0, count) / Self.handshakePart)
    handshakesPerLoop = max(1, handshakes / loopCount)
    connectionCountMax = max(1, count - (handshakeCountMax > 0 ? handshakesPerLoop * loopCount : 0))
  }

  /// Raises this process's limit as far as it may. The limit that most systems begin with is there for
  /// programs that use `select`.
  static func raiseLimit() {
    var limit = rlimit()
    // SAFETY: `limit` is ours, and the calls touch nothing else.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func limit() -> Int {
    var limit = rlimit()
    // SAFETY: as above.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return 1024
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// LIMIT: descriptors that are taken to be open where they cannot be counted.
  private static let openCountUnknown = 64

  /// Descriptors that are open.
  private static func openCount() -> Int {
    guard let folder = unsafe opendir("/proc/self/fd") else { return openCountUnknown }
    // SAFETY: the folder is open until we close it.
    defer { unsafe closedir(folder) }
    // But for `.`, `..` and the folder itself.
    var count = -3
    errno = 0
    while unsafe readdir(folder) != nil { count += 1 }
    return errno == 0 ? count : max(count, openCountUnknown)
  }
}
