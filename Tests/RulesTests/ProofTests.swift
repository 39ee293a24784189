import Rules
import RulesOracle
import Signals
import Tables
import Testing
import Wire

/// The proof holds for what the compiler makes and for nothing else.
@Suite struct ProofTests {
  @Test(arguments: 0..<20)
  func `a compiled chain is proved equal to its source`(part: Int) throws {
    let seed = 0x9800F + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<30 {
      guard let tables = try randomTables(using: &random) else { continue }
      let plan = try #require(ChainCompiler.compile(tables).plan)
      let clustered = try CompiledChain(plan, clusteringFrom: 1)
      let counts = try ChainProof.prove(try CompiledChain(plan), equals: tables)
      #expect(try ChainProof.prove(clustered, equals: tables) == counts)
      #expect(counts.count == plan.tables.count, "seed \(seed)")
      for (table, counts) in zip(plan.tables, counts) {
        #expect(counts.rules == UInt64(table.rules.count))
        #expect(counts.columns == UInt64(table.columns.count))
        // The states of every column at least.
        #expect(counts.bits >= UInt64(3 * table.columns.count * table.rules.count))
      }
    }
  }

  @Test(arguments: 0..<20)
  func `a flip of any row, answer, mode, canary, role or policy fails the proof`(part: Int) throws {
    let seed = 0xF11B + UInt64(part)
    var random = SeededGenerator(seed: seed)
    var flipCount = 0
    var kinds: Set<Substring> = []
    while flipCount < 150 {
      guard var tables = try randomTables(anyPolicy: true, using: &random) else { continue }
      rollOut(&tables, using: &random)
      guard let plan = ChainCompiler.compile(tables).plan else { continue }
      guard !plan.tables.isEmpty else { continue }
      for _ in 0..<10 {
        var tampered = plan
        guard let what = flipAnything(in: &tampered, using: &random) else { continue }
        flipCount += 1
        let clusteredRuleCount = random.chance(50) ? 1 : Int.max
        guard let chain = try? CompiledChain(tampered, clusteringFrom: clusteredRuleCount) else {
          continue
        }
        // What a plan says and an image does not hold is nowhere read: the default of a table of one
        // hit, and whether an output that is added up is a number in lists.
        let untouched = try CompiledChain(plan, clusteringFrom: clusteredRuleCount)
        if [UInt8](copying: chain.image) == [UInt8](copying: untouched.image) {
          #expect(
            what.hasPrefix("default") || what.hasPrefix("plainness"), "seed \(seed): \(what)")
          continue
        }
        kinds.insert(what.split(separator: " ")[0])
        #expect(throws: ProofFailure.self, "seed \(seed): \(what)") {
          try ChainProof.prove(chain, equals: tables)
        }
      }
    }
    let common = ["mode", "rulemode", "canary", "rulecanary", "hits", "verdict", "output", "bit"]
    #expect(kinds.isSuperset(of: common.map { $0[...] }), "seed \(seed): \(kinds.sorted())")
  }

  @Test(arguments: Lookup.allCases)
  func `a lookup with another entry fails the proof`(lookup: Lookup) throws {
    let table = try #require(TableReader.read(lookupSource, file: "t.table.md").table)
    let plan = try #require(ChainCompiler.compile([table]).plan)
    _ = try ChainProof.prove(try CompiledChain(plan), equals: [table])
    var tampered = plan
    try #require(lookup.tamper(&tampered))
    let chain = try CompiledChain(tampered)
    #expect(throws: ProofFailure.self) { try ChainProof.prove(chain, equals: [table]) }
  }

  @Test(arguments: [1, Int.max])
  func `a flipped bit of an image is refused, fails the proof, or lies where nobody reads`(
    clusteredRuleCount: Int
  ) throws {
    let table = try #require(TableReader.read(lookupSource, file: "t.table.md").table)
    let plan = try #require(ChainCompiler.compile([table]).plan)
    let compiled = try CompiledChain(plan, clusteringFrom: clusteredRuleCount)
    let image = [UInt8](copying: compiled.image)
    let interpreter = Interpreter(tables: [table], fallback: .review)
    let seed: UInt64 = 0xB17
    var random = SeededGenerator(seed: seed)
    var passed = 0
    for bit in 0..<(image.count * 8) {
      var flipped = image
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let chain = try? loadedImage(flipped) else { continue }
      guard (try? ChainProof.prove(chain, equals: [table])) != nil else { continue }
      passed += 1
      let values = plan.signals.map { random.pick(RandomVocabulary.inputs(of: $0)) }
      let input = Dictionary(uniqueKeysWithValues: zip(plan.signals.map(\.name), values))
      let expected = interpreter.run(input)
      let verdict = try verdict(of: chain, values, plan)
      #expect(verdict == expected.verdict, "seed \(seed): bit \(bit) of \(image.count)")
    }
    // Gaps between aligned sections; the digest of the image covers them.
    #expect(passed < image.count * 8 / 4, "\(passed) of \(image.count * 8) bits are not proved")
  }

  @Test func `a certificate binds its image, its sources and what it states`() throws {
    let table = try #require(TableReader.read(lookupSource, file: "t.table.md").table)
    let set = TableSet([table])
    let source = ContentDigest(of: Array(lookupSource.utf8))
    let proven = try ProvenChain(set.chains[0], of: set, sources: ["t.table.md": source])
    let image = ContentDigest(of: proven.chain.image)
    let certificate = proven.certificate
    #expect(certificate.binds(image: image, sources: [source]))
    #expect(!certificate.binds(image: source, sources: [source]))
    #expect(!certificate.binds(image: image, sources: [image]))
    #expect(!certificate.binds(image: image, sources: []))
    var counts = certificate.counts
    counts.bits += 1
    let claimed = Certificate(
      statementVersion: Certificate.statementVersion, counts: counts, digest: certificate.digest)
    #expect(!claimed.binds(image: image, sources: [source]))
    let older = Certificate(
      statementVersion: Certificate.statementVersion - 1, counts: certificate.counts,
      digest: certificate.digest)
    #expect(!older.binds(image: image, sources: [source]))
  }

  @Test func `a rule's digest changes with what the rule says, not with a column that says nothing`() throws {
    func digests(_ header: String, _ row: String) throws -> [ContentDigest] {
      let dashes = String(repeating: "|---", count: header.split(separator: "|").count) + "|"
      let text = "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n\n"
        + "|\(header)|\n\(dashes)\n|\(row)|\n"
      let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
      return try #require(table, "\(diagnostics)").ruleDigests
    }
    let one = try digests("akamaiUserRisk.score | verdict", ">= 90 | mfa")
    #expect(try digests("akamaiUserRisk.score | request.country | verdict", ">= 90 | - | mfa") == one)
    #expect(try digests("akamaiUserRisk.score | verdict", "> 90 | mfa") != one)
    #expect(try digests("akamaiUserRisk.score | verdict", ">= 90 | deny") != one)
    #expect(try digests("akamaiUserRisk.score | verdict", "not(>= 90) | mfa") != one)
  }

  private func verdict(
    of chain: CompiledChain, _ values: [PlainSignal], _ plan: ChainPlan
  ) throws -> Verdict {
    var input = DecisionInput()
    input.signals = zip(plan.signals, values).map(DecisionInput.Entry.init)
    let encoded = EncodedInput(input, for: plan.signals, of: TableKey(trigger: "post-login"))
    var evaluator = Evaluator()
    try encoded.fill(&evaluator.vector, reading: chain.view.schema)
    return evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .review).verdict
  }
}

