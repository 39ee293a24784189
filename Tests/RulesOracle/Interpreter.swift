import Rules
import Signals
import Wire

/// The oracle: evaluates a chain of tables rule by rule and cell by cell, by the words of the
/// design. It knows nothing of slots, partitions or bits.
package struct Interpreter {
  /// What a chain says of one input.
  package struct Outcome: Equatable {
    package var verdict: Verdict
    package var wouldBe: Verdict
    package var mode: Mode
    package var flags: ReplyFlags
    /// The table and the rule's number that gave the verdict; empty and 0 where none did.
    package var table: String
    package var rule: Int
    package var outputs: [Key: Value]

    package init(
      verdict: Verdict, wouldBe: Verdict, mode: Mode, flags: ReplyFlags, table: String, rule: Int,
      outputs: [Key: Value]
    ) {
      self.verdict = verdict
      self.wouldBe = wouldBe
      self.mode = mode
      self.flags = flags
      self.table = table
      self.rule = rule
      self.outputs = outputs
    }
  }

  /// What an output says: a text of one rule; where all rules that match are hits, their values in
  /// order, nil for an empty cell, or one number made of them.
  package enum Value: Equatable {
    case text(String)
    case list([String?])
    /// Numbers or booleans as they stand.
    case plain([String?])
    case number(Double)
  }

  package struct Key: Hashable {
    package var kind: OutputKind
    package var name: String

    package init(kind: OutputKind, name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// In the order in which they run.
  package let tables: [Table]
  /// The verdict when no rule of an enforced table matches.
  package let fallback: Verdict

  package init(tables: [Table], fallback: Verdict) {
    self.tables = tables
    self.fallback = fallback
  }

  /// `input` holds signals by name; one that is missing is absent.
  package func run(_ input: [String: PlainSignal]) -> Outcome {
    let tables = self.tables.filter { $0.mode != .off }.map { table in
      var table = table
      if let canary = table.canary, !isIn(canary, of: table, input) { table.mode = .audit }
      return table
    }
    let (enforced, imagined) = said(by: tables, input)

    var outcome = Outcome(
      verdict: .allow, wouldBe: .allow, mode: tables.map(\.mode).max(by: isWeaker) ?? .off,
      flags: flags(tables, input), table: "", rule: 0, outputs: [:])
    if let strongest = enforced.map(\.rule.verdict).max() {
      let deciding = enforced.first { $0.rule.verdict == strongest }!
      outcome.verdict = strongest
      outcome.table = deciding.table.name
      outcome.rule = deciding.rule.number
      outcome.outputs = outputs(of: enforced, deciding: deciding)
    } else if tables.contains(where: { $0.mode == .enforce }) {
      outcome.verdict = fallback
      outcome.flags.insert(.noMatch)
    }
    outcome.wouldBe = imagined.max() ?? outcome.verdict
    return outcome
  }

  /// What one table says: the rule that gave its verdict, and its outputs.
  package struct Answer {
    package var table: Table
    package var rule: Rule
    package var outputs: [Key: Value]
  }

  /// What counts of each table, and the verdicts that there would be if all counted. Either ends behind a
  /// table that stops the chain; what would be ends with what is.
  private func said(
    by tables: [Table], _ input: [String: PlainSignal]
  ) -> (enforced: [Answer], imagined: [Verdict]) {
    var enforced: [Answer] = []
    var imagined: [Verdict] = []
    for table in tables {
      let values = table.inputs.map { input[$0.name] ?? .absent }
      if !imagined.contains(where: stops), let verdict = answer(of: table, values)?.rule.verdict {
        imagined.append(verdict)
      }
      guard let answer = enforcedAnswer(of: table, values, input) else { continue }
      enforced.append(answer)
      if stops(answer.rule.verdict) { break }
    }
    return (enforced, imagined)
  }

  private func stops(_ verdict: Verdict) -> Bool { verdict == .deny || verdict == .revoke }

  /// A table's answer to an input given by input of the table, as if all its rules counted that are not off;
  /// `nil` where none matches.
  package func answer(of table: Table, _ values: [PlainSignal]) -> Answer? {
    answer(of: table, matching: rules(of: table, matching: values).map { table.rules[$0] })
  }

  /// The answer of those rules that are enforced for a login: one that is only watched hides none of them.
  private func enforcedAnswer(
    of table: Table, _ values: [PlainSignal], _ input: [String: PlainSignal]
  ) -> Answer? {
    guard table.mode == .enforce else { return nil }
    let matching = rules(of: table, matching: values).map { table.rules[$0] }
    let counted = matching.filter { rule in
      guard rule.mode ?? .enforce == .enforce else { return false }
      return rule.canary.map { isIn($0, of: table, input) } ?? true
    }
    return answer(of: table, matching: counted)
  }

  private func answer(of table: Table, matching: [Rule]) -> Answer? {
    let isDefault = matching.isEmpty
    let rules = isDefault ? [table.defaultRule].compactMap(\.self) : matching
    switch table.hitPolicy {
    case .unique, .any, .first:
      return rules.first.map { single($0, of: table) }
    case .priority:
      return byPriority(rules, of: table).first.map { single($0, of: table) }
    case .ruleOrder, .collect, .collectSum, .collectMin, .collectMax, .collectCount:
      return all(rules, of: table, isDefault: isDefault)
    case .outputOrder:
      return all(byPriority(rules, of: table), of: table, isDefault: isDefault)
    }
  }

  private func single(_ rule: Rule, of table: Table) -> Answer {
    var outputs: [Key: Value] = [:]
    for output in rule.outputs {
      outputs[Key(kind: output.kind, name: output.name)] = .text(output.value)
    }
    return Answer(table: table, rule: rule, outputs: outputs)
  }

  private func all(_ hits: [Rule], of table: Table, isDefault: Bool) -> Answer? {
    guard let strongest = hits.map(\.verdict).max() else { return nil }
    var outputs: [Key: Value] = [:]
    for clause in table.outputs {
      let texts = hits.map { rule in value(of: clause, in: rule) }
      let key = Key(kind: clause.column.kind, name: clause.column.name)
      let isNull = texts.allSatisfy { $0 == nil }
      outputs[key] = isNull ? nil : clause.type == .string ? .list(texts) : .plain(texts)
      // One null makes null of a sum, a minimum and a maximum; count counts it (DMN 10.3.4.4).
      let numbers = texts.contains(nil) ? nil : texts.map { Double($0!) ?? 0 }
      let isNamed = clause.column.kind == .claim || clause.column.kind == .metadata
      switch table.hitPolicy {
      case .collectSum where clause.type == .number:
        outputs[key] = numbers.map { .number($0.reduce(0, +)) }
      case .collectMin where clause.type == .number:
        outputs[key] = numbers.map { .number($0.min()!) }
      case .collectMax where clause.type == .number:
        outputs[key] = numbers.map { .number($0.max()!) }
      case .collectCount where isNamed:
        outputs[key] = isDefault ? numbers.map { .number($0[0]) } : .number(Double(hits.count))
      default: break
      }
    }
    let deciding = hits.first { $0.verdict == strongest }!
    return Answer(table: table, rule: deciding, outputs: outputs)
  }

  /// By the place of each output in its list of values, where it has one, the verdict's first; rules
  /// of one priority in the order of the source.
  private func byPriority(_ rules: [Rule], of table: Table) -> [Rule] {
    func places(_ rule: Rule) -> [Int] {
      var places: [Int] = []
      if let place = table.verdictValues.firstIndex(of: rule.verdict) { places.append(place) }
      for clause in table.outputs where !clause.values.isEmpty {
        let value = value(of: clause, in: rule)
        places.append(value.map { clause.values.firstIndex(of: $0)! } ?? clause.values.count)
      }
      return places
    }
    return rules.enumerated().sorted { a, b in
      for (first, second) in zip(places(a.element), places(b.element)) where first != second {
        return first < second
      }
      return a.offset < b.offset
    }.map(\.element)
  }

  private func value(of clause: OutputClause, in rule: Rule) -> String? {
    rule.outputs.first { $0.kind == clause.column.kind && $0.name == clause.column.name }?.value
  }

  /// The indexes of all rules that match an input, given by input of the table, without those that are off.
  package func rules(of table: Table, matching values: [PlainSignal]) -> [Int] {
    table.rules.indices.filter {
      table.rules[$0].mode != .off && matches(table.rules[$0], of: table, values)
    }
  }

  private func matches(_ rule: Rule, of table: Table, _ values: [PlainSignal]) -> Bool {
    rule.cells.indices.allSatisfy { index in
      matches(rule.cells[index], values[index], foldingCase: table.inputs[index].foldsCase)
    }
  }

  private func outputs(of answers: [Answer], deciding: Answer) -> [Key: Value] {
    var outputs: [Key: Value] = [:]
    for answer in answers { outputs.merge(answer.outputs) { _, later in later } }
    for (key, value) in deciding.outputs where [.reason, .code, .message].contains(key.kind) {
      outputs[key] = value
    }
    outputs[Key(kind: .table, name: "")] = .text(deciding.table.name)
    if !deciding.rule.name.isEmpty {
      outputs[Key(kind: .rule, name: "")] = .text(deciding.rule.name)
    }
    return outputs
  }

  private func flags(_ tables: [Table], _ input: [String: PlainSignal]) -> ReplyFlags {
    let canaries = tables.flatMap { [$0.canary] + $0.rules.map(\.canary) }
    let names = tables.flatMap(\.inputs).map(\.name) + canaries.compactMap { $0?.key.rawValue }
    let states = names.map { (input[$0] ?? .absent).state }
    var flags: ReplyFlags = []
    if states.contains(.invalid) { flags.insert(.invalidSignal) }
    if states.contains(.unverified) { flags.insert(.unverifiedSignal) }
    return flags
  }

  /// Whether a login is in a canary. One without a key is not; one whose key is no good is: else a broken
  /// key would be a way past.
  private func isIn(
    _ canary: Canary, of table: Table, _ input: [String: PlainSignal]
  ) -> Bool {
    if canary.basisPoints == Canary.basisPointsMax { return true }
    switch input[canary.key.rawValue] ?? .absent {
    case .absent: return false
    case .text(let text):
      let mixed = ((hash(text) ^ hash(table.name)) &* 0x9E37_79B9_7F4A_7C15) >> 32
      return Int((mixed * 10_000) >> 32) < canary.basisPoints
    default: return true
    }
  }

  private func hash(_ text: String) -> UInt64 {
    let bytes = Array(text.utf8)
    return stringHash(
      bytes.span, ByteRange(offset: 0, count: bytes.count), foldingCase: false)
  }

  private func isWeaker(_ a: Mode, _ b: Mode) -> Bool { a.rawValue < b.rawValue }

  // MARK: Cells

  private func matches(_ cell: UnaryTests, _ signal: PlainSignal, foldingCase: Bool) -> Bool {
    switch signal {
    case .absent: return cell.states.contains(.absent)
    case .invalid: return cell.states.contains(.invalid)
    case .unverified: return cell.states.contains(.unverified)
    default: break
    }
    switch cell.values {
    case .any: return true
    case .none: return false
    case .anyOf(let tests): return tests.contains { passes($0, signal, foldingCase) }
    case .noneOf(let tests): return tests.allSatisfy { !passes($0, signal, foldingCase) }
    }
  }

  private func passes(_ test: UnaryTest, _ signal: PlainSignal, _ foldingCase: Bool) -> Bool {
    switch (test, signal) {
    case (.number(let interval), .number(let number)):
      if number < interval.lower || number > interval.upper { return false }
      if number == interval.lower { return interval.includesLower }
      if number == interval.upper { return interval.includesUpper }
      return true
    case (.text(let wanted), .text(let text)): return same(wanted.string, text, foldingCase)
    case (.text(let wanted), .list(let texts)):
      return texts.contains { same(wanted.string, $0, foldingCase) }
    case (.boolean(let wanted), .boolean(let boolean)): return wanted == boolean
    case (.enumeration(let wanted), .enumeration(let index)): return wanted == index
    case (.addresses(let block), .address(let address)):
      return block.lowerBound <= address && address <= block.upperBound
    default: return false
    }
  }

  /// ASCII case aside, where the signal folds it.
  private func same(_ a: String, _ b: String, _ foldingCase: Bool) -> Bool {
    foldingCase ? lowercased(a) == lowercased(b) : Array(a.utf8) == Array(b.utf8)
  }

  private func lowercased(_ text: String) -> [UInt8] {
    text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
  }
}
