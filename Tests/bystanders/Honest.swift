import Foundation
import HonestClients
import Synchronization
import TestSupport

/// Clients with every habit that resembles an attack, all at once, each on a thread of its own.
enum Honest {
  /// LIMIT: behind each hundred requests: all together ask some ten thousand times a second, a fraction of what a
  /// core decides. What a server refuses that has too much to do is another matter.
  private static let pauseSeconds = 0.2

  /// Asks for so long. Returns what went wrong, a line each, and how many answers came.
  static func run(_ address: RawSocket.Address, seconds: Double) -> (complaints: [String], answerCount: Int) {
    let end = ContinuousClock.now + .seconds(seconds)
    let found = Mutex<(complaints: [String], answerCount: Int)>(([], 0))
    let all = DispatchGroup()
    func start(_ name: String, _ body: @escaping @Sendable () throws -> (answerCount: Int, complaint: String?)) {
      all.enter()
      Thread.detachNewThread {
        let result = Result(catching: body)
        found.withLock {
          switch result {
          case .success(let done):
            $0.answerCount += done.answerCount
            if let complaint = done.complaint { $0.complaints.append("\(name): \(complaint)") }
          case .failure(let error): $0.complaints.append("\(name): \(error)")
          }
        }
        all.leave()
      }
    }
    for habit in HonestHabit.allCases {
      start(habit.rawValue) {
        let load = try HonestLoad(habit, address, pauseSeconds: pauseSeconds)
        try load.run(until: end)
        // Whatever came last may have been a good-bye.
        let stream = try load.client.send(Attack.ping)
        let isServed = try load.client.response(on: stream).status == 200
        let isGood = isServed && load.client.goAway == nil && load.failureCount == 0 && load.answerCount > 0
        let said = load.client.goAway.map { "GOAWAY of code \($0.code)" } ?? "no GOAWAY"
        let wrong = "\(load.failureCount) of \(load.answerCount) answers wrong, by \(load.wrongStatuses.sorted())"
        return (load.answerCount, isGood ? nil : "\(wrong), \(said)")
      }
    }
    for habit in SlowHabit.allCases {
      start(habit.rawValue) { (try habit.run(address, until: end), nil) }
    }
    all.wait()
    return found.withLock { $0 }
  }
}
