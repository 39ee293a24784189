/// How a table answers when more than one of its rules matches (DMN 8.2.10).
public enum HitPolicy: String, CaseIterable, Hashable, Sendable {
  /// No two rules may match the same input; an overlap is an error of the table.
  case unique = "UNIQUE"
  /// Rules that match the same input must answer the same; a conflict is an error of the table.
  case any = "ANY"
  /// The rule whose outputs stand first in the lists of output values; of equals, the first.
  case priority = "PRIORITY"
  /// The first rule in the order of the source.
  case first = "FIRST"
  /// Every rule that matches, in the order of the source.
  case ruleOrder = "RULE ORDER"
  /// Every rule that matches, in the order of PRIORITY.
  case outputOrder = "OUTPUT ORDER"
  /// Every rule that matches, in the order of the source.
  case collect = "COLLECT"
  /// As `collect`; each number output is the sum of the rules' values.
  case collectSum = "COLLECT SUM"
  /// As `collect`; each number output is the least of the rules' values.
  case collectMin = "COLLECT MIN"
  /// As `collect`; each number output is the greatest of the rules' values.
  case collectMax = "COLLECT MAX"
  /// As `collect`; each claim and metadata entry is how many of the rules have a value for it.
  case collectCount = "COLLECT COUNT"

  /// By DMN's name or its letters.
  init?(name: String) {
    guard let policy = Self.allCases.first(where: { $0.rawValue == name || $0.letters == name })
    else { return nil }
    self = policy
  }

  /// As DMN writes it into a table's corner.
  public var letters: String {
    switch self {
    case .unique: "U"
    case .any: "A"
    case .priority: "P"
    case .first: "F"
    case .ruleOrder: "R"
    case .outputOrder: "O"
    case .collect: "C"
    case .collectSum: "C+"
    case .collectMin: "C<"
    case .collectMax: "C>"
    case .collectCount: "C#"
    }
  }

  /// Whether every rule that matches is a hit, and each output a list or an aggregate of theirs.
  public var isMultiHit: Bool {
    switch self {
    case .unique, .any, .priority, .first: false
    case .ruleOrder, .outputOrder, .collect, .collectSum, .collectMin, .collectMax, .collectCount:
      true
    }
  }

  /// Whether the lists of output values give the order of the hits.
  public var isByPriority: Bool { self == .priority || self == .outputOrder }
}
