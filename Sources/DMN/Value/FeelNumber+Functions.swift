import Foundation

/// Powers, roots and logarithms, to about 33 digits.
extension FeelNumber {
  func raised(to power: FeelNumber) -> FeelNumber? {
    if let whole = power.int, whole.magnitude <= 1_000_000 {
      if whole < 0 { return raised(to: -power).flatMap { FeelNumber.one.divided(by: $0) } }
      return raised(toWhole: whole)
    }
    if isZero { return power.isNegative ? nil : self }
    guard let logarithm = naturalLogarithm else { return nil }
    return logarithm.multiplied(by: power)?.exponential
  }

  private func raised(toWhole power: Int) -> FeelNumber? {
    var result = FeelNumber.one
    var (base, rest) = (self, power)
    while rest > 0 {
      if rest & 1 == 1 {
        guard let product = result.multiplied(by: base) else { return nil }
        result = product
      }
      rest >>= 1
      if rest > 0 {
        guard let square = base.multiplied(by: base) else { return nil }
        base = square
      }
    }
    return result
  }

  /// nil for a negative number.
  var squareRoot: FeelNumber? {
    if isNegative { return nil }
    if isZero { return self }
    // m × 10^(2k) with m in [1, 100): the root of m by Newton, from the double's 16 digits.
    let half = (exponent + Wide.digitCount(significand) - 1) >> 1
    guard let scaled = FeelNumber(significand, exponent: exponent - 2 * half),
      var root = FeelNumber(scaled.double.squareRoot()), let two = Optional(FeelNumber(2))
    else { return nil }
    for _ in 0..<3 {
      guard let next = scaled.divided(by: root)?.adding(root)?.divided(by: two) else { return nil }
      root = next
    }
    // The last digit of a perfect square's root may be off by one; squaring tells.
    let short = root.roundedToDigits(33)
    if short.multiplied(by: short) == scaled { root = short }
    return FeelNumber(root.significand, exponent: root.exponent + half)
  }

  private func roundedToDigits(_ count: Int) -> FeelNumber {
    rounded(to: count - exponent - Wide.digitCount(significand), .halfEven) ?? self
  }

  /// e to this power; nil where it is too large.
  var exponential: FeelNumber? {
    guard magnitude < FeelNumber(15_000) else { return isNegative ? .zero : nil }
    // exp(x) = exp(x / 2^k)^(2^k), with x / 2^k below a thousandth, by its series.
    var halvings = 0
    var small = self
    while small.magnitude > FeelNumber("0.01")! {
      small = small.divided(by: FeelNumber(2))!
      halvings += 1
    }
    // exp(small) - 1 keeps its digits through the doublings: (1 + d)^2 - 1 = 2d + d².
    var (term, sum) = (small, small)
    for index in 2..<30 {
      term = term.multiplied(by: small)!.divided(by: FeelNumber(index))!
      if term.isZero { break }
      sum = sum.adding(term)!
    }
    for _ in 0..<halvings {
      guard let square = sum.multiplied(by: sum), let next = sum.adding(sum)?.adding(square) else {
        return nil
      }
      sum = next
    }
    return sum.adding(.one)
  }

  /// nil for zero and below.
  var naturalLogarithm: FeelNumber? {
    if isNegative || isZero { return nil }
    if self == .one { return .zero }
    // ln(m × 10^k) = ln(m) + k ln(10), with m in [1, 10).
    let size = exponent + Wide.digitCount(significand) - 1
    let mantissa = FeelNumber(significand, exponent: exponent - size)!
    guard let logarithm = mantissa.logarithmOfDigit else { return nil }
    if size == 0 { return logarithm }
    return FeelNumber(size).multiplied(by: FeelNumber("2.302585092994045684017991454684364208")!)?
      .adding(logarithm)
  }

  /// The natural logarithm of a number in [1, 10), by Halley's method from the double's value.
  private var logarithmOfDigit: FeelNumber? {
    guard var result = FeelNumber(log(double)) else { return nil }
    for _ in 0..<2 {
      guard let power = result.exponential, let difference = subtracting(power),
        let sum = adding(power), let ratio = difference.divided(by: sum),
        let next = result.adding(ratio.multiplied(by: FeelNumber(2)) ?? .zero)
      else { return nil }
      result = next
    }
    return result
  }
}
