/// Unary tests that compare with literals alone: what they hold for is known without evaluating anything.
public struct LiteralTests: Sendable, Equatable {
  public enum Test: Sendable, Equatable {
    /// Infinite where it has no end.
    case numbers(lower: Double, includesLower: Bool, upper: Double, includesUpper: Bool)
    case string(String)
    case boolean(Bool)
    case null
  }

  /// Any of which has to hold; of a negated cell, none may.
  public var tests: [Test]
  public var isNegated: Bool
  /// `-`
  public var isAnything: Bool { tests.isEmpty && isNegated }

  static let anything = LiteralTests(tests: [], isNegated: true)
}

extension SourceText {
  /// The tests of a cell; nil where it says more than literals do, or is no FEEL.
  public var literalTests: LiteralTests? {
    switch try? FeelParser.unaryTests(text) {
    case .anything?: return .anything
    case .tests(let tests, let isNegated)?:
      if !isNegated, tests.count == 1, case .comparison(.notEqual, let value) = tests[0],
        let test = value.literalTest
      {
        return LiteralTests(tests: [test], isNegated: true)
      }
      let literals = tests.compactMap(\.literalTest)
      return literals.count == tests.count ? LiteralTests(tests: literals, isNegated: isNegated) : nil
    default: return nil
    }
  }

  /// The literals between commas, as JSON; nil where there is anything else.
  public var literals: [String]? {
    guard case .tests(let tests, isNegated: false)? = try? FeelParser.unaryTests(text) else { return nil }
    let values = tests.compactMap(\.literal)
    return values.count == tests.count ? values.map(FeelJSON.write) : nil
  }

  /// An expression that is one literal, as JSON, `null` for an empty one; nil for any other.
  public var literal: String? {
    if text.isEmpty { return FeelJSON.write(.null) }
    return (try? FeelParser.expression(text))?.literal.map(FeelJSON.write)
  }
}

extension FeelExpression {
  /// Of a kind whose values JSON tells apart.
  fileprivate var literal: FeelValue? {
    switch self {
    case .value(let value):
      switch value {
      case .null, .number, .string, .boolean: return value
      default: return nil
      }
    case .negate(let inner):
      guard let number = inner.literal?.number else { return nil }
      return FeelValue(FeelNumber.zero.subtracting(number))
    default: return nil
    }
  }

  /// LIMIT: decimals of this many digits are different ones as binary64 too.
  private static let digitCountMax = 15

  private var literalNumber: Double? {
    guard let text = literal?.number?.description,
      text.utf8.count(where: { (48...57).contains($0) }) <= Self.digitCountMax
    else { return nil }
    // A decimal that is beyond all doubles is none of them.
    return Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  fileprivate var literalTest: LiteralTests.Test? {
    switch self {
    case .comparison(let comparison, let value):
      guard let number = value.literalNumber else {
        return comparison == .equal ? value.literalTest : nil
      }
      return Self.interval(comparison, number)
    case .range(let low, let lowClosed, let high, let highClosed):
      guard let lower = Self.end(low, -.infinity), let upper = Self.end(high, .infinity) else { return nil }
      return .numbers(
        lower: lower, includesLower: lowClosed && lower.isFinite, upper: upper,
        includesUpper: highClosed && upper.isFinite)
    default:
      switch literal {
      case .null?: return .null
      case .string(let string)?: return .string(string)
      case .boolean(let boolean)?: return .boolean(boolean)
      default: return literalNumber.flatMap { Self.interval(.equal, $0) }
      }
    }
  }

  private static func end(_ expression: FeelExpression?, _ none: Double) -> Double? {
    guard let expression else { return none }
    return expression.literalNumber
  }

  private static func interval(_ comparison: Operator, _ number: Double) -> LiteralTests.Test? {
    let isEqual = comparison == .equal
    switch comparison {
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      let isUpper = isEqual || comparison == .less || comparison == .lessOrEqual
      let isLower = isEqual || !isUpper
      return .numbers(
        lower: isLower ? number : -.infinity,
        includesLower: isLower && comparison != .greater,
        upper: isUpper ? number : .infinity,
        includesUpper: isUpper && comparison != .less)
    default: return nil
    }
  }
}
