import Foundation
import Rules
import Tables
import Wire

/// Tables to serve in tests.
enum TestTables {
  struct Bad: Error { var diagnostics: [Diagnostic] }

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Those of `ops/tables`.
  static let served = TableDirectory.load(repository.appendingPathComponent("ops/tables").path)

  /// Those of `ops/tables`, and as many more as may take part in `post-login`: to explain them all keeps
  /// a loop busy for a while in any build.
  static func slow() throws -> TableSet { TableSet(served.tables + (try set(many(13))).tables) }

  /// Sources of tables that allow whoever comes, and read some signals for it.
  static func many(_ count: Int, tenant: String = "") -> [String] {
    let signals = [
      "akamaiUserRisk.score", "akamaiBot.botScore", "request.country", "request.path",
      "stats.loginsCount", "session.mfaRequired",
    ]
    return (0..<count).map { index in
      source(
        "post-login", tenant: tenant, settings: ["order: \(1000 + index)"], signals + ["verdict"],
        [["7", "7", "\"AQ\"", "\"/none\"", "7", "true", "deny"], Array(repeating: "-", count: 6) + ["allow"]])
    }
  }

  /// One table of `ops/tables/alternatives`, alone.
  static func alternative(_ name: String) -> TableSet {
    TableDirectory.load(files: [
      repository.appendingPathComponent("ops/tables/alternatives/\(name).table.md").path
    ])
  }

  static func publish(_ set: TableSet, to store: TableStore) throws {
    guard !set.diagnostics.hasErrors else { throw Bad(diagnostics: set.diagnostics) }
    var changes: [TableKey: CompiledChain?] = [:]
    for chain in set.chains { changes[chain.key] = try CompiledChain(chain.plan) }
    try store.publish(changes)
  }

  /// One table, from its rows: `source("post-login", ["rule", "verdict"], [["all", "allow"]])`.
  static func source(
    _ trigger: String, tenant: String = "", settings: [String] = [], _ columns: [String],
    _ rows: [[String]]
  ) -> String {
    var lines = ["---", "trigger: \(trigger)", "hitPolicy: FIRST", "mode: enforce"]
    if !tenant.isEmpty { lines.append("tenant: \(tenant)") }
    lines += settings + ["---", "", "# Test", "", "## Rules", ""]
    lines.append("| " + columns.joined(separator: " | ") + " |")
    lines.append("|" + columns.map { _ in "---|" }.joined())
    lines += rows.map { "| " + $0.joined(separator: " | ") + " |" }
    return lines.joined(separator: "\n") + "\n"
  }

  static func set(_ sources: String...) throws -> TableSet { try set(sources) }

  static func set(_ sources: [String]) throws -> TableSet {
    var tables: [Table] = []
    for (index, source) in sources.enumerated() {
      let (table, diagnostics) = TableReader.read(source, file: "test-\(index).table.md")
      guard let table else { throw Bad(diagnostics: diagnostics) }
      tables.append(table)
    }
    return TableSet(tables)
  }
}
