import Rules
import Tables
import Testing
import Wire

/// The promise of `ops/tables`: a header that cannot be read is never better off than an honest one.
@Suite struct MalformedHeaderTests {
  private static let bots = [
    "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots",
    "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots:100:aggressive",
    "Unknown Bot (7B0E3E55A5C82C70F90BCAD94E19866A):monitor:Behavior Anomaly:60:strict",
    "Unknown Bot (A1):monitor:Behavior Anomaly:97:aggressive",
    "Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass",
  ]
  private static let risks = [
    "uuid=u;requestid=1;status=0;score=92;risk=unp:394089/M;trust=;allow=0;action=monitor",
    "uuid=u;requestid=1;status=2;score=80;general=do:MacOS 10.15;risk=vpn:true/H;trust=",
    "uuid=u;requestid=1;status=0;score=30;risk=;trust=utp:weekday_1;allow=0;action=none",
    "uuid=u;requestid=1;status=4;score=0;risk=;trust=;allow=0;action=monitor",
    "score=95;risk=udfp:1/H;trust=;allow=0;action=monitor",
  ]

  /// What a client may send to hide a part of what the edge adds.
  private static let forgedBots = ["Akamai-Categorized Bot (x):monitor:Web Search Engine Bots"]
  private static let forgedRisks = ["status=0;score=1;x=1", "status=0;score=1;username=", "username="]

  /// What may become of a header on its way, or be made of it. Each is a list of header values.
  private static func spoiled(_ value: String) -> [[String]] {
    let long = String(repeating: "x", count: 9000)
    let edits = [
      ("score=", "score=x"), ("score=9", "score=99"), ("score=", "score=1;score="), ("status=", "status=x"),
      ("status=", "state="), (";score=", ";points="), (":monitor:", ":monitor"), (" (", "("), ("):", ")"),
      (":97:", ":970:"), (":60:", ":060:"), (":100:", ":101:"), (":97:aggressive", ":97"),
      (":97:", ":970000:"), (":97:", ":x7:"), (":97:", ":9.7:"), (":97:", "::"), (":97:aggressive", ":97:"),
    ].compactMap { from, to in value.contains(from) ? [value.replacing(from, with: to)] : nil }
    return edits + [
      [value, value], [value + "\u{1}"], [value + long], ["", value], [value, ""],
      [value + ", x"], [value + ","], [value + ";"], ["x, " + value], [value + ":"],
    ]
  }

  @Test(arguments: ["post-login", "pre-user-registration"])
  func `no spoiled header has a weaker verdict, or owes less, than the header itself`(
    trigger: String
  ) throws {
    let chain = try ServedChain(trigger)
    var compared = 0
    for (field, values) in [(Field.akamaiBot, Self.bots), (.akamaiUserRisk, Self.risks)] {
      for value in values {
        let honest = try chain.decide(field, [value])
        for spoiled in Self.spoiled(value) {
          let reply = try chain.decide(field, spoiled)
          #expect(reply.verdict.rawValue >= honest.verdict.rawValue, "\(trigger): \(spoiled)")
          if honest.owes, reply.verdict == honest.verdict {
            #expect(reply.owes, "\(trigger): \(spoiled) owes nothing")
          }
          compared += 1
        }
      }
    }
    #expect(compared > 60)
  }

  /// A proxy may join a forged value and the edge's into one line.
  @Test(
    arguments: ["post-login", "pre-user-registration"],
    [(Field.akamaiBot, bots + forgedBots), (.akamaiUserRisk, risks + forgedRisks)])
  func `two headers joined in one line are no better off than the worse of them`(
    trigger: String, header: (field: Field, values: [String])
  ) throws {
    let chain = try ServedChain(trigger)
    for one in header.values {
      for other in header.values {
        let alone = [
          try chain.decide(header.field, [one]), try chain.decide(header.field, [other]),
        ].max { $0.verdict.rawValue < $1.verdict.rawValue }!
        for comma in [", ", ","] {
          let joined = try chain.decide(header.field, ["\(one)\(comma)\(other)"])
          #expect(joined.verdict.rawValue >= alone.verdict.rawValue, "\(trigger): \(one), \(other)")
          if alone.owes, joined.verdict == alone.verdict {
            #expect(joined.owes, "\(trigger): \(one), \(other) owes nothing")
          }
        }
      }
    }
  }
}

/// A chain of `ops/tables`, asked by headers alone.
private struct ServedChain {
  private let served: TableSet.Chain

  init(_ trigger: String) throws {
    let set = TableDirectory.load(ServedTablesTests.directory)
    served = try #require(set.chains.first { $0.key.trigger == trigger })
  }

  func decide(_ field: Field, _ values: [String]) throws -> DecisionReply {
    var input = DecisionInput()
    input.headers = values.map { .init(field: field, value: $0) }
    let encoded = EncodedInput(input, for: served.plan.signals, of: served.key)
    let compiled = try CompiledChain(served.plan)
    var evaluator = Evaluator()
    try encoded.fill(&evaluator.vector, reading: compiled.view.schema)
    let message = encoded.bytes.span
    let decision = evaluator.evaluate(compiled.view, in: message, fallback: .allow)
    var reply = ByteWriter()
    reply.beginMessage(.reply)
    compiled.view.write(decision, of: &evaluator, correlationID: 0, in: message, to: &reply)
    reply.finishMessage(decisionCount: 1)
    return try Reply(reading: reply.span).decisions[0]
  }
}

extension DecisionReply {
  fileprivate var owes: Bool { outputs.contains { $0.kind == .obligation && $0.value == "mfa-required" } }
}
