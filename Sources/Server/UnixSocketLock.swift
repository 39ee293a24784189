import NIOCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to look at a unix socket's file, remove it and put another in its place: one process at a time
/// has it, for the files of a directory.
///
/// Without it, of two servers that start at once each can find the other's socket before that listens, take
/// it for a dead server's, and serve on one that nobody finds.
///
/// It is a lock of the directory itself, so it leaves no file behind, and ends with the process. Where the
/// directory cannot be locked it is as if nobody else were starting.
public final class UnixSocketLock: Sendable {
  /// LIMIT: how long another process may have it: some milliseconds, where it is a server. Who else has
  /// locked the directory is not to keep servers from starting.
  private static let patience = Duration.seconds(5)

  private let descriptor: Mutex<CInt>

  /// Waits until no other process has it.
  public init(ofSocket path: String) async {
    let directory = path.lastIndex(of: "/").map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    // SAFETY: the path is a C string for the call.
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.descriptor = Mutex(descriptor)
    guard descriptor >= 0 else { return }
    let deadline = ContinuousClock.now + Self.patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
      guard ContinuousClock.now < deadline else { return }
      try? await Task.sleep(for: .milliseconds(5))
    }
  }

  deinit { release() }

  public func release() {
    descriptor.withLock { descriptor in
      if descriptor >= 0 { _ = close(descriptor) }
      descriptor = -1
    }
  }
}
