import Tables
import Wire

/// What a rule answers, or a table with all of its hits: two rules of one outcome differ in their
/// names only.
public struct RuleOutcome: Hashable, Encodable, Sendable {
  /// Empty for a decision model's.
  public var verdict: String
  /// By column: `reason`, `claim.NAME`. Of all hits, a list as an example's cell says it, or one
  /// number.
  public var outputs: [String: String]

  private enum CodingKeys: String, CodingKey { case verdict, outputs }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if !verdict.isEmpty { try container.encode(verdict, forKey: .verdict) }
    try container.encode(outputs, forKey: .outputs)
  }
}

extension Rule {
  var outcome: RuleOutcome {
    RuleOutcome(
      verdict: verdict.name,
      outputs: Dictionary(
        outputs.map { (OutputColumn($0).text, $0.value) }, uniquingKeysWith: { $1 }))
  }

  /// What it gives for an output; `nil` where its cell is empty, DMN's null.
  func value(of column: OutputColumn) -> String? {
    outputs.first { OutputColumn($0) == column }?.value
  }

  /// As regions and examples call it: `rule 3` where it has no name.
  var plainName: String { name.isEmpty ? "rule \(number)" : name }
}

extension [Rule] {
  /// The hit that gives the verdict: the first of the strongest.
  var deciding: Rule? {
    guard let strongest = map(\.verdict).max() else { return nil }
    return first { $0.verdict == strongest }
  }
}

extension Table {
  /// What the table answers with some hits, in their order; `nil` where there is none, or a model's null.
  func outcome(of hits: [Rule]) -> RuleOutcome? {
    if let answering { return answering.outcome(of: hits) }
    guard hitPolicy.isMultiHit else { return hits.first?.outcome }
    return hits.deciding.map {
      RuleOutcome(verdict: $0.verdict.name, outputs: exampleOutputs(of: hits))
    }
  }

  /// The outputs of some hits, as cells of an example.
  func exampleOutputs(of hits: [Rule]) -> [String: String] {
    guard hitPolicy.isMultiHit else {
      return (hits.first?.outcome.outputs ?? [:]).mapValues {
        $0.isEmpty ? "-" : TableDraft.outputCell($0)
      }
    }
    guard let first = hits.first else { return [:] }
    var cells: [String: String] = [:]
    for clause in outputs {
      let values = hits.map { $0.value(of: clause.column) }
      if isAggregated(clause) {
        cells[clause.column.text] = aggregate(values, isDefault: first.number == 0)
      } else if values.contains(where: { $0 != nil }) {
        let texts = values.map { $0.map(quoted) ?? Self.null }
        cells[clause.column.text] = texts.joined(separator: ", ")
      }
    }
    return cells
  }

  /// How a cell of an example says that a hit has no value.
  static let null = "null"

  /// One number of all hits' values; `nil`, as in DMN, where one of them is, and it is not counted. In the
  /// decimals of a reply: of doubles, 0.1 and 0.2 are not 0.3.
  private func aggregate(_ values: [String?], isDefault: Bool) -> String? {
    if hitPolicy == .collectCount, !isDefault { return String(values.count) }
    let numbers = values.compactMap { $0.flatMap(DecimalNumber.init) }
    let scale = numbers.map(\.scale).max() ?? 0
    let scaled = numbers.compactMap { $0.value(atScale: scale) }
    // Numbers that have no exact sum are refused where the table is compiled.
    guard scaled.count == values.count, let first = scaled.first else { return nil }
    let number =
      switch hitPolicy {
      case .collectMin: scaled.min() ?? first
      case .collectMax: scaled.max() ?? first
      default: scaled.reduce(0, &+)
      }
    return DecimalNumber.text(number, scale: scale)
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
  var style: HitStyle {
    switch self {
    case .unique: .disjoint
    case .any: .agreeing
    case .first, .priority: .ordered
    case .ruleOrder, .outputOrder, .collect, .collectSum, .collectMin, .collectMax, .collectCount:
      .all
    }
  }
}
