import Foundation
import Synchronization
import TestSupport

/// A thread that does a thing to a server again and again, while it is told to.
///
/// It takes the processor time that nobody else wants: what a bystander notices is the server's doing,
/// not that of two processes on one core.
final class Attacker: Sendable {
  private let isOn = Atomic(false)
  private let isAtWork = Atomic(false)
  private let isOver = Atomic(false)
  private let ended = Atomic(0)
  private let failure = Mutex<(any Error)?>(nil)

  /// How often it was done.
  var count: Int { ended.load(ordering: .acquiring) }

  /// Whether this process goes before all that is not in a hurry: then what it measures is not what else
  /// runs on the machine.
  static var isRealTime: Bool {
    #if os(Linux)
      sched_getscheduler(0) == SCHED_RR
    #else
      false
    #endif
  }

  init(_ strike: @escaping @Sendable () throws -> Void) {
    Thread {
      Self.giveWay()
      while !self.isOver.load(ordering: .acquiring) {
        self.isAtWork.store(true, ordering: .sequentiallyConsistent)
        if self.isOn.load(ordering: .sequentiallyConsistent) { self.run(strike) }
        self.isAtWork.store(false, ordering: .sequentiallyConsistent)
        if !self.isOn.load(ordering: .sequentiallyConsistent) { usleep(200) }
      }
    }.start()
  }

  /// Leaves the processor to all other threads that want it.
  static func giveWay() {
    #if os(Linux)
      // Of this thread alone.
      if isRealTime {
        var lowest = sched_param(sched_priority: 1)
        unsafe sched_setscheduler(0, SCHED_RR, &lowest)
      } else {
        setpriority(numericCast(PRIO_PROCESS.rawValue), 0, 19)
      }
    #endif
  }

  private func run(_ strike: () throws -> Void) {
    do {
      try strike()
      ended.add(1, ordering: .releasing)
    } catch {
      failure.withLock { $0 = $0 ?? error }
      isOn.store(false, ordering: .sequentiallyConsistent)
    }
  }

  func begin() { isOn.store(true, ordering: .sequentiallyConsistent) }

  /// Returns when the last attack is over. Throws what went wrong.
  func pause() throws {
    isOn.store(false, ordering: .sequentiallyConsistent)
    while isAtWork.load(ordering: .sequentiallyConsistent) { usleep(200) }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  func stop() {
    isOn.store(false, ordering: .sequentiallyConsistent)
    isOver.store(true, ordering: .releasing)
  }
}
