#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A small file that is read whole, or not at all.
public enum WholeFile {
  /// What is wrong with a file, and what to do.
  public struct Fault: Error {
    public var what: String
    /// Whether the file could not be read just now, so that what is in it is not known: the next look tries
    /// again. A right that is missing is no such thing: whoever grants it changes the file's stamp.
    public var isTransient = false
  }

  /// Reads 1 to `byteCountMax` bytes. `holds` says what should be in it, for a person; a secret must
  /// not be open to everybody. The mode is that of the very file that is read, whatever links lead to
  /// it.
  public static func read(
    _ path: String, holds: String, upTo byteCountMax: Int, isSecret: Bool
  ) throws(Fault) -> [UInt8] {
    // A pipe would wait for its writer for ever without O_NONBLOCK.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw unread(path)
    }
    defer { close(descriptor) }
    var status = stat()
    // SAFETY: `status` is ours, and the call writes nothing else.
    guard unsafe fstat(descriptor, &status) == 0 else { throw unread(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(what: "`\(path)` is no file; name one that holds \(holds)")
    }
    guard !isSecret || status.st_mode & 0o006 == 0 else {
      throw Fault(what: "everybody may read or write `\(path)`; take that away with `chmod o-rw`")
    }
    guard let bytes = contents(of: descriptor, upTo: byteCountMax + 1) else { throw unread(path) }
    guard !bytes.isEmpty, bytes.count <= byteCountMax else {
      throw Fault(what: "`\(path)` is empty or has more than \(byteCountMax) bytes")
    }
    return bytes
  }

  /// The fault of the call that has just failed.
  private static func unread(_ path: String) -> Fault {
    let code = errno
    // SAFETY: the text is copied at once.
    return Fault(
      what: "cannot read `\(path)`: \(unsafe String(cString: strerror(code)))",
      isTransient: code != EACCES)
  }

  /// What can be read of an open file; `nil`, and `errno`, where reading fails.
  private static func contents(of descriptor: Int32, upTo byteCountMax: Int) -> [UInt8]? {
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
      while count < byteCountMax {
        // SAFETY: the buffer has `byteCountMax` bytes; `count` of them are read.
        let got = unsafe Self.read(descriptor, buffer.baseAddress! + count, byteCountMax - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { code = errno }
        guard got > 0 else { return }
        count += got
      }
    }
    guard code != 0 else { return bytes }
    errno = code
    return nil
  }

  /// SAFETY: the caller has `byteCount` bytes at `target`.
  private static func read(
    _ descriptor: Int32, _ target: UnsafeMutablePointer<UInt8>, _ byteCount: Int
  ) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.read(descriptor, target, byteCount)
    #else
      unsafe Darwin.read(descriptor, target, byteCount)
    #endif
  }
}
