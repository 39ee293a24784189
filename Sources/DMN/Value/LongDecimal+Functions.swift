import Foundation

/// Functions to about 95 digits, by multiplication, addition and division by small numbers alone.
extension LongDecimal {
  /// 46 artanh(1/31) + 34 artanh(1/49) + 20 artanh(1/161).
  static let logarithmOfTen =
    artanh(inverse: 31) * LongDecimal(46) + artanh(inverse: 49) * LongDecimal(34)
    + artanh(inverse: 161) * LongDecimal(20)

  /// 1/n + 1/(3n³) + 1/(5n⁵) + ...
  private static func artanh(inverse divisor: UInt32) -> LongDecimal {
    var power = LongDecimal(1) / divisor
    var sum = power
    for index in stride(from: UInt32(3), to: 90, by: 2) {
      power = power / divisor / divisor
      sum = sum + power / index
    }
    return sum
  }

  /// e to this power, which is between -40,000 and 40,000.
  var exponential: LongDecimal {
    // exp(x) = 10^k exp(r / 2^8)^(2^8), with r = x - k ln 10 of at most 1.2, by its series.
    let power = Int((double / 2.302585092994046).rounded())
    let halvingCount = 8
    let small = (self - Self.logarithmOfTen * LongDecimal(power)) / (1 << UInt32(halvingCount))
    var term = LongDecimal(1)
    var sum = term
    for index in UInt32(1)..<50 {
      term = term * small / index
      if term.isZero { break }
      sum = sum + term
    }
    for _ in 0..<halvingCount { sum = sum * sum }
    return sum * LongDecimal(tenTo: power)
  }

  /// Of a number above zero.
  var naturalLogarithm: LongDecimal {
    // ln(m × 10^k) = ln m + k ln 10, with m between 0.3 and 3 or so: nothing cancels near 1.
    var (mantissa, size) = leading
    while mantissa.double > 3 {
      mantissa = mantissa * LongDecimal(tenTo: -1)
      size += 1
    }
    // Newton: y + m exp(-y) - 1 has twice the digits that y has, and a double has 15.
    var result = LongDecimal(FeelNumber(log(mantissa.double)) ?? .zero)
    for _ in 0..<4 { result = result + mantissa * (-result).exponential - LongDecimal(1) }
    return result + Self.logarithmOfTen * LongDecimal(size)
  }

  /// Of a number that is not zero: Newton's r (2 - x r).
  var reciprocal: LongDecimal {
    let (mantissa, size) = leading
    var result = LongDecimal(FeelNumber(1 / mantissa.double)!)
    for _ in 0..<4 { result = result * (LongDecimal(2) - mantissa * result) }
    return result * LongDecimal(tenTo: -size)
  }

  /// Of a number above zero: x times Newton's r (3 - x r²) / 2, which goes to one over the root.
  var squareRoot: LongDecimal {
    let (mantissa, size) = leading
    var inverse = LongDecimal(FeelNumber(1 / mantissa.double.squareRoot())!)
    for _ in 0..<4 { inverse = inverse * (LongDecimal(3) - mantissa * inverse * inverse) / 2 }
    return mantissa * inverse * LongDecimal(tenTo: size / 2)
  }

  /// This number to a power; nil where it is too large, zero where it is too small. The powers of few
  /// digits are exact.
  func raised(to power: Int) -> LongDecimal? {
    var result = LongDecimal(1)
    var base = power < 0 ? reciprocal : self
    var rest = power.magnitude
    while true {
      if rest & 1 == 1 { result = result * base }
      rest >>= 1
      if base.isOutOfRange || result.isOutOfRange {
        return (base.isOutOfRange ? base : result).scale > 0 ? nil : LongDecimal(0)
      }
      if rest == 0 { return result }
      base = base * base
    }
  }

  /// The number as m × 10^size with a size that is even; m is between 1 and 10^10.
  private var leading: (mantissa: LongDecimal, size: Int) {
    let size = 9 * (scale + limbs.count - 1)
    let even = size - (size % 2 + 2) % 2
    return (self * LongDecimal(tenTo: -even), even)
  }

  /// The nearest double, or nearly.
  private var double: Double {
    var value = 0.0
    for (index, limb) in limbs.enumerated().suffix(3) {
      value += Double(limb) * pow(10, Double(9 * (index + scale)))
    }
    return isNegative ? -value : value
  }
}
