import Signals

/// Inputs of one column that stand for all others: one for each way in which its rules can match.
struct ColumnSamples {
  struct Sample {
    let signal: PlainSignal
    let rules: RuleBits
  }

  /// LIMIT: a list column of up to 8 members is looked at in all 256 combinations of them.
  private static let exhaustiveMemberCount = 8

  /// Values first, then states, without two of the same rules.
  let samples: [Sample]
  /// Whether every input has the rules of one of the samples. Where not, the samples still tell
  /// whether two cells overlap, and whether one holds the other.
  let isExhaustive: Bool

  init(_ column: CellColumn) {
    var isExhaustive = true
    var signals: [PlainSignal]
    switch column.signal.type {
    case .boolean: signals = [.boolean(true), .boolean(false)]
    case .enumeration: signals = column.signal.cases.indices.map(PlainSignal.enumeration)
    case .number: signals = Self.numbers(of: column)
    case .string: signals = ([column.textBesideMembers] + column.members).map(PlainSignal.text)
    case .address: signals = ([0] + column.starts).map(PlainSignal.address)
    case .list:
      let members = column.members
      isExhaustive = members.count <= Self.exhaustiveMemberCount
      let lists =
        isExhaustive
        ? Self.subsets(of: members) : [[]] + members.map { [$0] } + [members]
      signals = lists.map(PlainSignal.list)
    }
    signals += PlainSignal.states
    var seen: Set<RuleBits> = []
    samples = signals.compactMap { signal in
      let rules = column.rules(matching: signal)
      return seen.insert(rules).inserted ? Sample(signal: signal, rules: rules) : nil
    }
    self.isExhaustive = isExhaustive
  }

  private static func numbers(of column: CellColumn) -> [PlainSignal] {
    if let largest = column.signal.wholeMax {
      return (0...largest).map { .number(Double($0)) }
    }
    // Two boundaries may have no number between them: then a sample is not of its class.
    return CellColumn.samples(around: column.boundaries).map(PlainSignal.number)
  }

  /// Smallest first.
  private static func subsets(of members: [String]) -> [[String]] {
    (0..<(1 << members.count)).map { bits in
      members.indices.filter { bits >> $0 & 1 != 0 }.map { members[$0] }
    }.sorted { $0.count < $1.count }
  }
}

extension Table {
  /// An input as a person reads it: "`akamaiUserRisk.score` 95, `session.mfaRequired` absent".
  func text(of input: [PlainSignal]) -> String {
    if inputs.isEmpty { return "any input" }
    return zip(inputs, input).map { "`\($0.name)` \($1.text(for: $0))" }.joined(separator: ", ")
  }
}
