/// A value of FEEL.
public indirect enum FeelValue: Sendable {
  case null
  case number(FeelNumber)
  case string(String)
  case boolean(Bool)
  case date(FeelDate)
  case time(FeelTime)
  case dateTime(FeelDateTime)
  /// Days and time duration, in nanoseconds.
  case daysDuration(Int128)
  /// Years and months duration, in months.
  case monthsDuration(Int)
  case list([FeelValue])
  case context(FeelContext)
  case range(FeelRange)
  case function(FeelFunction)

  /// FEEL's name of the kind of value.
  var kindName: String {
    switch self {
    case .null: "Null"
    case .number: "number"
    case .string: "string"
    case .boolean: "boolean"
    case .date: "date"
    case .time: "time"
    case .dateTime: "date and time"
    case .daysDuration: "days and time duration"
    case .monthsDuration: "years and months duration"
    case .list: "list"
    case .context: "context"
    case .range: "range"
    case .function: "function"
    }
  }

  public var isNull: Bool { if case .null = self { true } else { false } }
  var boolean: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }
  var isTrue: Bool { if case .boolean(true) = self { true } else { false } }
  var number: FeelNumber? { if case .number(let number) = self { number } else { nil } }
  var string: String? { if case .string(let string) = self { string } else { nil } }
  var int: Int? { number?.int }

  init(_ number: FeelNumber?) { self = number.map { .number($0) } ?? .null }
  init(_ boolean: Bool?) { self = boolean.map { .boolean($0) } ?? .null }
  init(_ int: Int) { self = .number(FeelNumber(int)) }

  /// Takes the number of values inside from a budget, and stops where that is used up. Values that nest
  /// too deep use up all of it.
  func count(down budget: inout Int, depth: Int = 0) {
    budget = depth > DMNLimits.valueDepthMax ? 0 : budget - 1
    switch self {
    case .list(let elements):
      for element in elements where budget > 0 { element.count(down: &budget, depth: depth + 1) }
    case .context(let context):
      for (_, value) in context.entries where budget > 0 {
        value.count(down: &budget, depth: depth + 1)
      }
    default: break
    }
  }

  /// A list's elements; any other value is a list of itself.
  var elements: [FeelValue] { if case .list(let elements) = self { elements } else { [self] } }
}

/// Named values in the order in which they were written.
public struct FeelContext: Sendable {
  public private(set) var keys: [String] = []
  private var values: [String: FeelValue] = [:]
  /// The keys that FEEL spells in another way, by that spelling.
  private var respelled: [String: String] = [:]

  public init() {}

  init(_ entries: [(String, FeelValue)]) {
    for (key, value) in entries { self[key] = value }
  }

  /// Setting a value appends its key where it is new; setting nil removes it.
  public subscript(key: String) -> FeelValue? {
    get { values[key] }
    set {
      if let newValue {
        guard values.updateValue(newValue, forKey: key) == nil else { return }
        keys.append(key)
        let canonical = KnownNames.canonical(key)
        if canonical != key { respelled[canonical] = key }
      } else if values.removeValue(forKey: key) != nil {
        keys.removeAll { $0 == key }
      }
    }
  }

  /// The entry of this name in FEEL's spelling, however the key spaces its signs.
  func member(_ name: String) -> FeelValue? {
    values[name] ?? respelled[name].flatMap { values[$0] }
  }

  public var entries: [(key: String, value: FeelValue)] { keys.map { ($0, values[$0] ?? .null) } }
}

/// Values between two ends. An end that is nil is open to infinity.
public struct FeelRange: Sendable {
  public var low: FeelValue?
  public var isLowClosed: Bool
  public var high: FeelValue?
  public var isHighClosed: Bool

  /// Whether the value lies in it; nil where it cannot be compared with an end.
  func contains(_ value: FeelValue) -> Bool? {
    var isInside = true
    if let low {
      guard let order = value.order(against: low) else { return nil }
      isInside = isLowClosed ? order >= 0 : order > 0
    }
    if let high {
      guard let order = value.order(against: high) else { return nil }
      isInside = isInside && (isHighClosed ? order <= 0 : order < 0)
    }
    return isInside
  }
}

/// A function: a built-in one, one of the model's, or one that an expression defines.
public final class FeelFunction: Sendable {
  /// Lists of parameter names, one for each way to call it.
  let signatures: [[Parameter]]
  /// Whether the last parameter takes all further arguments.
  let isVariadic: Bool
  let call: @Sendable ([FeelValue], Interpreter) -> FeelValue

  init(
    signatures: [[Parameter]], isVariadic: Bool = false,
    call: @escaping @Sendable ([FeelValue], Interpreter) -> FeelValue
  ) {
    self.signatures = signatures
    self.isVariadic = isVariadic
    self.call = call
  }
}
