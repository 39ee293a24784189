/// Functions of numbers.
extension Builtins {
  static let numbers: [String: FeelFunction] = [
    "decimal": rounding(.halfEven, needsScale: true),
    "floor": rounding(.down),
    "ceiling": rounding(.up),
    "round up": rounding(.awayFromZero, needsScale: true),
    "round down": rounding(.towardZero, needsScale: true),
    "round half up": rounding(.halfUp, needsScale: true),
    "round half down": rounding(.halfDown, needsScale: true),
    "abs": function("n") { arguments, _ in
      switch arguments[0].single {
      case .number(let number): .number(number.magnitude)
      case .daysDuration(let nanoseconds):
        .daysDuration(nanoseconds < 0 ? -nanoseconds : nanoseconds)
      case .monthsDuration(let months): .monthsDuration(abs(months))
      default: .null
      }
    },
    "modulo": function("dividend, divisor") { arguments, _ in
      guard let dividend = arguments[0].singleNumber, let divisor = arguments[1].singleNumber else {
        return .null
      }
      return FeelValue(dividend.modulo(divisor))
    },
    "sqrt": ofNumber("number") { FeelValue($0.squareRoot) },
    "log": ofNumber("number") { FeelValue($0.naturalLogarithm) },
    "exp": ofNumber("number") { FeelValue($0.exponential) },
    "odd": ofNumber("number") { FeelValue(isOdd($0)) },
    "even": ofNumber("number") { FeelValue(isOdd($0).map { !$0 }) },
    "random number": FeelFunction(signatures: [[]]) { _, _ in
      FeelValue(FeelNumber(Double.random(in: 0..<1)))
    },
  ]

  private static func ofNumber(
    _ parameter: String, _ body: @escaping @Sendable (FeelNumber) -> FeelValue
  ) -> FeelFunction {
    function(parameter) { arguments, _ in arguments[0].singleNumber.map(body) ?? .null }
  }

  private static func rounding(
    _ rounding: FeelNumber.Rounding, needsScale: Bool = false
  ) -> FeelFunction {
    let body: Body = { arguments, _ in
      guard let number = arguments[0].singleNumber else { return .null }
      var scale = 0
      if arguments.count == 2 {
        guard let given = arguments[1].singleNumber?.rounded(to: 0, .towardZero)?.int,
          (FeelNumber.exponentMin...FeelNumber.exponentMax).contains(given)
        else { return .null }
        scale = given
      }
      return FeelValue(number.rounded(to: scale, rounding))
    }
    return needsScale ? function("n, scale", body: body) : function("n", "n, scale", body: body)
  }

  /// nil for a number that is not whole.
  private static func isOdd(_ number: FeelNumber) -> Bool? {
    guard number.isInteger else { return nil }
    return number.exponent == 0 && number.significand & 1 == 1
  }
}
