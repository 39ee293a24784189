/// Arithmetic. nil is a result that is no number: too large, or divided by zero.
extension FeelNumber: Comparable {
  static prefix func - (value: FeelNumber) -> FeelNumber {
    FeelNumber(isNegative: !value.isNegative, value.significand, exponent: value.exponent)!
  }

  public static func < (left: FeelNumber, right: FeelNumber) -> Bool {
    if left.isZero { return !right.isNegative && !right.isZero }
    if right.isZero || left.isNegative != right.isNegative { return left.isNegative }
    // The same sign. Adjusted exponents decide first, so that a difference cannot round to zero.
    let leftSize = left.exponent + Wide.digitCount(left.significand)
    let rightSize = right.exponent + Wide.digitCount(right.significand)
    if leftSize != rightSize { return (leftSize < rightSize) != left.isNegative }
    let gap = left.exponent - right.exponent
    let isBelow =
      gap >= 0
      ? Wide(left.significand, times: powerOfTen(gap)) < Wide(low: right.significand)
      : Wide(low: left.significand) < Wide(right.significand, times: powerOfTen(-gap))
    return left == right ? false : isBelow != left.isNegative
  }

  func adding(_ other: FeelNumber) -> FeelNumber? {
    if isZero { return other }
    if other.isZero { return self }
    // `upper` has the larger exponent, and is spread out to 34 digits first.
    var (upper, lower) = exponent >= other.exponent ? (parts, other.parts) : (other.parts, parts)
    let spread = min(
      Self.digitCountMax - Wide.digitCount(upper.significand), upper.exponent - lower.exponent)
    upper.significand *= powerOfTen(spread)
    upper.exponent -= spread
    let gap = upper.exponent - lower.exponent
    if gap > 36 {
      // Less than a thousandth of the last digit.
      return FeelNumber(
        isNegative: upper.isNegative, upper.significand, exponent: upper.exponent)
    }
    let left = Wide(upper.significand, times: powerOfTen(gap))
    let right = Wide(low: lower.significand)
    if upper.isNegative == lower.isNegative {
      return FeelNumber(
        isNegative: upper.isNegative, wide: left + right, exponent: lower.exponent)
    }
    return left < right
      ? FeelNumber(isNegative: lower.isNegative, wide: right - left, exponent: lower.exponent)
      : FeelNumber(isNegative: upper.isNegative, wide: left - right, exponent: lower.exponent)
  }

  private var parts: (isNegative: Bool, significand: UInt128, exponent: Int) {
    (isNegative, significand, exponent)
  }

  func subtracting(_ other: FeelNumber) -> FeelNumber? { adding(-other) }

  func multiplied(by other: FeelNumber) -> FeelNumber? {
    FeelNumber(
      isNegative: isNegative != other.isNegative,
      wide: Wide(significand, times: other.significand), exponent: exponent + other.exponent)
  }

  func divided(by other: FeelNumber) -> FeelNumber? {
    if other.isZero { return nil }
    if isZero { return self }
    // 35 or 36 digits of the quotient, and one more that stands for all that follow.
    let scale = 35 + Wide.digitCount(other.significand) - Wide.digitCount(significand)
    let (first, second) = (min(scale, 34), max(scale - 34, 0))
    let numerator = Wide(significand * powerOfTen(second), times: powerOfTen(first))
    let (quotient, remainder) = numerator.divided(by: other.significand)
    return FeelNumber(
      isNegative: isNegative != other.isNegative,
      wide: Wide(low: quotient.low * 10 + (remainder == 0 ? 0 : 1)),
      exponent: exponent - other.exponent - scale - 1)
  }

  /// What is left of a division whose quotient is rounded down: it has the sign of the divisor. Exact,
  /// however large the quotient is; where the signs differ, rounded once.
  func modulo(_ divisor: FeelNumber) -> FeelNumber? {
    if divisor.isZero { return nil }
    guard let rest = magnitude.remainder(divisor.magnitude) else { return nil }
    if rest.isZero || isNegative == divisor.isNegative { return isNegative ? -rest : rest }
    return divisor.adding(isNegative ? -rest : rest)
  }

  /// Of two numbers that are not negative. O(difference of the exponents).
  private func remainder(_ divisor: FeelNumber) -> FeelNumber? {
    var gap = exponent - divisor.exponent
    guard gap >= 0 else {
      // In units of the dividend's last digit, the divisor is larger, or it has 34 digits at most.
      let unit = gap >= -Self.digitCountMax ? Wide(divisor.significand, times: powerOfTen(-gap)) : nil
      guard let unit, !(Wide(low: significand) < unit) else { return self }
      return FeelNumber(significand % unit.low, exponent: exponent)
    }
    var rest = significand % divisor.significand
    while gap > 0, rest > 0 {
      let step = min(gap, Self.digitCountMax)
      rest = Wide(rest, times: powerOfTen(step)).divided(by: divisor.significand).remainder
      gap -= step
    }
    return FeelNumber(rest, exponent: divisor.exponent)
  }

  enum Rounding { case down, up, towardZero, awayFromZero, halfEven, halfUp, halfDown }

  /// Rounded to `scale` decimal places (of tens where it is negative).
  func rounded(to scale: Int, _ rounding: Rounding) -> FeelNumber? {
    let cut = -scale - exponent
    if cut <= 0 || isZero { return self }
    let unit = cut <= 38 ? powerOfTen(cut) : nil
    let quotient = unit.map { significand / $0 } ?? 0
    let remainder = unit.map { significand % $0 } ?? significand
    let half = unit.map { $0 / 2 } ?? UInt128.max
    let grows =
      switch rounding {
      case .down: isNegative && remainder > 0
      case .up: !isNegative && remainder > 0
      case .towardZero: false
      case .awayFromZero: remainder > 0
      case .halfEven: remainder > half || (remainder == half && quotient & 1 == 1)
      case .halfUp: remainder >= half
      case .halfDown: remainder > half
      }
    return FeelNumber(isNegative: isNegative, quotient + (grows ? 1 : 0), exponent: -scale)
  }
}
