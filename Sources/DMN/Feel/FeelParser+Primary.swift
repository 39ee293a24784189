/// Literals, names, brackets and calls.
extension FeelParser {
  mutating func postfix() throws(FeelSyntaxError) -> FeelExpression {
    skipBlanks()
    let start = offset
    var result = try primary()
    var count = 0
    // Before what is inside the parentheses is placed.
    var place: SourcePosition?
    while true {
      count += 1
      if count > Self.chainMax { throw unexpected("a shorter path") }
      skipBlanks()
      if current == ".", scalar(after: 1) != ".", take(".") {
        result = .path(result, try memberName())
      } else if peek("[") {
        guard let condition = try filterCondition() else { return result }
        result = .filter(result, condition: condition)
      } else if take("(") {
        place = place ?? position(of: start)
        result = try call(result, at: place)
      } else {
        return result
      }
    }
  }

  /// What stands in the brackets of a filter; `nil` for the bracket that leaves out a range's end.
  private mutating func filterCondition() throws(FeelSyntaxError) -> FeelExpression? {
    let start = self
    _ = take("[")
    if endsRange, isBehindRange { return backtrack(to: start) }
    do throws(FeelSyntaxError) {
      let (outer, outerEndsRange) = (names, endsRange)
      names.formUnion(memberNames)
      endsRange = false
      let condition = try condition()
      (names, endsRange) = (outer, outerEndsRange)
      guard take("]") else { throw unexpected("`]`") }
      return condition
    } catch {
      guard start.endsRange, triedFilterCount < Self.chainMax else { throw error }
      triedFilterCount += 1
      return backtrack(to: start)
    }
  }

  /// Whether what comes cannot begin an expression, without trying: ranges in a list of tests.
  private var isBehindRange: Bool {
    var rest = self
    rest.skipBlanks()
    return rest.isAtEnd || rest.current == "," || rest.current == ")"
  }

  private mutating func backtrack(to start: FeelParser) -> FeelExpression? {
    let count = triedFilterCount
    self = start
    triedFilterCount = count
    return nil
  }

  /// The upper end of a range, behind which `[` may stand for `)`.
  mutating func rangeEnd() throws(FeelSyntaxError) -> FeelExpression {
    let outer = endsRange
    endsRange = true
    defer { endsRange = outer }
    return try value { parser throws(FeelSyntaxError) in try parser.expression() }
  }

  private static let properties = KnownNames([
    "time offset", "start included", "end included",
  ])

  private mutating func memberName() throws(FeelSyntaxError) -> String {
    if let name = knownName(in: [memberNames, names, Self.properties]) { return name }
    guard let word = word() else { throw unexpected("a name after `.`") }
    return unknownName(word)
  }

  /// A name that the model does not declare, from its first word on. A word cannot follow a value, so
  /// those that do belong to the name.
  private mutating func unknownName(_ first: String) -> String {
    var name = first
    while let next = peekedWord(), !Self.otherWords.contains(next) {
      _ = takeWord(next)
      name += " " + next
    }
    return name
  }

  private static let otherWords: Set<String> = [
    "and", "or", "in", "between", "instance", "then", "else", "return", "satisfies", "true",
    "false",
    "null", "if", "for", "some", "every", "function", "external",
  ]

  private mutating func call(
    _ called: FeelExpression, at place: SourcePosition?
  ) throws(FeelSyntaxError) -> FeelExpression {
    if take(")") { return .call(called, [], at: place) }
    let start = offset
    if let first = declaredName(before: [":"]), take(":") {
      var arguments = [(name: first, value: try expression())]
      while take(",") {
        guard let name = declaredName(before: [":"]), take(":") else { throw unexpected("`name:`") }
        arguments.append((name, try expression()))
      }
      guard take(")") else { throw unexpected("`,` or `)`") }
      return .namedCall(called, arguments, at: place)
    }
    offset = start
    var arguments = [try expression()]
    while take(",") { arguments.append(try expression()) }
    guard take(")") else { throw unexpected("`,` or `)`") }
    return .call(called, arguments, at: place)
  }

  private mutating func primary() throws(FeelSyntaxError) -> FeelExpression {
    skipBlanks()
    guard let first = current else { throw unexpected("an expression") }
    switch first {
    case "\"": return .value(.string(try string()))
    case "@": return try temporalLiteral()
    case "{": return try context()
    case "[", "(", "]": return try bracket(first)
    case "<", ">": return try openRange()
    case "0"..."9": return try number()
    case "." where scalar(after: 1).map { ("0"..."9").contains($0) } ?? false: return try number()
    case "?":
      offset += 1
      return .tested
    default: break
    }
    if let name = knownName(in: [names]) { return .name(name) }
    let start = offset
    guard let word = word() else { throw unexpected("an expression") }
    switch word {
    case "null": return .value(.null)
    case "true": return .value(.boolean(true))
    case "false": return .value(.boolean(false))
    case "if": return try conditional()
    case "for": return try iteration()
    case "some", "every": return try quantified(isEvery: word == "every")
    case "function" where peek("("): return try function()
    case "and", "or", "between", "in", "then", "else", "return", "satisfies":
      offset = start
      throw unexpected("an expression")
    default: return .name(unknownName(word))
    }
  }

