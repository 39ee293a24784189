import Foundation
import Signals
import Tables
import Testing
import Wire

@testable import Rules

/// Lists that a table names and keeps in files of their own.
@Suite struct ListTests {
  @Test func `cells name lists of texts and addresses beside other tests`() throws {
    try withTables([
      "t.table.md": table(
        lists: ["domains": "lists/domains.txt", "nets": "lists/nets.txt"],
        inputs: ["akamaiUserRisk.emailDomain", "request.ip", "authentication.methods"],
        rules: [
          ["in domains, \"x.example\", absent", "-", "-", "deny"],
          ["-", "not(in nets, 192.0.2.7)", "-", "mfa"],
          ["-", "in nets", "not(in domains)", "review"],
          ["-", "-", "-", "allow"],
        ]),
      "lists/domains.txt": "# Mail\n\nBad.example  # as seen\n\"a # b\"\npwd\n",
      "lists/nets.txt": "10.0.0.0/8\n2001:db8::/32\n",
    ]) { directory in
      let (table, diagnostics) = read(directory, "t.table.md")
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      let set = TableSet([try #require(table)])
      #expect(set.diagnostics.isEmpty)
      let decide = { (json: String) in try decidedRule(set, json) }
      let ip = "\"request.ip\": "
      let domain = "\"akamaiUserRisk.emailDomain\": "
      let methods = "\"authentication.methods\": "
      #expect(try decide("{\(domain)\"BAD.example\"}") == 1)
      #expect(try decide("{\(domain)\"a # b\"}") == 1)
      #expect(try decide("{\(domain)\"X.EXAMPLE\"}") == 1)
      #expect(try decide("{}") == 1)
      #expect(try decide("{\(domain)\"good.example\", \(ip)\"11.0.0.0\"}") == 2)
      #expect(try decide("{\(domain)\"good.example\", \(ip)\"192.0.2.7\"}") == 4)
      let inside = "\(domain)\"good.example\", \(ip)\"2001:db8:ffff::1\""
      #expect(try decide("{\(inside), \(methods)[\"sms\"]}") == 3)
      #expect(try decide("{\(inside), \(methods)[\"sms\", \"pwd\"]}") == 4)
    }
  }

  @Test func `a list of 100,000 members in one cell is one class and one row`() throws {
    let count = 100_000
    try withTables([
      "t.table.md": table(
        lists: ["users": "users.txt", "nets": "nets.txt"],
        inputs: ["user.id", "request.ip", "authentication.methods"],
        rules: [
          ["in users", "-", "-", "deny"], ["-", "in nets", "-", "mfa"],
          ["-", "-", "in users", "review"], ["-", "-", "-", "allow"],
        ]),
      "users.txt": (0..<count).map { "auth0|user-\($0)\n" }.joined(),
      "nets.txt": (0..<count).map { "10.\($0 >> 15 & 255).\($0 >> 7 & 255).\($0 << 1 & 255)\n" }
        .joined(),
    ]) { directory in
      let (table, diagnostics) = read(directory, "t.table.md")
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      let set = TableSet([try #require(table)])
      let columns = try #require(set.chains.first).plan.tables[0].columns
      #expect(columns.map(\.classRows.count) == [2, 2, 3])
      let users = "\"user.id\": "
      #expect(try decidedRule(set, "{\(users)\"auth0|user-99999\"}") == 1)
      #expect(try decidedRule(set, "{\(users)\"auth0|user-100000\"}") == 4)
      #expect(try decidedRule(set, "{\"request.ip\": \"10.3.13.62\"}") == 2)
      #expect(try decidedRule(set, "{\"request.ip\": \"10.3.13.63\"}") == 4)
      #expect(try decidedRule(set, "{\"authentication.methods\": [\"x\", \"auth0|user-7\"]}") == 3)
    }
  }

  @Test func `a list survives formatting and every format`() throws {
    try withTables([
      "t.table.md": table(
        lists: ["nets": "lists/nets.txt", "paths": "lists/paths.txt"],
        inputs: ["request.ip", "request.path"],
        rules: [["in nets,10.0.0.0/8", "not( in  paths )", "deny"], ["-", "-", "allow"]]),
      "lists/nets.txt": "192.0.2.0/24\n",
      "lists/paths.txt": "/a\n",
    ]) { directory in
      let file = directory.appendingPathComponent("t.table.md").path
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
      let original = try #require(TableReader.read(bytes, file: file).table)
      let formatted = try #require(TableFormatter.format(bytes, file: file).bytes)
      let text = String(decoding: formatted, as: UTF8.self)
      #expect(text.contains("| in nets, 10.0.0.0/8 | not(in paths) | deny"), "\(text)")
      for target in ["u.table.csv", "u.table.dmn", "u.table.md"] {
        let path = directory.appendingPathComponent(target).path
        let (converted, diagnostics) = TableConverter.convert(bytes, file: file, to: path)
        #expect(!diagnostics.hasErrors, "\(diagnostics)")
        let (table, found) = TableReader.read(try #require(converted), file: path)
        #expect(found.isEmpty, "\(target): \(found)")
        #expect(table?.lists == original.lists)
        #expect(table?.rules.map(\.cells) == original.rules.map(\.cells))
        let again = TableFormatter.format(try #require(converted), file: path)
        #expect(again.bytes != nil)
      }
    }
  }

  // MARK: Analysis

  @Test func `analysis speaks of lists in the words of cells`() throws {
    try withTables([
      "t.table.md": table(
        lists: ["a": "a.txt", "b": "b.txt"], inputs: ["request.path"],
        rules: [
          ["\"x\"", "mfa"], ["in a", "deny"], ["in a, in b", "review"], ["in b", "deny"],
        ]),
      "a.txt": "x\ny\n", "b.txt": "y\nz\n",
    ]) { directory in
      let table = try #require(read(directory, "t.table.md").table)
      let findings = table.findings().map(\.description).joined(separator: "\n")
      #expect(findings.contains("not(in a, in b)"), "\(findings)")
      #expect(table.findings().contains { $0.kind == .masked && $0.rules[0].number == 4 })
    }
  }

  @Test func `a difference names two versions of a list apart`() throws {
    let source = table(
      lists: ["a": "a.txt"], inputs: ["request.ip"], rules: [["in a", "deny"], ["-", "allow"]])
    try withTables(["t.table.md": source, "a.txt": "10.0.0.0/8\n"]) { directory in
      let before = try #require(read(directory, "t.table.md").table)
      try Data("10.0.0.0/8\n192.0.2.0/24\n".utf8)
        .write(to: directory.appendingPathComponent("a.txt"))
      let after = try #require(read(directory, "t.table.md").table)
      #expect(before.version != after.version)
      let difference = TableDifference(before, after)
      #expect(difference.changes.count == 1 && difference.isComplete)
      let cell = try #require(difference.changes.first?.region.cells.first)
      #expect(cell.contains("in a@") && cell.contains(" and not(in a@"), "\(cell)")
      #expect(difference.changes.first?.input.values == [.address(0xFFFF_C000_0200)])
      #expect(TableDifference(before, before).isEqual)
    }
  }

  @Test func `a table converted into another directory is told to take its lists along`() throws {
    let source = table(lists: ["a": "a.txt"], inputs: ["request.ip"], rules: [["in a", "deny"]])
    try withTables(["t.table.md": source, "a.txt": "::1\n"]) { directory in
      let file = directory.appendingPathComponent("t.table.md").path
      let found = TableConverter.convert(Array(source.utf8), file: file, to: "/there/t.table.csv")
      #expect(found.diagnostics.map(\.message).last?.hasSuffix("copy them to `/there/a.txt`") == true)
    }
  }
}

// MARK: Support

func withTables<Result>(
  _ files: [String: String], _ body: (URL) throws -> Result
) throws -> Result {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("lists-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: directory) }
  for (name, text) in files {
    let file = directory.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let end = text.hasSuffix("\n") ? "" : "\n"
    try Data((text + end).utf8).write(to: file)
  }
  return try body(directory)
}

private func table(lists: [String: String], inputs: [String], rules: [[String]]) -> String {
  let lines = lists.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }.joined()
  let rows = ([inputs + ["verdict"], (inputs + [""]).map { _ in "---" }] + rules).map {
    "| " + $0.joined(separator: " | ") + " |\n"
  }.joined()
  return "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\nlists:\n\(lines)---\n\n## Rules\n\n"
    + rows
}

private func read(_ directory: URL, _ name: String) -> (table: Table?, diagnostics: [String]) {
  let file = directory.appendingPathComponent(name).path
  guard case .success(let bytes) = TableDirectory.bytes(of: file) else { return (nil, ["none"]) }
  let (table, diagnostics) = TableReader.read(bytes, file: file)
  return (table, diagnostics.map { $0.description.replacing(directory.path + "/", with: "") })
}

/// The number of the rule that decides an input, as a server would evaluate it.
private func decidedRule(_ set: TableSet, _ json: String) throws -> Int {
  let (input, diagnostics) = InputParser(set.tables).parse(json: json, headers: [])
  let plan = set.chains[0].plan
  let encoded = EncodedInput(
    try #require(input, "\(diagnostics)"), for: plan.signals, of: set.chains[0].key)
  let chain = try CompiledChain(plan)
  var evaluator = Evaluator()
  try encoded.fill(&evaluator.vector, reading: chain.view.schema)
  let decision = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .allow)
  return decision.decidingHit.map { plan.tables[0].rules[Int(evaluator.hits[$0].rule)].number } ?? 0
}
