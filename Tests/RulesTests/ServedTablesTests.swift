import Foundation
import Rules
import Tables
import Testing

/// The tables of `ops/tables`: checked, tested and served like any deployment's.
@Suite struct ServedTablesTests {
  static let directory =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("ops/tables").path

  @Test func `the served tables have neither errors nor warnings`() {
    var set = TableDirectory.load(Self.directory)
    set.addWarnings()
    #expect(set.diagnostics == [])
    #expect(set.chains.map(\.key.trigger) == ["post-login", "pre-user-registration"])
    #expect(
      set.chains.map { $0.plan.tables.map(\.name) } == [
        ["post-login-guard", "post-login-bots", "post-login-step-up"], ["pre-user-registration"],
      ])
  }

  @Test func `every example of every table passes, the alternatives included`() throws {
    let tables = TableDirectory.loadAll([Self.directory]).flatMap(\.tables)
    #expect(tables.count >= 6)
    for table in tables {
      let results = try ExampleRunner.run(table)
      #expect(results.count >= 5, "\(table.file)")
      for result in results { #expect(result.passed, "\(result)") }
    }
  }

  @Test func `every example says where its values come from`() {
    for table in TableDirectory.loadAll([Self.directory]).flatMap(\.tables) {
      for example in table.examples {
        #expect(!example.source.isEmpty, "\(table.file):\(example.location.line)")
      }
    }
  }

  @Test func `the alternatives have no errors`() {
    let sets = TableDirectory.loadAll([Self.directory])
    #expect(sets.count == 2)
    #expect(sets.flatMap(\.diagnostics) == [])
  }
}
