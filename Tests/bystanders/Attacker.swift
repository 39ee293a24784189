import Foundation
import Synchronization
import TestSupport

/// A thread that attacks again and again, each time over a connection of its own, while it is told to.
///
/// It takes the processor time that nobody else wants: what a bystander notices is the server's doing,
/// not that of two processes on one core.
final class Attacker: Sendable {
  /// Its first failure: a connection that the server did not end as it should.
  struct WrongEnd: Error, CustomStringConvertible {
    let attack: String
    let code: UInt32?
    var description: String {
      "\(attack): the connection was not ended as it should be: "
        + (code.map { "a GOAWAY of code \($0)" } ?? "no GOAWAY")
    }
  }

  private let isOn = Atomic(false)
  private let isAtWork = Atomic(false)
  private let isOver = Atomic(false)
  private let ended = Atomic(0)
  private let failure = Mutex<(any Error)?>(nil)

  /// How many connections the server has ended.
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

  init(_ attack: Attack, on address: RawSocket.Address) {
    Thread {
      #if os(Linux)
        // Of this thread alone.
        if Self.isRealTime {
          var lowest = sched_param(sched_priority: 1)
          unsafe sched_setscheduler(0, SCHED_RR, &lowest)
        } else {
          setpriority(numericCast(PRIO_PROCESS.rawValue), 0, 19)
        }
      #endif
      while !self.isOver.load(ordering: .acquiring) {
        self.isAtWork.store(true, ordering: .sequentiallyConsistent)
        if self.isOn.load(ordering: .sequentiallyConsistent) { self.strike(attack, address) }
        self.isAtWork.store(false, ordering: .sequentiallyConsistent)
        if !self.isOn.load(ordering: .sequentiallyConsistent) { usleep(200) }
      }
    }.start()
  }

  private func strike(_ attack: Attack, _ address: RawSocket.Address) {
    do {
      let client = try RawClient(address, settings: attack.settings)
      if attack.isHostile {
        // The end may come in the middle.
        try? attack.send(client)
      } else {
        try attack.send(client)
      }
      client.socket.finishSending()
      try client.readToEnd()
      // ENHANCE_YOUR_CALM (RFC 9113 7), and for the honest what the end is answered with, if anything.
      guard attack.isHostile ? client.goAway?.code == 11 : client.goAway?.code ?? 0 == 0 else {
        throw WrongEnd(attack: attack.name, code: client.goAway?.code)
      }
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
