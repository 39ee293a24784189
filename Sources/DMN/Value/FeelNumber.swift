/// A FEEL number: a decimal of up to 34 digits, as IEEE 754 decimal128 rounds (half to even).
///
/// INVARIANT (canonical): the significand is below 10^34 and not a multiple of ten, or zero with exponent
/// zero and no sign. So equal numbers have equal fields.
public struct FeelNumber: Sendable, Hashable {
  let isNegative: Bool
  let significand: UInt128
  let exponent: Int

  static let digitCountMax = 34
  /// LIMIT: exponents of decimal128; a result beyond is no number.
  static let exponentMax = 6111
  static let exponentMin = -6176

  /// LIMIT: powers of ten beyond which none makes a difference, with digits of the longest text.
  private static let powerMax = 1 << 40

  static let zero = FeelNumber(0)
  static let one = FeelNumber(1)

  public init(_ value: Int) {
    self = FeelNumber(
      isNegative: value < 0, wide: Wide(low: UInt128(value.magnitude)), exponent: 0)!
  }

  /// `±wide × 10^exponent`, rounded; nil where it is too large. `isInexact` says that a digit that is not
  /// zero was already cut off below `wide`.
  init?(isNegative: Bool, wide: Wide, exponent: Int, isInexact: Bool = false) {
    var (value, exponent) = (wide, exponent)
    let excess = value.decimalDigitCount - Self.digitCountMax
    if excess > 0 {
      let (quotient, remainder) = value.divided(by: powerOfTen(excess))
      let half = powerOfTen(excess) / 2
      let isOdd = quotient.low & 1 == 1
      let roundsUp = remainder > half || (remainder == half && (isInexact || isOdd))
      value = Wide(low: quotient.low + (roundsUp ? 1 : 0))
      exponent += excess
    }
    var significand = value.low
    if significand == 0 {
      self.isNegative = false
      self.significand = 0
      self.exponent = 0
      return
    }
    while significand % 10 == 0 {
      significand /= 10
      exponent += 1
    }
    // The first digit's place: trailing zeros do not count as digits here, and do in decimal128.
    guard exponent + Wide.digitCount(significand) <= Self.exponentMax + Self.digitCountMax else { return nil }
    if exponent < Self.exponentMin {
      self = .zero
      return
    }
    self.isNegative = isNegative
    self.significand = significand
    self.exponent = exponent
  }

  /// `±significand × 10^exponent`, rounded; nil where it is too large.
  init?(isNegative: Bool = false, _ significand: UInt128, exponent: Int) {
    self.init(isNegative: isNegative, wide: Wide(low: significand), exponent: exponent)
  }

  /// Digits with an optional sign, fraction and exponent: `-12.5`, `.5`, `1e3`.
  public init?(_ text: some StringProtocol) {
    var rest = Substring(text)
    var isNegative = false
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest.removeFirst()
    }
    var significand: UInt128 = 0
    var exponent = 0
    var digitCount = 0
    var isInexact = false
    var isFraction = false
    while let character = rest.first {
      if character == ".", !isFraction {
        isFraction = true
      } else if let digit = character.wholeNumberValue, character.isASCII {
        digitCount += 1
        if significand < powerOfTen(36) {
          significand = significand * 10 + UInt128(digit)
          if isFraction { exponent -= 1 }
        } else {
          if digit != 0 { isInexact = true }
          if !isFraction { exponent += 1 }
        }
      } else {
        break
      }
      rest.removeFirst()
    }
    guard digitCount > 0, !text.hasSuffix(".") else { return nil }
    if let mark = rest.first, mark == "e" || mark == "E" {
      guard let power = Self.power(rest.dropFirst()) else { return nil }
      exponent += power
    } else if !rest.isEmpty {
      return nil
    }
    self.init(
      isNegative: isNegative, wide: Wide(low: significand), exponent: exponent, isInexact: isInexact
    )
  }

  /// Digits with an optional sign; of more than `Int` has room for, as many as make a difference.
  private static func power(_ text: Substring) -> Int? {
    let isSigned = text.first == "-" || text.first == "+"
    let digits = text.dropFirst(isSigned ? 1 : 0)
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isWholeNumber }) else { return nil }
    let power = min(Int(digits) ?? powerMax, powerMax)
    return text.first == "-" ? -power : power
  }

  /// What is wrong with a literal, and what to do.
  struct LiteralFault: Error {
    var message: String
  }

  /// A literal of FEEL or JSON, as `init(_:)` takes it, which is none where the number is too large, or where
  /// one that is not 0 would be 0.
  static func literal(_ text: String) throws(LiteralFault) -> FeelNumber {
    guard let number = FeelNumber(text) else {
      throw LiteralFault(
        message: "`\(text.prefix(40))` is beyond the numbers of DMN, which end below 1E6145;"
          + " write a smaller one")
    }
    let digits = text.prefix { $0 != "e" && $0 != "E" }
    if number == .zero, digits.contains(where: { ("1"..."9").contains($0) }) {
      throw LiteralFault(
        message: "`\(text.prefix(40))` is too near to 0 for the numbers of DMN, which begin at 1E-6176;"
          + " write 0 or a larger one")
    }
    return number
  }

  /// The nearest decimal with the 17 digits that tell doubles apart; nil for what is not finite.
  init?(_ double: Double) {
    guard double.isFinite else { return nil }
    self.init("\(double)")
  }

  var double: Double { Double(scientific) ?? .nan }
  var isZero: Bool { significand == 0 }
  var isInteger: Bool { exponent >= 0 }
  var magnitude: FeelNumber { isNegative ? -self : self }

  /// The value, where it is a whole number within `Int`.
  public var int: Int? {
    guard exponent >= 0, exponent <= 18 else { return nil }
    let (value, overflow) = significand.multipliedReportingOverflow(by: powerOfTen(exponent))
    guard !overflow, value <= UInt128(Int.max) else { return nil }
    return isNegative ? -Int(value) : Int(value)
  }

  private var scientific: String { "\(isNegative ? "-" : "")\(significand)e\(exponent)" }
}

extension FeelNumber: CustomStringConvertible {
  /// Plain digits (`0.1`, `-12`), or with an exponent past 40 places. A JSON number.
  public var description: String {
    let sign = isNegative ? "-" : ""
    let digits = String(significand)
    if exponent >= 0, digits.count + exponent <= 40 {
      return sign + digits + String(repeating: "0", count: exponent)
    }
    if exponent < 0, exponent >= -40 {
      let places = -exponent
      let padded = String(repeating: "0", count: max(places + 1 - digits.count, 0)) + digits
      return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }
    let fraction = digits.count > 1 ? ".\(digits.dropFirst())" : ""
    return "\(sign)\(digits.prefix(1))\(fraction)E\(exponent + digits.count - 1)"
  }
}
