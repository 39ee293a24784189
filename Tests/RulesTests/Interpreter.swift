import Rules
import Signals
import Wire

/// The oracle: evaluates a chain of tables rule by rule and cell by cell, by the words of the
/// design. It knows nothing of slots, partitions or bits.
struct Interpreter {
  /// What a chain says of one input.
  struct Outcome: Equatable {
    var verdict: Verdict
    var wouldBe: Verdict
    var mode: Mode
    var flags: ReplyFlags
    /// The table and the rule's number that gave the verdict; empty and 0 where none did.
    var table: String
    var rule: Int
    var outputs: [Key: String]
  }

  struct Key: Hashable {
    var kind: OutputKind
    var name: String
  }

  /// In the order in which they run.
  let tables: [Table]
  /// The verdict when no rule of an enforced table matches.
  let fallback: Verdict

  /// `input` holds signals by name; one that is missing is absent.
  func run(_ input: [String: PlainSignal]) -> Outcome {
    let tables = self.tables.filter { $0.mode != .off }
    let enforced = hits(among: tables.filter { $0.mode == .enforce }, input)
    let imagined = hits(among: tables, input)

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
    outcome.wouldBe = imagined.map(\.rule.verdict).max() ?? outcome.verdict
    return outcome
  }

  private typealias Hit = (table: Table, rule: Rule)

  /// One hit for each table that has one, up to the first that stops the chain.
  private func hits(among tables: [Table], _ input: [String: PlainSignal]) -> [Hit] {
    var hits: [Hit] = []
    for table in tables {
      guard let rule = hit(of: table, input) else { continue }
      hits.append((table, rule))
      if rule.verdict == .deny || rule.verdict == .revoke { break }
    }
    return hits
  }

  private func hit(of table: Table, _ input: [String: PlainSignal]) -> Rule? {
    let values = table.inputs.map { input[$0.name] ?? .absent }
    return table.rules.first { matches($0, of: table, values) }
  }

  /// The indexes of all rules that match an input, given by input of the table.
  func rules(of table: Table, matching values: [PlainSignal]) -> [Int] {
    table.rules.indices.filter { matches(table.rules[$0], of: table, values) }
  }

  private func matches(_ rule: Rule, of table: Table, _ values: [PlainSignal]) -> Bool {
    rule.cells.indices.allSatisfy { index in
      matches(rule.cells[index], values[index], foldingCase: table.inputs[index].foldsCase)
    }
  }

  private func outputs(of hits: [Hit], deciding: Hit) -> [Key: String] {
    var outputs: [Key: String] = [:]
    for hit in hits {
      for output in hit.rule.outputs {
        outputs[Key(kind: output.kind, name: output.name)] = output.value
      }
    }
    for output in deciding.rule.outputs where [.reason, .code, .message].contains(output.kind) {
      outputs[Key(kind: output.kind, name: "")] = output.value
    }
    outputs[Key(kind: .table, name: "")] = deciding.table.name
    if !deciding.rule.name.isEmpty { outputs[Key(kind: .rule, name: "")] = deciding.rule.name }
    return outputs
  }

  private func flags(_ tables: [Table], _ input: [String: PlainSignal]) -> ReplyFlags {
    let states = tables.flatMap(\.inputs).map { (input[$0.name] ?? .absent).state }
    var flags: ReplyFlags = []
    if states.contains(.invalid) { flags.insert(.invalidSignal) }
    if states.contains(.unverified) { flags.insert(.unverifiedSignal) }
    return flags
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
