import Foundation
import LoadGenerator

/// Does a scenario's actions when their time comes, while the loads run.
final class ActionClock {
  private let actions: [TableAction]
  private let tables: String
  private let pid: Int32?
  /// Of this load.
  private var counts: [Int]
  /// When tables of this load were rewritten and reloaded, and how long it has run.
  private var rewrites: [Double] = []
  private var seconds = 0.0
  /// Of all loads, so that no text comes again.
  private var changes = 0

  init(_ actions: [TableAction], tables: String?, pid: Int32?) {
    self.actions = actions
    self.tables = tables ?? ""
    self.pid = pid
    counts = Array(repeating: 0, count: actions.count)
  }

  /// Another load begins.
  func restart() {
    counts = Array(repeating: 0, count: actions.count)
    rewrites = []
    seconds = 0
  }

  /// `seconds` since the load began.
  func tick(_ seconds: Double) throws {
    self.seconds = seconds
    for (index, action) in actions.enumerated() {
      let next = Double(counts[index] + 1) * action.everySeconds
      guard seconds >= next else { continue }
      counts[index] += 1
      changes += 1
      do {
        try StopOnUnixSignal.waiting {
          try action.perform(in: tables, serverPID: pid, number: changes)
        }
      } catch {
        let what = action.file.map { "change `\(tables)/\($0)`" } ?? "reload `\(tables)`"
        throw LoadFailure.broken("cannot \(what): \(error.localizedDescription)")
      }
      if case .rewrite = action.change, action.reloads { rewrites.append(seconds) }
    }
  }

  /// Sees to it that tables which others serve are as they were when this is over, by a Unix signal as well.
  func undoAtEnd() {
    let rewrites = actions.filter { if case .rewrite = $0.change { true } else { false } }
    guard !rewrites.isEmpty else { return }
    let (tables, pid) = (tables, pid)
    StopOnUnixSignal.undoes {
      for action in rewrites {
        do {
          try action.undo(in: tables, serverPID: pid)
        } catch {
          complain("loadgen: cannot undo its changes in `\(tables)`: \(error.localizedDescription)")
        }
      }
    }
  }

  /// Whether what was done could be seen: tables that were written anew have new versions.
  func check(_ measurement: LoadResult) throws {
    let wanted = TableAction.versionsToSee(rewrites: rewrites, loadSeconds: seconds)
    guard wanted > 1, measurement.tableVersions < wanted else { return }
    throw LoadFailure.broken(
      "tables were rewritten \(rewrites.count) times, and replies came from \(measurement.tableVersions)"
        + " versions, not from \(wanted) or more: reloads are lost, or take longer than a second")
  }
}
