import DMN

/// A place in a table source, for people: both count from 1, columns in characters.
public struct SourceLocation: Codable, Comparable, Hashable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The first character of a file.
  public static let start = SourceLocation(line: 1, column: 1)

  public static func < (a: SourceLocation, b: SourceLocation) -> Bool {
    (a.line, a.column) < (b.line, b.column)
  }
}

/// What is wrong with a table source, where, and what to do about it.
public struct Diagnostic: Codable, CustomStringConvertible, Hashable, Sendable {
  public enum Severity: String, Codable, Sendable {
    /// The table is refused.
    case error
    /// The table can be served, and is probably not what its author meant.
    case warning
  }

  public var severity: Severity
  public var file: String
  public var line: Int
  public var column: Int
  public var message: String

  public init(
    _ severity: Severity = .error, file: String, at location: SourceLocation, _ message: String
  ) {
    self.severity = severity
    self.file = file
    line = location.line
    column = location.column
    self.message = message
  }

  public var location: SourceLocation { SourceLocation(line: line, column: column) }

  /// `file:line:column: error: what, and what to do`.
  public var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(message)".onOneLine }
}

extension [Diagnostic] {
  public var hasErrors: Bool { contains { $0.severity == .error } }

  /// By file and place; those of one place stay in the order in which they were found.
  func sorted() -> [Diagnostic] {
    enumerated().sorted {
      ($0.element.file, $0.element.location, $0.offset)
        < ($1.element.file, $1.element.location, $1.offset)
    }.map(\.element)
  }
}
