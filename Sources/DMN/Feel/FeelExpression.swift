/// A parsed FEEL expression.
indirect enum FeelExpression: Sendable {
  case value(FeelValue)
  /// The text of an at literal that is no date, time or duration. The grammar lets it be: its value is null.
  case noTemporal(String)
  case name(String)
  /// `?`: the value that a unary test tests.
  case tested
  case path(FeelExpression, String)
  case list([FeelExpression])
  case context([(key: String, value: FeelExpression)])
  case range(FeelExpression?, lowClosed: Bool, FeelExpression?, highClosed: Bool)
  case function([Parameter], body: FeelExpression)
  /// With the place of its first character, where the text has one.
  case call(FeelExpression, [FeelExpression], at: SourcePosition?)
  case namedCall(FeelExpression, [(name: String, value: FeelExpression)], at: SourcePosition?)
  case negate(FeelExpression)
  case binary(Operator, FeelExpression, FeelExpression)
  case between(FeelExpression, low: FeelExpression, high: FeelExpression)
  case contained(FeelExpression, tests: [FeelExpression])
  case instance(FeelExpression, of: FeelType)
  case conditional(FeelExpression, then: FeelExpression, otherwise: FeelExpression)
  case iterate([Iterator], body: FeelExpression)
  case quantified(isEvery: Bool, [Iterator], condition: FeelExpression)
  case filter(FeelExpression, condition: FeelExpression)
  /// `< 5` as a test of `?`.
  case comparison(Operator, FeelExpression)
  /// Unary tests, any of which has to hold; `not(...)` where negated.
  case tests([FeelExpression], isNegated: Bool)
  /// `-`
  case anything

  struct Iterator: Sendable {
    var name: String
    var domain: FeelExpression
    /// The other end of `1..n`.
    var end: FeelExpression?
  }

  enum Operator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case power = "**"
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and
    case or
  }

  /// Whether `?` is used.
  var usesTested: Bool {
    contains { if case .tested = $0 { true } else { false } }
  }

  /// Whether a name is used.
  func uses(_ name: String) -> Bool {
    contains { if case .name(name) = $0 { true } else { false } }
  }

  /// The names that are used, those that it defines itself included.
  var names: Set<String> {
    var names: Set<String> = []
    _ = contains {
      if case .name(let name) = $0 { names.insert(name) }
      return false
    }
    return names
  }

  /// Whether this or an expression inside it satisfies a predicate.
  func contains(_ predicate: (FeelExpression) -> Bool) -> Bool {
    predicate(self) || parts.contains { $0.contains(predicate) }
  }

  private var parts: [FeelExpression] {
    switch self {
    case .tested, .value, .noTemporal, .name, .anything: []
    case .path(let value, _), .negate(let value), .instance(let value, _),
      .comparison(_, let value),
      .function(_, let value):
      [value]
    case .list(let values), .tests(let values, _): values
    case .context(let entries): entries.map(\.value)
    case .range(let low, _, let high, _): [low, high].compactMap { $0 }
    case .call(let called, let values, _), .contained(let called, let values): [called] + values
    case .namedCall(let called, let values, _): [called] + values.map(\.value)
    case .binary(_, let left, let right), .filter(let left, let right): [left, right]
    case .between(let value, let low, let high), .conditional(let value, let low, let high):
      [value, low, high]
    case .iterate(let iterators, let body), .quantified(_, let iterators, let body):
      iterators.flatMap { [$0.domain] + ($0.end.map { [$0] } ?? []) } + [body]
    }
  }
}

/// A type as `instance of` and type references name it.
indirect enum FeelType: Sendable, Equatable {
  case any
  case null
  /// number, string, boolean, date, time, date and time, or a duration.
  case basic(Basic)
  case list(FeelType)
  case range(FeelType)
  case context([String: FeelType])
  case function([FeelType], FeelType)
  /// An item definition of the model, or a name that is none.
  case named(String)

  enum Basic: String, Sendable, CaseIterable {
    case number
    case string
    case boolean
    case date
    case time
    case dateTime = "date and time"
    case daysDuration = "days and time duration"
    case monthsDuration = "years and months duration"
  }

  /// A type without parameters; other spellings are those of older versions and of common editors.
  init(name: String) {
    switch name {
    case "Any": self = .any
    case "Null", "null": self = .null
    case "list", "List": self = .list(.any)
    case "context", "Context": self = .context([:])
    case "function", "Function": self = .function([], .any)
    case "range": self = .range(.any)
    case "dateTime", "dateAndTime": self = .basic(.dateTime)
    case "dayTimeDuration", "days and time duration": self = .basic(.daysDuration)
    case "yearMonthDuration", "years and months duration": self = .basic(.monthsDuration)
    case "integer", "long", "double": self = .basic(.number)
    default: self = Basic(rawValue: name).map { .basic($0) } ?? .named(name)
    }
  }
}
