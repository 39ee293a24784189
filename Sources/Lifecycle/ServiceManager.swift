#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Tells systemd how the service is (sd_notify(3)), where it asks.
///
/// A notification that cannot be sent is not worth an error: whoever waits for it sees that it is
/// missing.
public final class ServiceManager: Sendable {
  public enum State: Sendable {
    /// Requests are answered.
    case ready
    /// Settings or tables are being read anew; `ready` follows.
    case reloading
    /// The last answers are being sent.
    case stopping
    /// All loops move.
    case alive
  }

  private let socket: Int32
  private let address: LocalAddress
  /// How often it wants to hear `alive`, in microseconds; `nil` where it does not watch.
  public let watchdogMicroseconds: UInt64?

  /// `nil` when nobody asks: `NOTIFY_SOCKET` is not set.
  public init?() {
    guard let path = Environment.value("NOTIFY_SOCKET"), let address = LocalAddress(path) else {
      return nil
    }
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    socket = Glibc.socket(AF_UNIX, kind, 0)
    guard socket >= 0 else { return nil }
    self.address = address
    let watched = Environment.value("WATCHDOG_PID").flatMap { Int32($0) } ?? getpid()
    let interval = Environment.value("WATCHDOG_USEC").flatMap { UInt64($0) }
    watchdogMicroseconds = watched == getpid() ? interval.flatMap { $0 > 0 ? $0 : nil } : nil
  }

  deinit { close(socket) }

  /// `status` is one line that `systemctl status` shows.
  public func notify(_ state: State, status: String? = nil) {
    var lines: [String]
    switch state {
    case .ready: lines = ["READY=1"]
    case .reloading: lines = ["RELOADING=1", "MONOTONIC_USEC=\(monotonicMicroseconds())"]
    case .stopping: lines = ["STOPPING=1"]
    case .alive: lines = ["WATCHDOG=1"]
    }
    if let status { lines.append("STATUS=\(status)") }
    send(lines.joined(separator: "\n"))
  }

  private func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe address.withPointer { pointer, byteCount in
      // SAFETY: bytes and address live until the call returns.
      unsafe sendto(
        socket, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), pointer, byteCount)
    }
  }

  private func monotonicMicroseconds() -> UInt64 {
    var time = timespec()
    // SAFETY: `time` is ours, and the call writes nothing else.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
  }
}
