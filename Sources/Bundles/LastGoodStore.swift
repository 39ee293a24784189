import Foundation

/// The last bundle that was served, kept in a directory of this server alone, for a restart while its
/// source is gone.
///
/// A new one is written beside it, made durable, and renamed over it. So whenever the process or the
/// machine stops, the old one is there or the new one, whole.
public struct LastGoodStore: Sendable {
  /// The moments of a save that a test can stop at.
  public enum Step: Int, CaseIterable, Sendable {
    case created, writing, written, synced, renamed, directorySynced
  }

  public let directory: String

  public init(directory: String) { self.directory = directory }

  public var path: String { directory + "/last-good.bundle" }
  private var temporaryPath: String { path + ".new" }

  /// The bundle that is kept, mapped; `nil` where there is none yet.
  public func load() throws(BundleError) -> BundleBytes? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try BundleBytes.mapping(path)
  }

  /// Replaces the bundle that is kept. O(bytes). When it throws, the old one is still there.
  public func save(
    _ bytes: BundleBytes, at step: (Step) -> Void = { _ in }
  ) throws(BundleError) {
    if unsafe mkdir(directory, 0o700) != 0, errno != EEXIST { throw failure("make", directory) }
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

  /// LIMIT: small enough that a save has several writes to stop between.
  private static let chunkByteCount = 64 << 10

  private func write(_ bytes: BundleBytes, to descriptor: Int32, _ step: (Step) -> Void) -> Bool {
    let span = bytes.span
    return unsafe span.withUnsafeBytes { source in
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
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", directory) }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("write", directory) }
  }

  private func failure(_ verb: String, _ path: String) -> BundleError {
    BundleError(.unreachable, "cannot \(verb) `\(path)`: \(OpenFile.reason)")
  }
}
