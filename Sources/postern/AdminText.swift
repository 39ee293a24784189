import Admin
import Foundation
import Wire

/// What `postern admin` prints for a person.
enum AdminText {
  static func status(_ status: AdminReport.Status) -> String {
    var rows = [["tenant", "trigger", "serial", "published", "state", "tables"]]
    for chain in status.chains {
      rows.append([
        name(chain.tenant), chain.trigger, chain.served.map { "\($0.serial)" } ?? "-",
        chain.served.map { time($0.time) } ?? "-", state(of: chain),
        tables(of: chain.served, killed: chain.killedTables),
      ])
    }
    return status.chains.isEmpty
      ? "nothing is published"
      : grid(rows) + more(status.omitted, "chains") + restartNote(status)
  }

  /// What a restart would do to kills and pins, where there are any, or would bring any back.
  private static func restartNote(_ status: AdminReport.Status) -> String {
    if let reason = status.notKept {
      return "\na restart brings back older kills and pins: these could not be written down (\(reason));"
        + " mend that, and give the last command again"
    }
    guard status.chains.contains(where: { $0.killed || $0.pinned || !$0.killedTables.isEmpty }) else {
      return ""
    }
    return status.survivesRestart
      ? "\nkills and pins are kept for a restart"
      : "\na restart ends kills and pins: start the server with --state DIR to keep them"
  }

  static func versions(_ versions: AdminReport.Versions) -> String {
    let served = versions.chain.served?.serial
    var rows = [["serial", "published", "", "tables"]]
    for version in versions.versions {
      let mark = version.serial == served ? (versions.chain.pinned ? "served, pinned" : "served") : ""
      rows.append(["\(version.serial)", time(version.time), mark, tables(of: version, killed: [])])
    }
    return grid(rows)
  }

  static func statistics(_ statistics: AdminReport.Statistics) -> String {
    if statistics.chains.isEmpty { return "nothing has been decided" }
    return statistics.chains.map(chain).joined(separator: "\n\n")
      + more(statistics.omitted, "chains")
  }

  static func done(_ done: AdminReport.Done) -> String { done.done }

  private static func chain(_ chain: AdminReport.ChainStatistics) -> String {
    let tenant = chain.tenant.isEmpty ? "" : " of tenant \(chain.tenant)"
    let decisions = counted(Int(clamping: chain.decisions), "decision")
    var text = "\(chain.trigger)\(tenant), version \(chain.serial): \(decisions)"
    for table in chain.tables {
      if let shadow = table.shadow {
        text += "\n\n" + matrix(shadow, of: table.name)
        continue
      }
      text += "\n\n\(table.name) (\(mode(table.mode, table.canaryPercent))): gave the verdict of"
        + " \(table.decided), \(table.enforced) hits enforced, \(table.wouldBe) not\n"
      var rows = [["rule", "name", "verdict", "enforced", "would be"]]
      for rule in table.rules {
        rows.append([
          rule.number == 0 ? "default" : "\(rule.number)", rule.name, rule.verdict,
          "\(rule.enforced)", "\(rule.wouldBe)",
        ])
      }
      text += grid(rows) + more(table.omitted, "rules without hits")
    }
    return text
  }

  /// Live verdicts down, those of the candidate across.
  private static func matrix(_ shadow: AdminReport.Shadow, of name: String) -> String {
    let sides = ["none"] + Verdict.allCases.map(\.name)
    let total = shadow.outcomes.reduce(0) { $0 + $1.count }
    let equal = shadow.outcomes.reduce(0) { $0 + ($1.live == $1.shadow ? $1.count : 0) }
    var rows = [["live \\ shadow"] + sides]
    for live in sides {
      rows.append(
        [live] + sides.map { side in
          let outcome = shadow.outcomes.first { $0.live == live && $0.shadow == side }
          return "\(outcome?.count ?? 0)"
        })
    }
    return "\(name) (shadow of \(shadow.of.map { "table \($0)" } ?? "the chain")): says the same in"
      + " \(equal) of \(total) decisions\n" + grid(rows)
  }

  private static func state(of chain: AdminReport.Chain) -> String {
    var parts: [String] = []
    if chain.killed { parts.append("killed") }
    if chain.pinned { parts.append("pinned, newest \(chain.newestSerial)") }
    if chain.pinLost == true { parts.append("its rollback is lost, newest served: roll back or resume") }
    if chain.served == nil { parts.append("removed") }
    return parts.isEmpty ? "served" : parts.joined(separator: ", ")
  }

  private static func tables(of version: AdminReport.Version?, killed: [String]) -> String {
    guard let version else { return "-" }
    if version.tables.isEmpty { return "none" }
    return version.tables.map { table in
      let mode = killed.contains(table.name) ? "killed" : mode(table.mode, table.canaryPercent)
      return "\(table.name) (\(mode)) \(table.version.prefix(8))"
    }.joined(separator: ", ")
  }

  /// As a table's source says it: `canary 10%`, `canary 0.5%`.
  private static func mode(_ name: String, _ canaryPercent: Double?) -> String {
    guard let canaryPercent else { return name }
    // `10.0`, but `0.5`.
    let percent = "\(canaryPercent)"
    return "\(name) \(percent.hasSuffix(".0") ? String(percent.dropLast(2)) : percent)%"
  }

  private static func name(_ tenant: String) -> String { tenant.isEmpty ? "(default)" : tenant }

  private static func time(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }

  private static func more(_ count: Int, _ what: String) -> String {
    count == 0 ? "" : "\n\(count) more \(what) are not shown"
  }

  /// Rows of aligned columns; those that hold numbers only are aligned to the right.
  static func grid(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let isNumeric = rows[0].indices.map { column in
      rows.dropFirst().allSatisfy { UInt64($0[column]) != nil }
    }
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumeric[column] ? space + row[column] : row[column] + space
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
