import Foundation
import LoadGenerator

/// Does a scenario's actions when their time comes, while the load runs.
final class ActionClock {
  private let actions: [TableAction]
  private let tables: String
  private let pid: Int32?
  private var counts: [Int]

  init(_ actions: [TableAction], tables: String?, pid: Int32?) {
    self.actions = actions
    self.tables = tables ?? ""
    self.pid = pid
    counts = Array(repeating: 0, count: actions.count)
  }

  /// `seconds` since the load began.
  func tick(_ seconds: Double) throws {
    for (index, action) in actions.enumerated() {
      let next = Double(counts[index] + 1) * action.everySeconds
      guard seconds >= next else { continue }
      counts[index] += 1
      do {
        try action.perform(in: tables, serverPID: pid, number: counts[index])
      } catch {
        throw LoadFailure.broken("cannot change the tables in `\(tables)`: \(error.localizedDescription)")
      }
    }
  }

  /// Whether what was done could be seen: tables that were written anew have new versions.
  func check(_ measurement: LoadResult) throws {
    let rewrites = zip(actions, counts).reduce(0) { sum, pair in
      if case .rewrite = pair.0.change, pair.0.reloads { sum + pair.1 } else { sum }
    }
    guard rewrites > 1, measurement.tableVersions < 2 else { return }
    throw LoadFailure.broken(
      "tables were rewritten \(rewrites) times, and no reply came from a new version")
  }
}
