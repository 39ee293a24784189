import Foundation

/// A file of this server alone that is replaced whole: the new one is written beside it, made durable,
/// and renamed over it. So whenever the process or the machine stops, the old one is there or the new
/// one, never half of it.
///
/// SAFETY, for all of it: paths are C strings for the call, and no call keeps what it is given.
public struct DurableFile: Sendable {
  /// The moments of a replacement that a test can stop at.
  public enum Step: Int, CaseIterable, Sendable {
    case created, writing, written, synced, renamed, directorySynced
  }

  let directory: StateDirectory
  let name: String

  var path: String { directory.path + "/" + name }
  private var temporaryPath: String { path + ".new" }

  /// Whether there is none. A file that is there and cannot be looked at is not none.
  var isAbsent: Bool { unsafe access(path, F_OK) != 0 && errno == ENOENT }

  /// Replaces the file. O(bytes). When it throws, the old one is still there; it does where the directory is
  /// not ours.
  func replace(
    with bytes: Span<UInt8>, at step: (Step) -> Void = { _ in }
  ) throws(BundleError) {
    try directory.write { () throws(BundleError) in try replaceOurs(with: bytes, step) }
  }

  private func replaceOurs(with bytes: Span<UInt8>, _ step: (Step) -> Void) throws(BundleError) {
    // What a killed process has left.
    unsafe unlink(temporaryPath)
    let descriptor = unsafe open(
      temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("make", temporaryPath) }
    step(.created)
    let isWritten = write(bytes, to: descriptor, step)
    step(.written)
    guard isWritten, fsync(descriptor) == 0 else {
      let failure = failure("write", temporaryPath)
      _ = close(descriptor)
      unsafe unlink(temporaryPath)
      throw failure
    }
    _ = close(descriptor)
    step(.synced)
    guard unsafe rename(temporaryPath, path) == 0 else { throw failure("rename", temporaryPath) }
    step(.renamed)
    try syncDirectory()
    step(.directorySynced)
  }

  /// LIMIT: small enough that a replacement has several writes to stop between.
  private static let chunkByteCount = 64 << 10

  private func write(_ bytes: Span<UInt8>, to descriptor: Int32, _ step: (Step) -> Void) -> Bool {
    unsafe bytes.withUnsafeBytes { source in
      var offset = 0
      while offset < source.count {
        let count = min(Self.chunkByteCount, source.count - offset)
        // SAFETY: `offset + count` is at most the buffer's length.
        let written = unsafe Foundation.write(descriptor, source.baseAddress! + offset, count)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else { return false }
        offset += written
        step(.writing)
      }
      return true
    }
  }

  /// A rename is durable once its directory is.
  private func syncDirectory() throws(BundleError) {
    let descriptor = unsafe open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", directory.path) }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("write", directory.path) }
  }

  private func failure(_ verb: String, _ path: String) -> BundleError {
    BundleError(.unreachable, "cannot \(verb) `\(path)`: \(OpenFile.reason)")
  }
}
