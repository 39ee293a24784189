import Foundation
import Synchronization

/// The directory in which a server keeps what a restart must not lose. It is one server's at a time: two
/// would undo each other's kills, and write one temporary file together.
///
/// A lock on `DIR/lock` says whose it is. The kernel lets go of it with the process, however that ends. The
/// file itself stays: to remove it would let two servers each hold a file of that name.
public final class StateDirectory: Sendable {
  public let path: String
  /// The locked file; `nil` while the directory is not ours. It is held while something is written, so that
  /// nothing is after `release`.
  private let lock = Mutex<Int32?>(nil)

  public init(_ path: String) { self.path = path }

  deinit { release() }

  public var isOurs: Bool { lock.withLock { $0 != nil } }

  /// Makes it ours, and makes it where it is not there. Returns whether it is: `false` where another server
  /// has it.
  public func take() throws(BundleError) -> Bool {
    try lock.withLock { (lock) throws(BundleError) in
      guard lock == nil else { return true }
      let file = path + "/lock"
      // SAFETY: the paths are C strings for the calls.
      if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.failure("make", path) }
      var descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if descriptor < 0 {
        let code = errno
        let failure = Self.failure("open", file)
        if code == EROFS || code == EACCES {
          // What was kept is read from a disk that takes nothing more: what is killed stays killed.
          descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        }
        // The first call's: that there is no such file, as the second says, is why it was to be made.
        guard descriptor >= 0 else { throw failure }
      }
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        if errno == EINTR { continue }
        let isAnothers = errno == EWOULDBLOCK
        let failure = Self.failure("lock", file)
        _ = close(descriptor)
        guard isAnothers else { throw failure }
        return false
      }
      lock = descriptor
      return true
    }
  }

  /// Leaves it to a successor. What is being written is finished first.
  public func release() {
    lock.withLock { lock in
      if let descriptor = lock.take() { _ = close(descriptor) }
    }
  }

  /// Why a server does not start while another one has it.
  public var refusal: BundleError {
    BundleError(
      .unreachable,
      "another server keeps its state in `\(path)` (it holds `\(path)/lock`); stop that one, take over from"
        + " it with --takeover, or give each a directory of its own")
  }

  /// Writes while it is ours, and throws where it is not.
  func write(_ body: () throws(BundleError) -> Void) throws(BundleError) {
    try lock.withLock { (lock) throws(BundleError) in
      guard lock != nil else { throw refusal }
      try body()
    }
  }

  private static func failure(_ verb: String, _ path: String) -> BundleError {
    let isForbidden = errno == EACCES || errno == EPERM
    let advice = isForbidden ? "; let the server's user write in that directory, or name another" : ""
    return BundleError(.unreachable, "cannot \(verb) `\(path)`: \(OpenFile.reason)\(advice)")
  }
}
