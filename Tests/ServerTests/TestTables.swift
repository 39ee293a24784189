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

  static func set(_ sources: String...) throws -> TableSet {
    var tables: [Table] = []
    for (index, source) in sources.enumerated() {
      let (table, diagnostics) = TableReader.read(source, file: "test-\(index).table.md")
      guard let table else { throw Bad(diagnostics: diagnostics) }
      tables.append(table)
    }
    return TableSet(tables)
  }
}
