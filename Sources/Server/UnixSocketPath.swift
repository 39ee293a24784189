import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The file of a unix socket.
public enum UnixSocketPath {
  /// As `prepare(_:_:)`, on a loop of the process.
  public static func prepare(_ path: String) async throws {
    try await prepare(path, MultiThreadedEventLoopGroup.singleton)
  }

  /// Lets only the socket's owner and group connect.
  public static func restrict(_ path: String) { unsafe chmod(path, 0o660) }

  /// Removes a socket that a dead server has left behind. A socket that somebody listens on, and
  /// anything that is no socket, stays.
  static func prepare(_ path: String, _ group: any EventLoopGroup) async throws {
    guard isSocket(path) else { return }
    if let live = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get() {
      try? await live.close()
      return
    }
    remove(path)
  }

  public static func remove(_ path: String) {
    if isSocket(path) { unsafe unlink(path) }
  }

  private static func isSocket(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: `stat` is ours, and the path is a C string for the call.
    guard unsafe lstat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFSOCK
  }
}
