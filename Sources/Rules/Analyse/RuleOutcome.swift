import Wire

/// What a rule answers: two rules of one outcome differ in their names only.
public struct RuleOutcome: Hashable, Encodable, Sendable {
  public var verdict: String
  /// By column: `reason`, `claim.NAME`.
  public var outputs: [String: String]
}

extension Rule {
  var outcome: RuleOutcome {
    RuleOutcome(
      verdict: verdict.name,
      outputs: Dictionary(
        outputs.map { (columnName($0.kind, $0.name), $0.value) }, uniquingKeysWith: { $1 }))
  }
}

/// The column of an output.
func columnName(_ kind: OutputKind, _ name: String) -> String {
  switch kind {
  case .claim: "claim.\(name)"
  case .metadata: "metadata.\(name)"
  default: "\(kind)"
  }
}

/// What a hit policy makes of rules that match the same input, for an analysis.
enum HitStyle {
  /// There are none.
  case disjoint
  /// They answer the same.
  case agreeing
  /// The first of an order decides.
  case ordered
  /// All of them answer.
  case all
}

extension HitPolicy {
  /// By DMN's name.
  var style: HitStyle {
    switch rawValue {
    case "UNIQUE": .disjoint
    case "ANY": .agreeing
    case "FIRST", "PRIORITY": .ordered
    default: .all
    }
  }
}
