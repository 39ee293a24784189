/// How a table answers when more than one of its rules matches (DMN 8.2.10).
public enum HitPolicy: String, CaseIterable, Sendable {
  /// No two rules may match the same input; an overlap is an error of the table.
  case unique = "UNIQUE"
  /// The first rule in the order of the source.
  case first = "FIRST"

  /// By DMN's name or its first letter.
  init?(name: String) {
    guard let policy = Self.allCases.first(where: { $0.rawValue == name || $0.letter == name })
    else { return nil }
    self = policy
  }

  private var letter: String { String(rawValue.prefix(1)) }
}
