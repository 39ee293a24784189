/// What is wrong with an expression, and at which scalar of its text.
struct FeelSyntaxError: Error {
  var offset: Int
  var message: String
}

/// A recursive-descent parser of FEEL. Names with blanks and signs are found in `names`; the longest wins.
struct FeelParser {
  let scalars: [Unicode.Scalar]
  var offset = 0
  /// Multi-word names that stand alone.
  var names: KnownNames
  /// Multi-word names of components, which stand after a dot or inside a filter. The keys of contexts in
  /// the text are added as they are met.
  var memberNames: KnownNames
  private var depth = 0
  /// The range without a left side that was read last; its end is behind blanks.
  var lastOpenRange: (start: Int, end: Int, sign: FeelExpression.Operator)?
  /// Whether the expression is the upper end of a range, and how many filters there were none.
  var endsRange = false
  var triedFilterCount = 0

  /// LIMIT: parentheses, calls and the like inside one another.
  static let depthMax = 100
  /// LIMIT: operators in one chain, each of which the interpreter goes one call deeper for.
  static let chainMax = 500

  /// A scalar that was asked for, and its place in the file; `nil` for a text without a file.
  private var placed: (offset: Int, position: SourcePosition)?

  private init(
    _ text: String, at position: SourcePosition?, names: KnownNames, memberNames: KnownNames
  ) {
    scalars = Array(text.unicodeScalars)
    self.names = names
    self.memberNames = memberNames
    placed = position.map { (0, $0) }
  }

  /// The place of a scalar, not in front of one that was asked for before. O(scalars between them).
  mutating func position(of offset: Int) -> SourcePosition? {
    guard let (start, position) = placed, start <= offset else { return placed?.position }
    let between = String(String.UnicodeScalarView(scalars[start..<offset]))
    placed = (offset, position.advanced(over: between))
    return placed?.position
  }

  static func expression(
    _ text: String, at position: SourcePosition? = nil, names: KnownNames = .init(),
    memberNames: KnownNames = .init()
  ) throws(FeelSyntaxError) -> FeelExpression {
    var parser = FeelParser(text, at: position, names: names, memberNames: memberNames)
    let expression = try parser.expression()
    try parser.expectEnd()
    return expression
  }

  /// A range by itself. Unlike one in an expression, it may leave out an end that is open: `[2..)`.
  static func range(_ text: String) throws(FeelSyntaxError) -> FeelExpression {
    var parser = FeelParser(text, at: nil, names: Builtins.names, memberNames: .init())
    let isLowClosed = parser.take("[")
    guard isLowClosed || parser.take("(") || parser.take("]") else { throw parser.unexpected("a range") }
    let isOpen = !isLowClosed && parser.peek("..")
    let low = isOpen ? nil : try parser.expression()
    guard parser.take("..") else { throw parser.unexpected("`..`") }
    let hasHigh = isOpen || !(parser.peek(")") || parser.peek("["))
    let high = hasHigh ? try parser.rangeEnd() : nil
    let isHighClosed = parser.take("]")
    guard isHighClosed || parser.take(")") || parser.take("[") else {
      throw parser.unexpected("`]`, `)` or `[`")
    }
    try parser.expectEnd()
    return .range(low, lowClosed: isLowClosed, high, highClosed: isHighClosed)
  }

  /// The unary tests of a cell: `-`, `not(...)`, or tests with commas between them.
  static func unaryTests(
    _ text: String, at position: SourcePosition? = nil, names: KnownNames = .init(),
    memberNames: KnownNames = .init()
  ) throws(FeelSyntaxError) -> FeelExpression {
    var parser = FeelParser(text, at: position, names: names, memberNames: memberNames)
    parser.skipBlanks()
    if parser.isAtEnd { return .anything }
    if parser.take("-") {
      parser.skipBlanks()
      if parser.isAtEnd { return .anything }
      parser.offset = 0
    }
    let start = parser.offset
    if parser.takeWord("not"), parser.take("(") {
      let tests = try parser.tests()
      if parser.take(")") {
        parser.skipBlanks()
        if parser.isAtEnd { return .tests(tests, isNegated: true) }
      }
      parser.offset = start
    }
    parser.offset = start
    let tests = try parser.tests()
    try parser.expectEnd()
    return .tests(tests, isNegated: false)
  }

  private func problem(_ message: String) -> FeelSyntaxError {
    FeelSyntaxError(offset: offset, message: message)
  }

  func unexpected(_ expected: String) -> FeelSyntaxError {
    var rest = self
    rest.skipBlanks()
    let found = String(String.UnicodeScalarView(rest.scalars[rest.offset...].prefix(20)))
    let what = found.isEmpty ? "the end" : "`\(found)`"
    return FeelSyntaxError(offset: rest.offset, message: "\(expected) is expected, not \(what)")
  }

  private mutating func expectEnd() throws(FeelSyntaxError) {
    skipBlanks()
    if !isAtEnd { throw unexpected("an operator or the end") }
  }

  mutating func tests() throws(FeelSyntaxError) -> [FeelExpression] {
    var tests = [try test()]
    while take(",") { tests.append(try test()) }
    return tests
  }

  /// One unary test: `< 5`, an interval, or an expression.
  mutating func test() throws(FeelSyntaxError) -> FeelExpression {
    if let comparison = takeComparison() { return .comparison(comparison, try rightSide(of: comparison)) }
    return try expression()
  }

  mutating func expression() throws(FeelSyntaxError) -> FeelExpression {
    try nested { parser throws(FeelSyntaxError) in try parser.disjunction() }
  }

  /// Reads what may have its own kind inside of it: all that calls itself goes this way.
  mutating func nested<Part>(
    _ read: (inout FeelParser) throws(FeelSyntaxError) -> Part
  ) throws(FeelSyntaxError) -> Part {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthMax {
      throw problem("the expression nests more than \(Self.depthMax) deep; split it")
    }
    return try read(&self)
  }

