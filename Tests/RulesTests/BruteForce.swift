import RulesOracle
import Signals
import Wire

@testable import Rules

/// What a rule answers, as its source says it.
struct Answer: Hashable {
  let verdict: Verdict
  let outputs: [String]

  init(_ rule: Rule) {
    verdict = rule.verdict
    outputs = rule.outputs.map { "\($0.kind) \($0.name) \($0.value)" }
  }
}

/// Every input of a small table that its cells can tell apart, one of each: found by trying, not by
/// the analyser's classes.
struct BruteForce {
  let table: Table
  /// By column: inputs at, just below and just above every edge of a cell.
  let edges: [[PlainSignal]]
  /// By column: one edge of each way in which the column's cells can match.
  let samples: [[PlainSignal]]
  let inputs: [[PlainSignal]]
  /// By input: the indexes of the rules that match.
  let matches: [[Int]]

  /// `nil` where the inputs are more than a test should look at.
  init?(_ table: Table, inputCountMax: Int = 6000) {
    self.table = table
    var edges: [[PlainSignal]] = []
    var samples: [[PlainSignal]] = []
    for (column, signal) in table.inputs.enumerated() {
      let cells = table.rules.map { $0.cells[column] }
      guard let found = Self.edges(of: cells, signal) else { return nil }
      var seen: Set<[Bool]> = []
      edges.append(found)
      samples.append(
        found.filter { edge in
          let state = PlainSignal.states.map { $0 == edge }
          return seen.insert(cells.map { $0.matches(edge) } + state).inserted
        })
    }
    self.edges = edges
    self.samples = samples
    guard samples.reduce(1, { $0 * $1.count }) <= inputCountMax else { return nil }
    var inputs: [[PlainSignal]] = [[]]
    for column in samples { inputs = inputs.flatMap { input in column.map { input + [$0] } } }
    self.inputs = inputs
    matches = inputs.map { Self.rules(of: table, matching: $0) }
  }

  static func rules(of table: Table, matching input: [PlainSignal]) -> [Int] {
    table.rules.indices.filter { rule in
      zip(table.rules[rule].cells, input).allSatisfy { $0.matches($1) }
    }
  }

  private static func edges(of cells: [UnaryTests], _ signal: Signal) -> [PlainSignal]? {
    let tests = cells.flatMap { $0.tests }
    var values: [PlainSignal] = []
    switch signal.type {
    case .boolean: values = [.boolean(true), .boolean(false)]
    case .enumeration: values = signal.cases.indices.map(PlainSignal.enumeration)
    case .number:
      if let largest = signal.wholeMax {
        values = (0...largest).map { .number(Double($0)) }
      } else if signal.scale != .plain {
        let limits = signal.scale.limits
        // Of moments and spans there is always one between; half a second is as good as any.
        let step = [.seconds, .dateTime].contains(signal.scale) ? 0.5 : 1.0
        var numbers = [limits.lowerBound, limits.upperBound]
        for case .number(let interval) in tests {
          for end in [interval.lower, interval.upper] { numbers += [end - step, end, end + step] }
        }
        values = numbers.filter(limits.contains).map(PlainSignal.number)
      } else {
        var numbers = [0, -Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude]
        var ends: [Double] = []
        for case .number(let interval) in tests { ends += [interval.lower, interval.upper] }
        for end in ends where end.isFinite { numbers += [end.nextDown, end, end.nextUp] }
        values = numbers.map(PlainSignal.number)
      }
    case .address:
      var addresses: [UInt128] = [0, .max]
      for case .addresses(let block) in tests {
        addresses += [
          block.lowerBound &- 1, block.lowerBound, block.upperBound, block.upperBound &+ 1,
        ]
      }
      values = addresses.map(PlainSignal.address)
    case .string, .list:
      var texts: Set<ExactText> = []
      for case .text(let text) in tests { texts.insert(text) }
      let named = texts.map(\.string).sorted() + ["none of them"]
      if signal.type == .string {
        values = named.map(PlainSignal.text)
      } else {
        if named.count > 7 { return nil }
        values = (0..<(1 << named.count)).map { bits in
          .list(named.indices.filter { bits >> $0 & 1 != 0 }.map { named[$0] })
        }
      }
    }
    return PlainSignal.states + values
  }
}

extension Region {
  /// Whether an input lies in the region, by reading its cells as a table's reader would.
  func contains(_ input: [PlainSignal], of signals: [Signal]) throws -> Bool {
    for (cell, (signal, value)) in zip(cells, zip(signals, input)) {
      if try !Self.matches(cell, value, signal) { return false }
    }
    return true
  }

  static func matches(_ cell: String, _ value: PlainSignal, _ signal: Signal) throws -> Bool {
    for either in cell.split(separator: " or ") {
      var isMatch = true
      // Cells of members are joined; the name of a type has the word too.
      for part in signal.type == .list ? either.split(separator: " and ") : [either] {
        let tests = try CellParser.parse(String(part), for: signal)
        isMatch = isMatch && tests.matches(value)
      }
      if isMatch { return true }
    }
    return false
  }
}

extension Table {
  /// A random table of few answers, so that rules repeat one another; some of one verdict differ in a reason.
  static func random(
    _ hitPolicy: HitPolicy, signals: [Signal], ruleCount: Int,
    using random: inout SeededGenerator
  ) -> Table {
    let reason = OutputColumn("reason")!
    let rules = (1...ruleCount).map { number in
      Rule(
        number: number,
        cells: signals.map { signal in
          // As often `-` as in the tables that people write.
          random.chance(20) ? .any : RandomCell(for: signal, using: &random).tests
        },
        verdict: random.pick([.allow, .mfa]),
        outputs: random.chance(60) ? [] : [reason.output(random.pick(["x", "y"]))],
        location: SourceLocation(line: 10 + number, column: 1))
    }
    return Table(
      file: "t.table.md", name: "t", trigger: "post-login", hitPolicy: hitPolicy, mode: .enforce,
      version: 1, inputs: signals, verdictValues: hitPolicy.isByPriority ? [.mfa, .allow] : [],
      outputs: [OutputClause(reason)], rules: rules)
  }
}
