import EdgeProof
import Foundation

/// A file that holds one secret and nothing else; a line end behind it is not part of it.
enum SecretFile {
  /// What is wrong with a file, and what to do.
  struct Fault: Error {
    var what: String
  }

  /// Reads the secret. The mode is that of the very file that is read, whatever links lead to it.
  static func read(_ path: String) throws(Fault) -> [UInt8] {
    // A pipe would wait for its writer for ever without O_NONBLOCK.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Fault(what: "cannot read `\(path)`: \(unsafe String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    // SAFETY: `status` is ours, and the call writes nothing else.
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(what: "`\(path)` is no file; name one that holds the secret alone")
    }
    guard status.st_mode & 0o006 == 0 else {
      throw Fault(what: "everybody may read or write `\(path)`; take that away with `chmod o-rw`")
    }
    // LIMIT: the largest secret, and a line end.
    let byteCountMax = SharedSecrets.byteCountMax + 2
    guard let data = try? file.read(upToCount: byteCountMax + 1), data.count <= byteCountMax else {
      throw Fault(what: "`\(path)` is empty or has more than \(byteCountMax) bytes")
    }
    var bytes = Array(data)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return bytes
  }
}

/// What a file is, so that a change of it is seen: another file, another time, another mode.
struct FileStamp: Equatable, Sendable {
  private var device: UInt64
  private var inode: UInt64
  private var byteCount: Int64
  private var changed: (seconds: Int, nanoseconds: Int)

  /// `nil` where there is no such file.
  init?(_ path: String) {
    var status = stat()
    // SAFETY: `status` is ours, and the call writes nothing else.
    guard unsafe stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    byteCount = Int64(status.st_size)
    // Of contents and of owner and mode alike.
    changed = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
  }

  static func == (a: FileStamp, b: FileStamp) -> Bool {
    a.device == b.device && a.inode == b.inode && a.byteCount == b.byteCount
      && a.changed == b.changed
  }
}
