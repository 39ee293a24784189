import Signals

/// One test of a cell: a set of values.
public enum UnaryTest: Hashable, Sendable {
  case number(NumberInterval)
  /// A text; of a list signal, one of its members. In small letters where the signal folds case.
  case text(ExactText)
  case boolean(Bool)
  /// Index of an enumeration's case.
  case enumeration(Int)
  /// An address block.
  case addresses(ClosedRange<UInt128>)
  /// What a list of the table holds; of a list signal, one of its members.
  case list(NamedList)
}

/// What a cell says (DMN unary tests): a set of its signal's states and values.
public struct UnaryTests: Hashable, Sendable {
  /// The states without a value that a cell matches.
  public struct States: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let absent = States(.absent)
    public static let invalid = States(.invalid)
    public static let unverified = States(.unverified)
    public static let all: States = [.absent, .invalid, .unverified]

    public init(_ state: SignalState) {
      self.init(rawValue: state == .value ? 0 : 1 << state.rawValue)
    }
  }

  /// The values that a cell matches.
  public enum Values: Hashable, Sendable {
    case any
    /// No value: the cell names states only.
    case none
    /// Values of at least one test; of a list signal, lists with at least one of the members.
    case anyOf([UnaryTest])
    /// Values of none of the tests; of a list signal, lists with none of the members.
    case noneOf([UnaryTest])
  }

  public var states: States
  public var values: Values

  public init(states: States, values: Values) {
    self.states = states
    self.values = values
  }

  /// `-`: every state and every value.
  public static let any = UnaryTests(states: .all, values: .any)

  public var isAny: Bool { self == .any }

  /// The tests it is made of.
  var tests: [UnaryTest] {
    switch values {
    case .any, .none: []
    case .anyOf(let tests), .noneOf(let tests): tests
    }
  }
}

extension UnaryTests {
  /// With what `list` gives for each list by name.
  func replacingLists(_ list: (String) -> NamedList) -> UnaryTests {
    let replaced = tests.map { test -> UnaryTest in
      if case .list(let named) = test { .list(list(named.name)) } else { test }
    }
    switch values {
    case .any, .none: return self
    case .anyOf: return UnaryTests(states: states, values: .anyOf(replaced))
    case .noneOf: return UnaryTests(states: states, values: .noneOf(replaced))
    }
  }

  /// Whether a signal is in the set. Texts are compared as they are: fold them first where the
  /// signal folds case. This is the meaning of a cell; compiled tables must agree with it.
  public func matches(_ signal: PlainSignal) -> Bool {
    guard signal.state == .value else { return states.contains(States(signal.state)) }
    switch values {
    case .any: return true
    case .none: return false
    case .anyOf(let tests): return tests.contains { $0.matches(signal) }
    case .noneOf(let tests): return !tests.contains { $0.matches(signal) }
    }
  }
}

extension UnaryTest {
  func matches(_ signal: PlainSignal) -> Bool {
    switch (self, signal) {
    case (.number(let interval), .number(let number)): interval.contains(number)
    case (.text(let wanted), .text(let text)): wanted == ExactText(text)
    case (.text(let wanted), .list(let texts)): texts.contains { ExactText($0) == wanted }
    case (.boolean(let wanted), .boolean(let boolean)): wanted == boolean
    case (.enumeration(let wanted), .enumeration(let index)): wanted == index
    case (.addresses(let block), .address(let address)): block.contains(address)
    case (.list(let list), .text(let text)): list.contains(ExactText(text))
    case (.list(let list), .list(let texts)): texts.contains { list.contains(ExactText($0)) }
    case (.list(let list), .address(let address)): list.contains(address)
    default: false
    }
  }
}
