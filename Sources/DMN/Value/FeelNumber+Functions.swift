/// Powers, roots and logarithms: the nearest number of 34 digits to the exact result.
extension FeelNumber {
  /// nil for what is too large or no real number.
  func raised(to power: FeelNumber) -> FeelNumber? {
    if power.isZero { return .one }
    if isZero { return power.isNegative ? nil : self }
    if let whole = power.int { return LongDecimal(self).raised(to: whole)?.number }
    if isNegative, !power.isInteger { return nil }
    let result = Self.exponential(LongDecimal(power) * LongDecimal(magnitude).naturalLogarithm)
    let isOdd = power.exponent == 0 && power.significand & 1 == 1
    return isNegative && isOdd ? result.map { -$0 } : result
  }

  /// nil for a negative number.
  var squareRoot: FeelNumber? {
    if isNegative || isZero { return isZero ? self : nil }
    return LongDecimal(self).squareRoot.number
  }

  /// e to this power; nil where it is too large.
  var exponential: FeelNumber? { Self.exponential(LongDecimal(self)) }

  /// nil for zero and below.
  var naturalLogarithm: FeelNumber? {
    if isNegative || isZero { return nil }
    return LongDecimal(self).naturalLogarithm.number
  }

  private static func exponential(_ power: LongDecimal) -> FeelNumber? {
    // Past what any number's exponent reaches, on either side.
    guard let rounded = power.number, rounded.magnitude < FeelNumber(15_000) else {
      return power.isNegative ? .zero : nil
    }
    return power.exponential.number
  }
}
