import Foundation
import Synchronization

/// Sees to it that a server of ours, and its copy of the tables, do not outlive us when we are interrupted.
enum StopOnUnixSignal {
  private struct Left {
    var server: Int32?
    var directory: URL?
  }

  private static let left = Mutex(Left())
  /// Where the handler, which may do little else, writes the signal's number.
  private static let pipe = Atomic<Int32>(-1)

  static func removes(_ directory: URL) {
    left.withLock { $0.directory = directory }
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
      if let directory = left.directory { try? FileManager.default.removeItem(at: directory) }
      _exit(128 + number)
    }
  }
}