  private mutating func number() throws(FeelSyntaxError) -> FeelExpression {
    let start = offset
    skipDigits()
    if current == ".", let next = scalar(after: 1), ("0"..."9").contains(next) {
      offset += 1
      skipDigits()
    }
    if current == "e" || current == "E" {
      let sign = scalar(after: 1)
      let isSigned = sign == "+" || sign == "-"
      if let digit = isSigned ? scalar(after: 2) : sign, ("0"..."9").contains(digit) {
        offset += isSigned ? 2 : 1
        skipDigits()
      }
    }
    let text = String(String.UnicodeScalarView(scalars[start..<offset]))
    let number: FeelNumber
    do throws(FeelNumber.LiteralFault) {
      number = try FeelNumber.literal(text)
    } catch {
      throw FeelSyntaxError(offset: start, message: error.message)
    }
    if let next = current, isNameStart(next) { throw unexpected("an operator") }
    return .value(.number(number))
  }

  private mutating func skipDigits() {
    while let scalar = current, ("0"..."9").contains(scalar) { offset += 1 }
  }

  private mutating func temporalLiteral() throws(FeelSyntaxError) -> FeelExpression {
    offset += 1
    guard current == "\"" else { throw unexpected("a string after `@`") }
    let text = try string()
    return FeelValue(temporal: text).map { .value($0) } ?? .noTemporal(text)
  }

  /// `>= 2`, all values of which it is true. Right behind another sign it is none: who writes `=>`, `<>` or
  /// `>>` means an operator of another language, not a range.
  private mutating func openRange() throws(FeelSyntaxError) -> FeelExpression {
    let isBehindSign = offset > 0 && "<>=!".unicodeScalars.contains(scalars[offset - 1])
    let start = offset
    guard !isBehindSign, let comparison = takeComparison(),
      let range = Self.range(comparison, try rangeSum())
    else {
      offset = start
      throw unexpected("an expression")
    }
    skipBlanks()
    lastOpenRange = (start, offset, comparison)
    return range
  }

  /// The end of a range without a left side, in which another bracket may begin with one.
  private mutating func rangeSum() throws(FeelSyntaxError) -> FeelExpression {
    try nested { parser throws(FeelSyntaxError) in try parser.comparedSum() }
  }

  /// The values that compare so with an end; `nil` for those of `!=`, which are no range.
  private static func range(
    _ comparison: FeelExpression.Operator, _ end: FeelExpression
  ) -> FeelExpression? {
    switch comparison {
    case .less: .range(nil, lowClosed: false, end, highClosed: false)
    case .lessOrEqual: .range(nil, lowClosed: false, end, highClosed: true)
    case .greater: .range(end, lowClosed: false, nil, highClosed: false)
    case .greaterOrEqual: .range(end, lowClosed: true, nil, highClosed: false)
    case .equal: .range(end, lowClosed: true, end, highClosed: true)
    default: nil
    }
  }

  /// `[1, 2]`, `[1..2]`, `(1..2)`, `]1..2[`, `(x)`, `(< 5)`.
  private mutating func bracket(_ opening: Unicode.Scalar) throws(FeelSyntaxError) -> FeelExpression
  {
    offset += 1
    let outer = endsRange
    endsRange = false
    defer { endsRange = outer }
    if opening == "[", take("]") { return .list([]) }
    if opening == "(", let comparison = takeComparison() {
      let end = try rangeSum()
      guard take(")") else { throw unexpected("`)`") }
      guard let range = Self.range(comparison, end) else { throw unexpected("a value") }
      return range
    }
    skipBlanks()
    let start = offset
    let first = try expression()
    let fault = openRangeFault(from: start)
    if take("..") {
      if let fault { throw fault }
      let end = try rangeEnd()
      if take("]") { return .range(first, lowClosed: opening == "[", end, highClosed: true) }
      guard take(")") || take("[") else { throw unexpected("`]`, `)` or `[`") }
      return .range(first, lowClosed: opening == "[", end, highClosed: false)
    }
    switch opening {
    case "(":
      guard take(")") else { throw unexpected("`)`") }
      return first
    case "[":
      var elements = [first]
      while take(",") { elements.append(try expression()) }
      guard take("]") else { throw unexpected("`,` or `]`") }
      return .list(elements)
    default: throw unexpected("`..`")
    }
  }
}
