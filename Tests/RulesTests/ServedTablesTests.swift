import Foundation
import Rules
import Signals
import Tables
import Testing
import Wire

/// The tables of `ops/tables`: checked, tested and served like any deployment's.
@Suite struct ServedTablesTests {
  static let directory =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("ops/tables").path

  @Test func `the served tables have neither errors nor warnings`() {
    let set = TableDirectory.load(Self.directory)
    #expect(set.diagnostics + set.tables.flatMap { $0.warnings() } == [])
    #expect(set.chains.map(\.key.trigger) == ["post-login", "pre-user-registration"])
    #expect(
      set.chains.map { $0.plan.tables.map(\.name) } == [
        ["post-login-guard", "post-login-bots", "post-login-step-up"], ["pre-user-registration"],
      ])
  }

  @Test func `a login without proof is denied, and by tables that say nothing of it decided as any`() throws {
    for chain in TableDirectory.load(Self.directory).chains {
      let verdict = try CompiledChain(chain.plan).verdictWithoutProof(chain.key, fallback: .allow)
      #expect(verdict == .deny, "\(chain.key)")
    }
    let source = """
      ---
      trigger: post-login
      hitPolicy: FIRST
      mode: enforce
      ---
      ## Rules
      | rule | akamaiUserRisk.score | request.ip | verdict |
      |---|---|---|---|
      | risky | >= 90 | - | deny |
      | near | - | 10.0.0.0/8 | review |
      """
    let table = try #require(TableReader.read(source, file: "t.table.md").table)
    let chain = try #require(TableSet([table]).chains.first)
    #expect(try CompiledChain(chain.plan).verdictWithoutProof(chain.key, fallback: .mfa) == .mfa)
  }

  @Test func `a table's source has a digest as long as its file is there`() throws {
    let tables = TableDirectory.load(Self.directory).tables
    let digests = tables.map { $0.currentSourceDigest() }
    #expect(!digests.contains(nil) && digests == tables.map { $0.currentSourceDigest() })
    #expect(digests.first != digests.last)
    let source = "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n| verdict |\n|---|\n| mfa |\n"
    let table = try #require(TableReader.read(source, file: "/gone/t.table.md").table)
    #expect(table.currentSourceDigest() == nil)
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

  @Test func `every table is in its canonical spelling`() throws {
    for file in try TableDirectory.files(under: Self.directory) {
      let bytes = try TableDirectory.bytes(of: file).get()
      #expect(TableFormatter.format(bytes, file: file).bytes == bytes, "\(file)")
    }
  }

  @Test func `every example says where its values come from`() {
    for table in TableDirectory.loadAll([Self.directory]).flatMap(\.tables) {
      for example in table.examples {
        #expect(!example.source.isEmpty, "\(table.file):\(example.location.line)")
      }
    }
  }

  @Test func `the alternatives have neither errors nor warnings`() {
    let sets = TableDirectory.loadAll([Self.directory])
    #expect(sets.count == 2)
    for set in sets { #expect(set.diagnostics + set.tables.flatMap { $0.warnings() } == []) }
  }

  /// An example of a post-login table that is made of headers alone, and what the chain says to it.
  private static let chainVerdicts: [(table: String, example: String, Verdict, by: String)] = [
    ("post-login-guard", "no header at all", .allow, "post-login-guard"),
    ("post-login-bots", "search engine", .allow, "post-login-guard"),
    ("post-login-bots", "unknown bot, strict", .mfa, "post-login-bots"),
    ("post-login-bots", "bot of our own list", .review, "post-login-bots"),
    ("post-login-guard", "no telemetry", .mfa, "post-login-guard"),
    ("post-login-guard", "scored, full profile", .allow, "post-login-guard"),
    ("post-login-guard", "scored, no profile yet", .allow, "post-login-guard"),
    ("post-login-guard", "scored low, no profile yet", .allow, "post-login-guard"),
    ("post-login-guard", "score without status", .mfa, "post-login-guard"),
    ("post-login-guard", "user name adds a score", .mfa, "post-login-guard"),
    ("post-login-bots", "says search engine, is aggressive", .deny, "post-login-bots"),
    ("post-login-guard", "torture", .mfa, "post-login-guard"),
    ("post-login-step-up", "above", .mfa, "post-login-step-up"),
  ]

  @Test func `the post-login chain decides on the captured headers`() throws {
    let set = TableDirectory.load(Self.directory)
    let served = try #require(set.chains.first { $0.key.trigger == "post-login" })
    let chain = try CompiledChain(served.plan)
    var evaluator = Evaluator()
    for (tableName, name, verdict, decidingName) in Self.chainVerdicts {
      let table = try #require(set.tables.first { $0.name == tableName })
      let example = try #require(table.examples.first { $0.name == name }, "\(name)")
      let input = EncodedInput(example.input, for: served.plan.signals, of: served.key)
      try input.fill(&evaluator.vector, reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: input.bytes.span, fallback: .revoke)
      let hit = decision.decidingHit.map { evaluator.hits[$0] }
      #expect(decision.verdict == verdict, "\(name)")
      #expect(hit.map { served.plan.tables[Int($0.table)].name } == decidingName, "\(name)")
    }
  }
}

extension CompiledChain {
  /// The verdict on a login without the proof that its tenant requires, and of which nothing else is known:
  /// the signals of the edge's headers are `unverified`, all others `absent`.
  fileprivate func verdictWithoutProof(_ key: TableKey, fallback: Verdict) throws(WireError) -> Verdict {
    let (tenant, trigger) = (Array(key.tenant.utf8), Array(key.trigger.utf8))
    var writer = RequestWriter()
    writer.beginDecision(tenant: tenant.span, trigger: trigger.span, correlationID: 0)
    writer.endDecision()
    writer.finish()
    let message = [UInt8](copying: writer.bytes.span)
    var request = DecisionRequest()
    var reader = try RequestReader(message.span)
    _ = try reader.next(into: &request)
    var evaluator = Evaluator()
    evaluator.vector.fill(from: &request, in: message.span, reading: view.schema, isUnproven: true)
    return evaluator.evaluate(view, in: message.span, fallback: fallback).verdict
  }
}
