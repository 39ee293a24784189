import Foundation
import Synchronization

/// Sees to it that a server of ours does not outlive us when we are interrupted.
enum StopOnUnixSignal {
  /// The server's process; 0 for none.
  private static let child = Atomic<Int32>(0)

  static func stops(_ pid: Int32) {
    child.store(pid, ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        let pid = StopOnUnixSignal.child.load(ordering: .sequentiallyConsistent)
        if pid > 0 { kill(pid, SIGTERM) }
        _exit(128 + number)
      }
    }
  }

  static func forget(_ pid: Int32) {
    child.store(0, ordering: .sequentiallyConsistent)
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
