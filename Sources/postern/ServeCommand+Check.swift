import Bundles
import Foundation
import Logging
import Rules
import Server
import Settings
import Tables
import TLS

/// `postern serve --check`.
extension ServeCommand {
  /// Says what is wrong with all that would be served.
  func report(on told: ServeSettings) throws {
    var problems = told.problems
    var warnings = told.warnings + told.server.warnings
    // Of a file that cannot be read nobody knows where its tables are.
    let namesTables = tables != nil || config == nil || told.file != nil
    if told.bundles.source == nil, namesTables {
      let triggers = TriggerRegistry(own: told.server.triggers).names
      let store = TableStore()
      let reloader = TableReloader(
        directory: told.server.tables, triggers: triggers, store: store)
      switch reloader.reload(force: true) {
      case .partly(_, let diagnostics), .refused(let diagnostics):
        problems += diagnostics.map(\.description)
      case .published, .unchanged: break
      }
    }
    var judgement: Result<BundleJudgement, any Error>?
    if let source = told.bundles.source {
      judgement = Result { try BundleJudgement(of: source, told) }
      if case .success(let judged)? = judgement {
        problems += judged.problems
        warnings += judged.warnings
      }
    }
    if let tls = told.server.tls {
      // What it would log is among what is printed.
      let logger = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
      do throws(TLSFileError) {
        let doors = try TLSDoors(
          tls, logger, TLSCounts(logger), now: { Int64(Date().timeIntervalSince1970) })
        problems += doors.ends.filter(\.isFatal).map(\.description)
        warnings += doors.ends.filter { !$0.isFatal }.map(\.description)
      } catch {
        problems.append("\(error)")
      }
    }
    if !json {
      for problem in problems { printError(problem) }
      for warning in warnings { printError("warning: \(warning)") }
    }
    // Behind the other problems: where a key cannot be read, that has been complained of, and this exits.
    _ = try judgement?.get()
    if json { try printJSON(CheckReport(ok: problems.isEmpty, problems: problems, warnings: warnings)) }
    guard problems.isEmpty else { throw ExitStatus.failed.code }
    if !json { print("\(config ?? "settings"): nothing wrong") }
  }

  private struct CheckReport: Encodable {
    var ok: Bool
    /// `file:line:column: error: what, and what to do`.
    var problems: [String]
    /// What is right and cannot have been meant, or should not last; or was not looked at.
    var warnings: [String]
  }
}
