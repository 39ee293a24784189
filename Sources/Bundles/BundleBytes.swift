import Foundation

/// A bundle's bytes, in memory of our own or mapped from a file of our own.
///
/// A file that somebody else may write to is copied, not mapped: what was verified must stay what is
/// read, and a mapping of a file that is cut short ends the process.
///
/// SAFETY, for all of it: `base` has `count` bytes, ours alone until `init` has them, and `deinit` gives them
/// back as they were had: by `munmap` or `free`.
@safe
public final class BundleBytes: Sendable {
  // SAFETY: written before `init` returns only, so any thread may read them.
  nonisolated(unsafe) private let base: UnsafeMutableRawPointer
  public let count: Int
  private let isMapped: Bool

  /// A copy of bytes. Ends the process where there is no memory for it: `copying` does not.
  public convenience init(_ bytes: [UInt8]) {
    guard let base = unsafe Self.copy(bytes) else { fatalError("no memory for \(bytes.count) bytes") }
    unsafe self.init(base, count: bytes.count, isMapped: false)
  }

  /// A copy of bytes.
  public static func copying(_ bytes: [UInt8]) throws(BundleError) -> BundleBytes {
    guard let base = unsafe copy(bytes) else {
      throw BundleError(
        .notPublished, "there is no memory for a copy of \(bytes.count) bytes; it is tried again")
    }
    return unsafe BundleBytes(base, count: bytes.count, isMapped: false)
  }

  private static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
    guard let base = unsafe malloc(max(bytes.count, 1)) else { return nil }
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      // SAFETY: both hold `count` bytes.
      unsafe base.copyMemory(from: start, byteCount: source.count)
    }
    return unsafe base
  }

  /// The bytes of a file, mapped read-only: for files that are only ever replaced by a rename.
  public static func mapping(_ path: String) throws(BundleError) -> BundleBytes {
    let file = try OpenFile(path)
    defer { file.close() }
    guard file.byteCount > 0 else { throw BundleError(.truncated, "`\(path)` is empty") }
    let base = unsafe mmap(nil, file.byteCount, PROT_READ, MAP_PRIVATE, file.descriptor, 0)
    guard let base = unsafe base, unsafe base != MAP_FAILED else {
      throw BundleError(.unreachable, "cannot map `\(path)`: \(OpenFile.reason)")
    }
    return unsafe BundleBytes(base, count: file.byteCount, isMapped: true)
  }

  /// A copy of a file's bytes. At most `BundleLimits.fileByteCount`.
  public static func reading(_ path: String) throws(BundleError) -> BundleBytes {
    let file = try OpenFile(path)
    defer { file.close() }
    // As `allocate` takes memory, which ends the process where there is none.
    guard let base = unsafe malloc(max(file.byteCount, 1)) else {
      throw BundleError(
        .notPublished, "there is no memory for the \(file.byteCount) bytes of `\(path)`; it is tried again")
    }
    var count = 0
    while count < file.byteCount {
      // SAFETY: `byteCount` bytes were allocated, `count` of them are filled.
      let taken = unsafe read(file.descriptor, base + count, file.byteCount - count)
      if taken < 0, errno == EINTR { continue }
      guard taken >= 0 else {
        let error = OpenFile.failure("read", path)
        unsafe base.deallocate()
        throw error
      }
      guard taken > 0 else { break }
      count += taken
    }
    // A file that became shorter meanwhile is caught by its own length.
    return unsafe BundleBytes(base, count: count, isMapped: false)
  }

  private init(_ base: UnsafeMutableRawPointer, count: Int, isMapped: Bool) {
    unsafe self.base = base
    self.count = count
    self.isMapped = isMapped
  }

  deinit {
    if isMapped {
      unsafe munmap(base, count)
    } else {
      unsafe free(base)
    }
  }

  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      // SAFETY: `count` initialised bytes that live as long as we do.
      let span = unsafe Span<UInt8>(
        _unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}

/// A regular file, open for reading, no larger than a bundle may be.
///
/// SAFETY, for all of it: paths are C strings for the call, what is filled is ours, and the text of an error
/// is copied at once.
struct OpenFile {
  let descriptor: Int32
  let byteCount: Int

  init(_ path: String) throws(BundleError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure("open", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = Foundation.close(descriptor)
      throw BundleError(.unreachable, "`\(path)` is no file")
    }
    guard status.st_size <= BundleLimits.fileByteCount else {
      _ = Foundation.close(descriptor)
      throw BundleError(
        .tooLarge, at: BundleLimits.fileByteCount,
        "`\(path)` has \(status.st_size) bytes; \(BundleLimits.fileByteCount) is the most")
    }
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  func close() { _ = Foundation.close(descriptor) }

  /// What stays as it is until somebody changes the file, and with it its stamp: grants a right, puts the
  /// file there, or another in the place of a socket, or of a link that leads in circles. Anything else may
  /// be over a moment later.
  private static let lasting: Set<Int32> = [
    EACCES, EPERM, ENOENT, ELOOP, ENXIO, ENODEV, ENOTDIR, ENAMETOOLONG, EISDIR, EINVAL, EOVERFLOW, EFBIG,
    EOPNOTSUPP,
  ]

  /// The failure of the system call that was made last.
  static func failure(_ verb: String, _ path: String) -> BundleError {
    let code = errno
    var error = BundleError(.unreachable, "cannot \(verb) `\(path)`: \(reason)")
    error.isTransient = !lasting.contains(code)
    return error
  }

  /// What the last failed system call says.
  static var reason: String { unsafe String(cString: strerror(errno)) }
}
