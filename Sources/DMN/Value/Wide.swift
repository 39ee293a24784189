/// A 256-bit natural number: what a product of two significands needs before it is rounded.
struct Wide: Equatable {
  var high: UInt128 = 0
  var low: UInt128

  init(high: UInt128 = 0, low: UInt128) {
    self.high = high
    self.low = low
  }

  init(_ left: UInt128, times right: UInt128) {
    let product = left.multipliedFullWidth(by: right)
    self.init(high: product.high, low: product.low)
  }

  static func + (left: Wide, right: Wide) -> Wide {
    let (low, carry) = left.low.addingReportingOverflow(right.low)
    return Wide(high: left.high + right.high + (carry ? 1 : 0), low: low)
  }

  /// `left - right`, where `left >= right`.
  static func - (left: Wide, right: Wide) -> Wide {
    let (low, borrow) = left.low.subtractingReportingOverflow(right.low)
    return Wide(high: left.high - right.high - (borrow ? 1 : 0), low: low)
  }

  static func < (left: Wide, right: Wide) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  func divided(by divisor: UInt128) -> (quotient: Wide, remainder: UInt128) {
    let (quotientHigh, rest) = high.quotientAndRemainder(dividingBy: divisor)
    let (quotientLow, remainder) = divisor.dividingFullWidth((rest, low))
    return (Wide(high: quotientHigh, low: quotientLow), remainder)
  }

  var decimalDigitCount: Int {
    if high == 0 { return Self.digitCount(low) }
    let (quotient, _) = divided(by: powerOfTen(38))
    return quotient.high == 0 ? Self.digitCount(quotient.low) + 38 : 77
  }

  static func digitCount(_ value: UInt128) -> Int {
    var count = 1
    while count <= 38, value >= powerOfTen(count) { count += 1 }
    return count
  }
}

/// 10^power, for 0 to 38.
func powerOfTen(_ power: Int) -> UInt128 { powersOfTen[power] }

private let powersOfTen: [UInt128] = {
  var powers: [UInt128] = [1]
  for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
  return powers
}()
