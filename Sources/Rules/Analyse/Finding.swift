import Signals

/// What an analysis says of a table, with the part of the input space that it is about and one
/// concrete input of that part.
public struct Finding: Sendable {
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// Inputs that no rule matches.
    case gap
    /// A signal's state without a value that no rule decides.
    case undecidedState
    /// Two rules of a UNIQUE table that match the same input.
    case overlap
    /// Two rules of an ANY table that match the same input and answer differently.
    case conflict
    /// A rule that earlier ones leave nothing to match.
    case masked
    /// A rule that an earlier one of another answer shadows in part: neither holds the other.
    case misleading
    /// A rule without which every decision would be the same, since a wider one answers the same.
    case subsumed
    /// A rule without which every decision would be the same, though no single one says it all.
    case redundant
    /// Rules that could be one.
    case contractible
    /// Another hit policy says the same and promises more.
    case hitPolicy
    /// A rule that is there twice, or decisions that hang on the order of rules.
    case firstNormalForm
    /// A column that no decision needs.
    case secondNormalForm
    /// A rule that an earlier table of the chain never lets anything through to.
    case unreachable
    /// What applies to a part of the traffic only, because of a canary or an audited rule.
    case partial
    /// Inputs that no table of a chain decides.
    case undecidedByChain
    /// The budget of steps did not suffice to tell.
    case notDecided
    case noExamples
  }

  public enum Severity: String, Codable, Sendable {
    /// The table is refused.
    case error
    /// The table can be served, and is probably not what its author meant.
    case warning
    /// What could be said more simply.
    case info
  }

  /// A rule, as its source calls it.
  public struct RuleName: Codable, Hashable, Sendable {
    public var file: String
    /// Counted from 1.
    public var number: Int
    /// Empty where it has none.
    public var name: String
    public var line: Int
  }

  public var kind: Kind
  public var severity: Severity
  public var file: String
  public var location: SourceLocation
  /// What, and what to do.
  public var message: String
  /// Those it is about, the one to change first.
  public var rules: [RuleName]
  public var regions: [Region]
  /// Whether the regions are all there are.
  public var isComplete: Bool
  /// An input of the first region that shows it.
  public var input: Witness?

  public var diagnostic: Diagnostic? {
    switch severity {
    case .error: Diagnostic(.error, file: file, at: location, message)
    case .warning: Diagnostic(.warning, file: file, at: location, message)
    case .info: nil
    }
  }
}

extension Finding: CustomStringConvertible {
  /// The line of a diagnostic, the regions as a table below it, and an input.
  public var description: String {
    var lines = [
      "\(file):\(location.line):\(location.column): \(severity.rawValue): \(message)"
    ]
    if !regions.isEmpty { lines += Region.lines(regions).map { "    " + $0 } }
    if !isComplete, !regions.isEmpty { lines.append("    (and more regions)") }
    if let input { lines.append("    for example --input '\(input.json)'") }
    return lines.joined(separator: "\n")
  }
}

extension Finding: Encodable {
  private enum Key: String, CodingKey {
    case kind, severity, file, line, column, message, rules, regions, complete, input, example
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(severity, forKey: .severity)
    try container.encode(file, forKey: .file)
    try container.encode(location.line, forKey: .line)
    try container.encode(location.column, forKey: .column)
    try container.encode(message, forKey: .message)
    try container.encode(rules, forKey: .rules)
    try container.encode(regions, forKey: .regions)
    try container.encode(isComplete, forKey: .complete)
    if let input {
      try container.encode(input, forKey: .input)
      try container.encode(input.exampleCells, forKey: .example)
    }
  }
}

extension Rule {
  func name(in file: String) -> Finding.RuleName {
    Finding.RuleName(file: file, number: number, name: name, line: location.line)
  }
}
