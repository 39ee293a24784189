/// What is wrong with a DMN file, and where.
public struct DMNProblem: Error, Sendable, Hashable, Encodable, CustomStringConvertible {
  public enum Severity: String, Sendable, Encodable { case error, warning }

  public var file: String
  /// Counted from 1.
  public var line: Int
  /// Counted from 1.
  public var column: Int
  public var severity: Severity
  /// What is wrong and what to do, lower-case and without a final stop.
  public var message: String
  /// The name of the decision, knowledge model or input that cannot be used because of this; nil where
  /// it is the whole file.
  public var element: String?

  public init(
    file: String, at position: SourcePosition, severity: Severity = .error, element: String? = nil,
    _ message: String
  ) {
    self.file = file
    self.line = position.line
    self.column = position.column
    self.severity = severity
    self.element = element
    self.message = message.count > 600 ? message.prefix(600) + "…" : message
  }

  /// Says that there are more problems than are told. It is the whole file's: what is not told may be the
  /// only fault of another element.
  static func more(file: String, at position: SourcePosition) -> DMNProblem {
    DMNProblem(
      file: file, at: position,
      "more than \(DMNLimits.problemCountMax) problems; correct the others first")
  }

  /// `file:line:column: error: what, and what to do`.
  public var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(message)".onOneLine }
}
