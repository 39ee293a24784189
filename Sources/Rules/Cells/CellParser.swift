import Signals

/// Reads one cell of an input column: DMN unary tests over the column's signal.
///
///     cell  = "-" / items / "not(" items ")"
///     items = item *( "," item )
///     item  = state / test / "in" name-of-a-list
struct CellParser {
  let signal: Signal
  /// Whether texts keep their letter case where the signal folds it: for writing them again.
  let keepsCase: Bool
  /// The names of the table's lists.
  let lists: [String]
  let characters: [Character]
  var offset = 0

  init(
    signal: Signal, keepsCase: Bool = false, lists: [String] = [], characters: [Character]
  ) {
    self.signal = signal
    self.keepsCase = keepsCase
    self.lists = lists
    self.characters = characters
  }

  /// The set that a cell denotes; an empty cell is `-`. Lists are named, not read.
  static func parse(
    _ text: String, for signal: Signal, keepingCase: Bool = false, lists: [String] = []
  ) throws(CellError) -> UnaryTests {
    var parser = CellParser(
      signal: signal, keepsCase: keepingCase, lists: lists, characters: Array(text))
    return try parser.parse()
  }

  private mutating func parse() throws(CellError) -> UnaryTests {
    skipSpaces()
    if isAtEnd { return .any }
    if peek == "-", characters[(offset + 1)...].allSatisfy(\.isWhitespace) { return .any }
    let items: Items
    let isNegated = takeNegation()
    if isNegated {
      items = try takeItems(until: ")")
      offset += 1
      skipSpaces()
      guard isAtEnd else {
        throw CellError("`not(...)` stands alone in a cell; put every test inside it", at: offset)
      }
    } else {
      items = try takeItems(until: nil)
    }
    return try isNegated ? items.negated() : items.union()
  }

  /// Steps past `not (`, if it is next.
  private mutating func takeNegation() -> Bool {
    let start = offset
    if takeWord() == "not" {
      skipSpaces()
      if peek == "(" {
        offset += 1
        return true
      }
    }
    offset = start
    return false
  }

  private mutating func takeItems(until end: Character?) throws(CellError) -> Items {
    var items = Items()
    while true {
      skipSpaces()
      let start = offset
      if let state = takeState() {
        items.states.insert(state)
        items.firstState = items.firstState ?? start
      } else {
        items.tests += try takeTests()
        items.firstTest = items.firstTest ?? start
      }
      skipSpaces()
      if peek == end { return items }
      guard !isAtEnd else { throw CellError("`not(` has no end; close it with `)`", at: offset) }
      guard peek == "," else { throw noComma(behindTestAt: start) }
      offset += 1
    }
  }

  /// Steps past `absent`, `invalid` or `unverified`, if one is next.
  private mutating func takeState() -> UnaryTests.States? {
    let start = offset
    if let word = takeWord(),
      let state = SignalState.allCases.first(where: { $0 != .value && $0.name == word })
    {
      return UnaryTests.States(state)
    }
    offset = start
    return nil
  }
}

/// The items of a cell, before it is known what they are for.
private struct Items {
  var states: UnaryTests.States = []
  var tests: [UnaryTest] = []
  var firstState: Int?
  var firstTest: Int?

  func union() -> UnaryTests {
    UnaryTests(states: states, values: tests.isEmpty ? .none : .anyOf(tests))
  }

  /// Everything but the states, or the values but those of the tests.
  func negated() throws(CellError) -> UnaryTests {
    if let firstState, let firstTest {
      throw CellError(
        "states and values inside one `not(...)`; write `not(...)` around the values alone,"
          + " which no state matches, or split the rule in two", at: max(firstState, firstTest))
    }
    if firstState != nil { return UnaryTests(states: .all.subtracting(states), values: .any) }
    return UnaryTests(states: [], values: .noneOf(tests))
  }
}

extension CellParser {
  var isAtEnd: Bool { offset == characters.count }

  var peek: Character? { isAtEnd ? nil : characters[offset] }

  var rest: String { String(characters[offset...]) }

  mutating func skipSpaces() {
    while peek?.isWhitespace == true { offset += 1 }
  }

  /// Steps past a run of characters.
  mutating func take(while isWanted: (Character) -> Bool) -> String {
    let start = offset
    while let character = peek, isWanted(character) { offset += 1 }
    return String(characters[start..<offset])
  }

  /// Steps past a bare word, `nil` when none is next.
  mutating func takeWord() -> String? {
    guard let first = peek, first.isLetter else { return nil }
    return take { $0.isLetter || $0.isNumber || "._-:/".contains($0) }
  }

  /// Steps past text that is next.
  mutating func take(_ text: String) -> Bool {
    guard characters[offset...].starts(with: text) else { return false }
    offset += text.count
    return true
  }
}
