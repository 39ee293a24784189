import Foundation
import Synchronization
import TestSupport

/// A crowd at its work, from a thread that gives way to all others.
final class CrowdThread: Sendable {
  private enum State {
    case connecting
    case attacking
    case failed(any Error)
  }

  private let state = Mutex(State.connecting)
  private let isOver = Atomic(false)
  private let hasLeft = Atomic(false)

  init(_ attack: Attack, on door: Door) {
    Thread {
      Attacker.giveWay()
      do {
        let crowd = try Crowd(attack, on: door)
        self.state.withLock { $0 = .attacking }
        while !self.isOver.load(ordering: .acquiring) { try crowd.step(parts: Crowd.spreadPartCount) }
        crowd.close()
      } catch {
        self.state.withLock { $0 = .failed(error) }
      }
      self.hasLeft.store(true, ordering: .releasing)
    }.start()
  }

  /// Returns when all are connected.
  func awaitStart() throws {
    while true {
      switch state.withLock({ $0 }) {
      case .connecting: usleep(1000)
      case .attacking: return
      case .failed(let error): throw error
      }
    }
  }

  /// Returns when all have left.
  func stop() {
    isOver.store(true, ordering: .releasing)
    while !hasLeft.load(ordering: .acquiring) { usleep(1000) }
  }
}