  /// Operands with operators of one rank between them, taken from the left.
  private mutating func chain(
    of operand: (inout FeelParser) throws(FeelSyntaxError) -> FeelExpression,
    by take: (inout FeelParser) -> FeelExpression.Operator?
  ) throws(FeelSyntaxError) -> FeelExpression {
    skipBlanks()
    let start = offset
    var result = try operand(&self)
    var count = 0
    while true {
      let fault = openRangeFault(from: start)
      guard let symbol = take(&self) else { return result }
      if let fault { throw fault }
      count += 1
      if count > Self.chainMax {
        throw problem("more than \(Self.chainMax) operators in a row; split the expression")
      }
      result = .binary(symbol, result, try value(operand))
    }
  }

  /// An operand that is no range without a left side: `x > 3 and < 5` would be null without a word.
  mutating func value(
    _ parse: (inout FeelParser) throws(FeelSyntaxError) -> FeelExpression
  ) throws(FeelSyntaxError) -> FeelExpression {
    skipBlanks()
    let start = offset
    let value = try parse(&self)
    if let fault = openRangeFault(from: start) { throw fault }
    return value
  }

  /// What is wrong where all that was read from an offset on is a range without a left side, `< 5`.
  func openRangeFault(from start: Int) -> FeelSyntaxError? {
    guard let range = lastOpenRange, range.start == start else { return nil }
    var rest = self
    rest.skipBlanks()
    guard range.end == rest.offset else { return nil }
    return FeelSyntaxError(
      offset: start,
      message: "`\(range.sign.rawValue)` has nothing on its left; write as in `x > 3 and x < 5`, or "
        + "`x in (3..5)`")
  }

  private mutating func disjunction() throws(FeelSyntaxError) -> FeelExpression {
    try chain(
      of: { parser throws(FeelSyntaxError) in try parser.conjunction() },
      by: { $0.takeWord("or") ? .or : nil })
  }

  private mutating func conjunction() throws(FeelSyntaxError) -> FeelExpression {
    try chain(
      of: { parser throws(FeelSyntaxError) in try parser.relation() },
      by: {
        $0.takeWord("and") ? .and : nil
      })
  }

  private mutating func relation() throws(FeelSyntaxError) -> FeelExpression {
    skipBlanks()
    let start = offset
    var left = try sum()
    while true {
      let fault = openRangeFault(from: start)
      if let comparison = takeComparison() {
        if let fault, !comparison.isEquality { throw fault }
        left = .binary(comparison, left, try rightSide(of: comparison))
      } else if takeWord("between") {
        if let fault { throw fault }
        let low = try comparedSum()
        guard takeWord("and") else { throw unexpected("`and` of `between`") }
        left = .between(left, low: low, high: try comparedSum())
      } else if takeWord("in") {
        left = .contained(left, tests: try containedTests())
      } else {
        return left
      }
    }
  }

  /// Ranges are equal or not, and have no order.
  private mutating func rightSide(
    of comparison: FeelExpression.Operator
  ) throws(FeelSyntaxError) -> FeelExpression {
    comparison.isEquality ? try sum() : try comparedSum()
  }

  /// What is compared with an order, so no range.
  mutating func comparedSum() throws(FeelSyntaxError) -> FeelExpression {
    try value { parser throws(FeelSyntaxError) in try parser.sum() }
  }

  /// What follows `in`: one test, or several in parentheses.
  private mutating func containedTests() throws(FeelSyntaxError) -> [FeelExpression] {
    if let comparison = takeComparison() { return [.comparison(comparison, try rightSide(of: comparison))] }
    guard take("(") else { return [try sum()] }
    var tests = [try test()]
    if take("..") {
      let end = try rangeEnd()
      let isClosed = take("]")
      guard isClosed || take(")") || take("[") else { throw unexpected("`]`, `)` or `[`") }
      return [.range(tests[0], lowClosed: false, end, highClosed: isClosed)]
    }
    while take(",") { tests.append(try test()) }
    guard take(")") else { throw unexpected("`,` or `)`") }
    return tests
  }

  mutating func sum() throws(FeelSyntaxError) -> FeelExpression {
    try chain(
      of: { parser throws(FeelSyntaxError) in try parser.product() },
      by: {
        $0.take("+") ? .add : ($0.take("-") ? .subtract : nil)
      })
  }

  private mutating func product() throws(FeelSyntaxError) -> FeelExpression {
    try chain(
      of: { parser throws(FeelSyntaxError) in try parser.power() },
      by: {
        if $0.peek("**") { return nil }
        return $0.take("*") ? .multiply : ($0.take("/") ? .divide : nil)
      })
  }

  private mutating func power() throws(FeelSyntaxError) -> FeelExpression {
    try chain(
      of: { parser throws(FeelSyntaxError) in try parser.negation() },
      by: {
        $0.take("**") ? .power : nil
      })
  }

  private mutating func negation() throws(FeelSyntaxError) -> FeelExpression {
    var count = 0
    while take("-") { count += 1 }
    if count == 0 { return try instanceTest() }
    let operand = try value { parser throws(FeelSyntaxError) in try parser.instanceTest() }
    return count % 2 == 1 ? .negate(operand) : .negate(.negate(operand))
  }

  private mutating func instanceTest() throws(FeelSyntaxError) -> FeelExpression {
    let value = try postfix()
    let start = offset
    if takeWord("instance"), takeWord("of") { return .instance(value, of: try type()) }
    offset = start
    return value
  }
}

extension FeelExpression.Operator {
  fileprivate var isEquality: Bool { self == .equal || self == .notEqual }
}