/// The chain of an image that is valid.
func loadedImage(_ image: [UInt8]) throws -> CompiledChain {
  let memory = unsafe try ImageMemory(byteCount: image.count) { target in
    unsafe image.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    return true
  }
  return try CompiledChain(try #require(memory))
}

/// One cell of each kind of column, one test each, so that every entry of a lookup matters.
private let lookupSource = """
  ---
  trigger: post-login
  hitPolicy: FIRST
  mode: enforce
  signals:
    shop.total: number
    shop.tags: list
  ---
  ## Rules

  | rule | akamaiUserRisk.score | session.mfaRequired | shop.total | request.ip | akamaiBot.type | shop.tags | verdict | reason |
  |------|----------------------|---------------------|------------|------------|----------------|-----------|---------|--------|
  | one  | >= 90                | -                   | -          | -          | -              | -         | mfa     | risk   |
  | two  | -                    | true                | >= 12.5    | -          | -              | -         | review  |        |
  | net  | -                    | -                   | -          | 10.0.0.0/8 | -              | -         | deny    | net    |
  | bot  | -                    | -                   | -          | -          | "a bot of many letters", "b" | - | deny | |
  | tag  | -                    | -                   | -          | -          | -              | "x", "y"  | revoke  |        |
  | last | -                    | -                   | 7          | -          | not("b")       | not("x")  | allow   |        |
  """

enum Lookup: CaseIterable {
  case direct, numbers, addresses, strings, list

  /// Changes one entry of the first lookup of this kind; `false` where there is none.
  func tamper(_ plan: inout ChainPlan) -> Bool {
    for index in plan.tables[0].columns.indices {
      let changed: Partition? =
        switch (self, plan.tables[0].columns[index].partition) {
        case (.direct, .direct(var classes)) where classes.count > 2:
          { classes[90] = classes[89]; return .direct(classes: classes) }()
        case (.numbers, .numbers(var boundaries)):
          { boundaries[1] = boundaries[1].nextUp; return .numbers(boundaries: boundaries) }()
        case (.addresses, .addresses(var starts, let classes)):
          { starts[0] += 1; return .addresses(starts: starts, classes: classes) }()
        case (.strings, .strings(var members, let classes)):
          { members[0] += "!"; return .strings(members: members, classes: classes) }()
        case (.list, .list(var members, let classes)):
          { members.swapAt(0, 1); return .list(members: members, classes: classes) }()
        default: nil
        }
      if let changed {
        plan.tables[0].columns[index].partition = changed
        return true
      }
    }
    return false
  }
}

/// The tables of a random chain; `nil` when UNIQUE rules overlap in one of them.
private func randomTables(
  anyPolicy: Bool = false, using random: inout SeededGenerator
) throws -> [Table]? {
  var tables: [Table] = []
  for index in 0...random.below(3) {
    let signals = Array(RandomVocabulary.signals.shuffled(using: &random).prefix(random.below(6)))
    let ruleCount = random.chance(10) ? 64 + random.below(137) : 1 + random.below(12)
    let source = RandomTable(
      order: index, ruleCount: ruleCount, signals: signals, anyPolicy: anyPolicy, using: &random)
    tables.append(try #require(TableReader.read(source.text, file: "t\(index).table.md").table))
  }
  return ChainCompiler.compile(tables).plan == nil ? nil : tables
}

/// Gives tables and rules modes and canaries, and makes candidates of some tables.
private func rollOut(_ tables: inout [Table], using random: inout SeededGenerator) {
  func canary() -> Canary? {
    random.chance(50)
      ? nil : Canary(basisPoints: 1 + random.below(9_999), key: random.pick(Canary.Key.allCases))
  }
  for table in tables.indices where tables[table].mode != .off {
    tables[table].canary = tables[table].mode == .enforce ? canary() : nil
    if table > 0, random.chance(30) {
      tables[table].shadow = .ofChain
      tables[table].canary = nil
    }
    for rule in tables[table].rules.indices where random.chance(30) {
      tables[table].rules[rule].mode = random.pick([.off, .audit, .advisory, .enforce])
      tables[table].rules[rule].canary = tables[table].rules[rule].mode == .enforce ? canary() : nil
    }
  }
}

/// Flips one bit of what a plan says; `nil` where the place it chose has none.
private func flipAnything(
  in plan: inout ChainPlan, using random: inout SeededGenerator
) -> String? {
  let table = random.below(plan.tables.count)
  let ruleCount = plan.tables[table].rules.count
  guard ruleCount > 0 else { return nil }
  let rule = random.below(ruleCount)
  if random.chance(50) { return flipRollout(of: table, rule, in: &plan, using: &random) }
  switch random.below(10) {
  case 0:
    let verdict = plan.tables[table].rules[rule].verdict
    plan.tables[table].rules[rule].verdict = random.pick(Verdict.allCases.filter { $0 != verdict })
    return "verdict of rule \(rule)"
  case 1:
    guard !plan.tables[table].rules[rule].outputs.isEmpty else { return nil }
    plan.tables[table].rules[rule].outputs[0].value += "!"
    return "output of rule \(rule)"
  case 2:
    plan.tables[table].rules[rule].number += 1
    return "number of rule \(rule)"
  case 3:
    plan.tables[table].version ^= 1
    return "version of table \(table)"
  default:
    guard !plan.tables[table].columns.isEmpty else { return nil }
    let column = random.below(plan.tables[table].columns.count)
    let stateRows = plan.tables[table].columns[column].stateRows.count
    let row = random.below(stateRows + plan.tables[table].columns[column].classRows.count)
    let bit = UInt64(1) << UInt64(rule % 64)
    if row < stateRows {
      plan.tables[table].columns[column].stateRows[row][rule / 64] ^= bit
    } else {
      plan.tables[table].columns[column].classRows[row - stateRows][rule / 64] ^= bit
    }
    return "bit of rule \(rule) in row \(row) of column \(column)"
  }
}

/// Flips how far a table or a rule counts, which rules are hits, or what becomes of their outputs.
private func flipRollout(
  of table: Int, _ rule: Int, in plan: inout ChainPlan, using random: inout SeededGenerator
) -> String? {
  let slots = plan.signals.indices.filter { plan.signals[$0].type == .string }
  func other<Value: Equatable>(_ value: Value, of values: [Value]) -> Value {
    random.pick(values.filter { $0 != value })
  }
  /// Another share, of another signal where there is one, or none; `nil` where nothing can be changed.
  func other(_ canary: CanaryPlan?) -> CanaryPlan?? {
    guard var changed = canary else {
      guard !slots.isEmpty else { return nil }
      return .some(CanaryPlan(slot: random.pick(slots), basisPoints: 1 + random.below(9_999)))
    }
    switch random.below(3) {
    case 0: return .some(nil)
    case 1: changed.basisPoints = changed.basisPoints == 1 ? 2 : changed.basisPoints - 1
    default:
      guard slots.count > 1 else { return nil }
      changed.slot = other(changed.slot, of: slots)
    }
    return changed
  }
  let modes = [Mode.audit, .advisory, .enforce]
  let text = plan.tables[table].rules[rule].outputs.first { [.claim, .metadata].contains($0.kind) }
  switch random.below(9) {
  case 0:
    plan.tables[table].mode = other(plan.tables[table].mode, of: modes)
    return "mode of table \(table)"
  case 1:
    plan.tables[table].rules[rule].mode = other(plan.tables[table].rules[rule].mode, of: modes)
    return "rulemode of rule \(rule)"
  case 2:
    guard let canary = other(plan.tables[table].canary) else { return nil }
    plan.tables[table].canary = canary
    return "canary of table \(table)"
  case 3:
    guard let canary = other(plan.tables[table].rules[rule].canary) else { return nil }
    plan.tables[table].rules[rule].canary = canary
    return "rulecanary of rule \(rule)"
  case 4:
    let roles = [TableRole.live, .shadowOfChain, .shadowOfTable(0), .shadowOfTable(1)]
    plan.tables[table].role = other(plan.tables[table].role, of: roles)
    return "role of table \(table)"
  case 5:
    plan.tables[table].hits = plan.tables[table].hits == .first ? .all : .first
    return "hits of table \(table)"
  case 6:
    plan.tables[table].hasDefault.toggle()
    return "default of table \(table)"
  case 7:
    guard plan.tables[table].hits == .all, let text else { return nil }
    let count = plan.tables[table].aggregations.count
    // How an output that no rule gives is added up changes nothing.
    let used = plan.tables[table].aggregations.firstIndex { $0.kind == text.kind && $0.name == text.name }
    if let index = used, random.chance(50) {
      let function = plan.tables[table].aggregations[index].function
      plan.tables[table].aggregations[index].function = other(function, of: [.sum, .min, .max])
    } else if count > 0 {
      plan.tables[table].aggregations.removeLast()
    } else {
      plan.tables[table].aggregations = [.init(kind: text.kind, name: text.name, function: .sum)]
    }
    return "aggregation of table \(table)"
  default:
    guard plan.tables[table].hits == .all, let text else { return nil }
    plan.tables[table].plainOutputs.formSymmetricDifference([OutputIdentity(text)])
    return "plainness of table \(table)"
  }
}
