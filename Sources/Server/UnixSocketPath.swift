import Glibc
import NIOCore

/// The file of a unix socket.
///
/// SAFETY, for all of it: a path is a C string for the call.
public enum UnixSocketPath {
  /// Lets only the socket's owner and group connect.
  public static func restrict(_ path: String) { unsafe chmod(path, 0o660) }

  /// Binds with a mode of the socket's file. At no moment is it open to more than the mode says: what
  /// the mode does not grant is masked while the file is made.
  static func withMode(_ mode: UInt32?, of path: String, _ bind: () throws -> Void) throws {
    guard let mode else { return try bind() }
    // To read it is to set it; another thread's new file is private for that moment.
    let before = umask(0o077)
    umask(before | mode_t(0o777 & ~mode))
    defer { umask(before) }
    try bind()
    try setMode(mode, of: path)
  }

  static func setMode(_ mode: UInt32, of path: String) throws {
    guard unsafe chmod(path, mode_t(mode)) == 0 else {
      throw IOError(errnoCode: errno, reason: "chmod")
    }
  }

  /// Who may connect to the socket at `path`; `nil` where there is none.
  static func mode(of path: String) -> UInt32? {
    status(path).map { UInt32($0.st_mode & 0o777) }
  }

  /// Removes a socket that a dead server has left behind; for who has its `UnixSocketLock`. A socket that
  /// somebody listens on, and anything that is no socket, stays: it is removed only where a connection is
  /// refused.
  public static func prepare(_ path: String) throws {
    guard isSocket(path) else { return }
    let address = try SocketAddress(unixDomainSocketPath: path)
    // It does not block: a queue that is full is an answer too.
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    defer { close(descriptor) }
    let isRefused = unsafe address.withSockAddr { pointer, byteCount in
      // SAFETY: the address lives until the call returns.
      unsafe connect(descriptor, pointer, socklen_t(byteCount)) != 0 && errno == ECONNREFUSED
    }
    // A queue that is full, or a right that is missing: somebody may well be listening.
    if isRefused { remove(path) }
  }

  public static func remove(_ path: String) {
    if isSocket(path) { unsafe unlink(path) }
  }

  private static func isSocket(_ path: String) -> Bool { status(path) != nil }

  /// Of a socket; `nil` for anything else.
  private static func status(_ path: String) -> stat? {
    var status = stat()
    // SAFETY: `stat` is ours, and the path is a C string for the call.
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    return status
  }
}
