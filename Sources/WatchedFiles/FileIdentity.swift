#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which file lies at a path, links not followed.
public struct FileIdentity: Equatable, Sendable {
  private let device: UInt64
  private let inode: UInt64

  /// `nil` where there is none.
  public init?(_ path: String) {
    var status = stat()
    // SAFETY: `status` is ours, and the path is a C string for the call.
    guard unsafe lstat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}
