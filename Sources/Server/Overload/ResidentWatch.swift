import Logging
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Looks at the process's memory ten times a second, on no event loop, and tells the loops when requests are
/// to be refused for it.
final class ResidentWatch: Sendable {
  private struct State {
    var byteCountMax: Int
    var bound: ResidentBound
    var shortageCount: UInt64 = 0
  }

  private let state: Mutex<State>
  private let logger: Logger
  private let tell: @Sendable (_ refuses: Bool) -> Void

  init(byteCountMax: Int, _ logger: Logger, tell: @escaping @Sendable (_ refuses: Bool) -> Void) {
    state = Mutex(State(byteCountMax: byteCountMax, bound: ResidentBound(byteCountMax: byteCountMax)))
    self.logger = logger
    self.tell = tell
  }

  /// How often requests began to be refused.
  var shortageCount: UInt64 { state.withLock(\.shortageCount) }

  /// Goes by another bound from now on, 0 for none.
  func use(byteCountMax: Int) {
    state.withLock { state in
      guard state.byteCountMax != byteCountMax else { return }
      if state.bound.isRefusing { tell(false) }
      state.byteCountMax = byteCountMax
      state.bound = ResidentBound(byteCountMax: byteCountMax)
    }
  }

  /// LIMIT: a loop reads some tens of megabytes between two looks. Each takes a few microseconds; while
  /// requests are refused one gives memory back, which takes milliseconds.
  private static let interval = Duration.milliseconds(100)
  private static let intervalWhileRefusing = Duration.seconds(1)

  /// Looks until the task is cancelled.
  func run() async {
    repeat { look() } while (try? await Task.sleep(for: interval)) != nil
  }

  private var interval: Duration {
    let isSlow = state.withLock { $0.bound.isRefusing || $0.byteCountMax == 0 }
    return isSlow ? Self.intervalWhileRefusing : Self.interval
  }

  private func look() {
    state.withLock { state in
      guard state.byteCountMax > 0 else { return }
      let change = state.bound.look(residentByteCount(), at: monotonicNanoseconds()) {
        trimHeap()
        return residentByteCount()
      }
      guard let change else { return }
      if change == .refuses { state.shortageCount += 1 }
      tell(change == .refuses)
      report(change, state.byteCountMax)
    }
  }

  private func report(_ change: ResidentBound.Change, _ byteCountMax: Int) {
    let (level, text): (Logger.Level, Logger.Message) =
      switch change {
      case .refuses: (.warning, "the process has more memory than it may: requests are refused")
      case .recovers: (.notice, "the process has as much memory as it may: requests are served again")
      case .givesUp:
        (
          .error, """
          the process has more memory than it may, and not for requests: they are served again; \
          look at tables and connections, or raise `residentByteCountMax`
          """
        )
      }
    logger.log(
      level: level, text,
      metadata: ["residentBytes": "\(residentByteCount())", "residentByteCountMax": "\(byteCountMax)"])
  }
}

/// Bytes of this process that are in memory; 0 where the system does not say.
func residentByteCount() -> Int { residentByteCounts().all }

/// As above, and what of them are files and what is shared.
func residentByteCounts() -> (all: Int, files: Int) {
  let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return (0, 0) }
  defer { close(file) }
  var text = InlineArray<128, UInt8>(repeating: 0)
  var bytes = text.mutableSpan
  // SAFETY: the call writes no more than there is room for.
  let count = unsafe bytes.withUnsafeMutableBufferPointer { unsafe read(file, $0.baseAddress, $0.count) }
  // The second number and the third, in pages.
  var words = 0
  var pages = (all: 0, files: 0)
  for index in 0..<max(count, 0) {
    let byte = bytes[index]
    if byte == UInt8(ascii: " ") { words += 1 }
    guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { continue }
    let digit = Int(byte - UInt8(ascii: "0"))
    if words == 1 { pages.all = pages.all * 10 + digit }
    if words == 2 { pages.files = pages.files * 10 + digit }
  }
  let pageByteCount = Int(getpagesize())
  return (pages.all * pageByteCount, pages.files * pageByteCount)
}

/// Returns what the allocator keeps for later to the system, where it can be told to.
private func trimHeap() {
  typealias Trim = @convention(c) (Int) -> Int32
  // Swift's Glibc does not have <malloc.h>.
  guard let symbol = unsafe dlsym(nil, "malloc_trim") else { return }
  // SAFETY: the signature is glibc's; it may be called at any time from any thread.
  _ = unsafe unsafeBitCast(symbol, to: Trim.self)(0)
}
