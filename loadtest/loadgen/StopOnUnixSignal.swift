import Foundation
import Synchronization

/// Sees to it that a server of ours, its copy of the tables, and our changes to the tables of others do not
/// outlive us when we are interrupted.
enum StopOnUnixSignal {
  private struct Left {
    var server: Int32?
    var directory: URL?
    var undo: (@Sendable () -> Void)?
  }

  private static let left = Mutex(Left())
  /// Where the handler, which may do little else, writes the signal's number.
  private static let pipe = Atomic<Int32>(-1)

  static func removes(_ directory: URL) {
    left.withLock { $0.directory = directory }
    catchSignals()
  }

  /// What is to be done by `undo`, which does no harm where there is nothing to undo.
  static func undoes(_ undo: @escaping @Sendable () -> Void) {
    left.withLock { $0.undo = undo }
    catchSignals()
  }

  /// Undoes what there is to undo.
  static func undo() {
    left.withLock { left in if let undo = left.undo { undo() } }
    forget()
  }

  /// Does what a Unix signal must find done or not begun.
  static func waiting<Failure: Error>(_ change: () throws(Failure) -> Void) throws(Failure) {
    try left.withLock { (_) throws(Failure) in try change() }
  }

  private static func catchSignals() {
    if pipe.load(ordering: .acquiring) < 0 { watch() }
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        var byte = UInt8(number)
        _ = unsafe write(StopOnUnixSignal.pipe.load(ordering: .acquiring), &byte, 1)
      }
    }
  }

  static func stops(_ pid: Int32) { left.withLock { $0.server = pid } }

  static func forget() {
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    left.withLock { $0 = Left() }
  }

  private static func watch() {
    let pipe = Pipe()
    Self.pipe.store(pipe.fileHandleForWriting.fileDescriptor, ordering: .releasing)
    Thread {
      // Holds the pipe: its ends stay open.
      guard let number = pipe.fileHandleForReading.availableData.first else { return }
      withExtendedLifetime(pipe) { stop(by: Int32(number)) }
    }.start()
  }

  private static func stop(by number: Int32) {
    left.withLock { left in
      if let server = left.server { kill(server, SIGTERM) }
      left.undo?()
      if let directory = left.directory { try? FileManager.default.removeItem(at: directory) }
      _exit(128 + number)
    }
  }
}
