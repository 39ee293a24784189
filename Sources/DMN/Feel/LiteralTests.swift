/// Unary tests that compare with literals alone: what they hold for is known without evaluating anything.
public struct LiteralTests: Sendable, Equatable {
  public enum Test: Sendable, Equatable {
    /// Infinite where it has no end.
    case points(LiteralScale, lower: Double, includesLower: Bool, upper: Double, includesUpper: Bool)
    case string(String)
    case boolean(Bool)
    case null
  }

  /// Any of which has to hold; of a negated cell, none may.
  public var tests: [Test]
  public var isNegated: Bool
  /// Whether they hold for null: it equals null alone, and how it stands to an interval nobody can say.
  public var holdsForNull = false
  /// `-`
  public var isAnything: Bool { tests.isEmpty && isNegated }

  static let anything = LiteralTests(tests: [], isNegated: true, holdsForNull: true)
}

extension SourceText {
  /// The tests of a cell; nil where it says more than literals do, or is no FEEL.
  public var literalTests: LiteralTests? {
    switch try? FeelParser.unaryTests(text, names: Builtins.names) {
    case .anything?: return .anything
    case .tests(let tests, let isNegated)?:
      if !isNegated, tests.count == 1, case .comparison(.notEqual, let value) = tests[0],
        let test = value.literalTest
      {
        return LiteralTests(tests: [test], isNegated: true, holdsForNull: test != .null)
      }
      let literals = tests.compactMap(\.literalTest)
      guard literals.count == tests.count else { return nil }
      let holdsForNull =
        isNegated ? tests.allSatisfy(\.isValue) && !literals.contains(.null) : literals.contains(.null)
      return LiteralTests(tests: literals, isNegated: isNegated, holdsForNull: holdsForNull)
    default: return nil
    }
  }

  /// Why a cell without `literalTests` has none where it compares with a literal that its kind's order
  /// does not hold exactly: what the literal is. `nil` where it says more than literals do.
  public var inexactLiteral: String? {
    guard case .tests(let tests, _)? = try? FeelParser.unaryTests(text, names: Builtins.names) else {
      return nil
    }
    return tests.lazy.flatMap(\.ends).compactMap(\.inexactness).first
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
  /// Whether a test asks for one value.
  fileprivate var isValue: Bool {
    switch self {
    case .range: false
    case .comparison(let comparison, _): comparison == .equal
    default: true
    }
  }

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

  /// A literal that is ordered among others of its kind.
  private var literalPoint: (scale: LiteralScale, value: Double)? {
    switch self {
    case .value(let value): value.point
    case .call(.name(let function), let arguments, _) where arguments.count == 1:
      arguments[0].literal?.string.flatMap { TemporalLiteral(function: function, text: $0)?.point }
    case .call(.name("date"), let arguments, _) where arguments.count == 3:
      Self.day(arguments.compactMap { $0.literal?.number?.int })
    case .call(.name("time"), let arguments, _) where arguments.count == 3:
      Self.time(arguments.compactMap { $0.literal?.number?.int })
    default: literal?.point
    }
  }

  /// What a test compares with.
  fileprivate var ends: [FeelExpression] {
    switch self {
    case .comparison(_, let value): [value]
    case .range(let low, _, let high, _): [low, high].compactMap(\.self)
    default: [self]
    }
  }

  fileprivate var inexactness: String? {
    switch self {
    case .value(let value): value.point == nil ? value.inexactness : nil
    case .call(.name(let function), let arguments, _) where arguments.count == 1:
      arguments[0].literal?.string.flatMap { TemporalLiteral(function: function, text: $0)?.inexactness }
    default: literal.flatMap { $0.point == nil ? $0.inexactness : nil }
    }
  }

  /// Of `date(2026, 1, 31)`.
  private static func day(_ parts: [Int]) -> (scale: LiteralScale, value: Double)? {
    guard parts.count == 3 else { return nil }
    return FeelDate(year: parts[0], month: parts[1], day: parts[2]).flatMap { FeelValue.date($0).point }
  }

  /// Of `time(8, 30, 0)`.
  private static func time(_ parts: [Int]) -> (scale: LiteralScale, value: Double)? {
    guard parts.count == 3 else { return nil }
    return FeelTime(hour: parts[0], minute: parts[1], second: parts[2]).flatMap { FeelValue.time($0).point }
  }

  fileprivate var literalTest: LiteralTests.Test? {
    switch self {
    case .comparison(let comparison, let value):
      guard let point = value.literalPoint else {
        return comparison == .equal ? value.literalTest : nil
      }
      return Self.interval(comparison, point)
    case .range(let low, let lowClosed, let high, let highClosed):
      let ends = (low: low?.literalPoint, high: high?.literalPoint)
      guard (ends.low == nil) == (low == nil), (ends.high == nil) == (high == nil),
        let scale = ends.low?.scale ?? ends.high?.scale, scale == ends.high?.scale ?? scale
      else { return nil }
      return .points(
        scale, lower: ends.low?.value ?? -.infinity, includesLower: lowClosed && low != nil,
        upper: ends.high?.value ?? .infinity, includesUpper: highClosed && high != nil)
    default:
      switch literal {
      case .null?: return .null
      case .string(let string)?: return .string(string)
      case .boolean(let boolean)?: return .boolean(boolean)
      default: return literalPoint.flatMap { Self.interval(.equal, $0) }
      }
    }
  }

  private static func interval(
    _ comparison: Operator, _ point: (scale: LiteralScale, value: Double)
  ) -> LiteralTests.Test? {
    let isEqual = comparison == .equal
    switch comparison {
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      let isUpper = isEqual || comparison == .less || comparison == .lessOrEqual
      let isLower = isEqual || !isUpper
      return .points(
        point.scale, lower: isLower ? point.value : -.infinity,
        includesLower: isLower && comparison != .greater,
        upper: isUpper ? point.value : .infinity,
        includesUpper: isUpper && comparison != .less)
    default: return nil
    }
  }
}
