#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a file is, so that a change of it is seen: another file, another time, another mode. Links are
/// followed: a link that leads elsewhere is a change.
public struct FileStamp: Equatable, Sendable {
  private var device: UInt64
  private var inode: UInt64
  private var byteCount: Int64
  private var changed: (seconds: Int, nanoseconds: Int)

  /// `nil` where there is no such file.
  public init?(_ path: String) {
    var status = stat()
    // SAFETY: `status` is ours, and the call writes nothing else.
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    byteCount = Int64(status.st_size)
    // Of contents and of owner and mode alike.
    changed = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
  }

  public static func == (a: FileStamp, b: FileStamp) -> Bool {
    a.device == b.device && a.inode == b.inode && a.byteCount == b.byteCount
      && a.changed == b.changed
  }
}
