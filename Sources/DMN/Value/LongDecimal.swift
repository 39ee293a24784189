/// A decimal of a hundred digits: what a power, root or logarithm is calculated with, so that its 34
/// digits are those of the exact result.
///
/// The value is the sum of `limbs[i] × 10^(9 × (i + scale))`, below zero where `isNegative`.
/// INVARIANT (trimmed): neither the first nor the last limb is zero, and there are `limbCountMax` at most;
/// zero has none.
struct LongDecimal {
  /// LIMIT: 100 to 108 digits. Results are rounded to 64 to 72 digits first, so that one that is exact,
  /// a tie among them, is seen as such, and then to 34.
  static let limbCountMax = 12
  /// LIMIT: far outside of what a `FeelNumber` holds, and far inside of what `Int` does.
  static let scaleMax = 1_000_000
  private static let base: UInt64 = 1_000_000_000

  private(set) var isNegative = false
  private(set) var limbs: [UInt32] = []
  private(set) var scale = 0

  init(_ value: Int) { self.init(FeelNumber(value)) }

  init(_ number: FeelNumber) {
    var rest = number.significand
    var limbs: [UInt32] = []
    while rest > 0 {
      limbs.append(UInt32(rest % UInt128(Self.base)))
      rest /= UInt128(Self.base)
    }
    self =
      LongDecimal(limbs, scale: 0, isNegative: number.isNegative)
      * LongDecimal(tenTo: number.exponent)
  }

  init(tenTo exponent: Int) {
    let shift = (exponent % 9 + 9) % 9
    self.init([UInt32(powerOfTen(shift))], scale: (exponent - shift) / 9)
  }

  private init(_ limbs: [UInt32], scale: Int, isNegative: Bool = false) {
    let top = limbs.lastIndex { $0 != 0 } ?? -1
    let bottom = limbs.prefix(top + 1).firstIndex { $0 != 0 } ?? 0
    guard top >= 0 else { return }
    let first = max(bottom, top + 1 - Self.limbCountMax)
    self.limbs = Array(limbs[first...top])
    self.scale = scale + first
    self.isNegative = isNegative
  }

  var isZero: Bool { limbs.isEmpty }

  /// Whether its exponent has left what any result has.
  var isOutOfRange: Bool { abs(scale) > Self.scaleMax }

  /// The limb of a power of 10^9.
  private func limb(_ place: Int) -> Int64 {
    limbs.indices.contains(place - scale) ? Int64(limbs[place - scale]) : 0
  }

  static prefix func - (value: LongDecimal) -> LongDecimal {
    LongDecimal(value.limbs, scale: value.scale, isNegative: !value.isNegative)
  }

  static func + (left: LongDecimal, right: LongDecimal) -> LongDecimal {
    if left.isZero { return right }
    if right.isZero { return left }
    let top = max(left.scale + left.limbs.count, right.scale + right.limbs.count)
    let bottom = max(min(left.scale, right.scale), top - limbCountMax - 2)
    func sum(_ left: LongDecimal, _ right: LongDecimal) -> (limbs: [UInt32], carry: Int64) {
      var limbs: [UInt32] = []
      var carry: Int64 = 0
      for place in bottom..<top {
        carry += left.isNegative ? -left.limb(place) : left.limb(place)
        carry += right.isNegative ? -right.limb(place) : right.limb(place)
        let digit = (carry % Int64(base) + Int64(base)) % Int64(base)
        limbs.append(UInt32(digit))
        carry = (carry - digit) / Int64(base)
      }
      return (limbs, carry)
    }
    let (limbs, carry) = sum(left, right)
    if carry >= 0 { return LongDecimal(limbs + [UInt32(carry)], scale: bottom) }
    let (opposite, more) = sum(-left, -right)
    return LongDecimal(opposite + [UInt32(more)], scale: bottom, isNegative: true)
  }

  static func - (left: LongDecimal, right: LongDecimal) -> LongDecimal { left + -right }

  static func * (left: LongDecimal, right: LongDecimal) -> LongDecimal {
    var limbs = [UInt32](repeating: 0, count: left.limbs.count + right.limbs.count + 1)
    for (i, a) in left.limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, b) in right.limbs.enumerated() {
        carry += UInt64(a) * UInt64(b) + UInt64(limbs[i + j])
        limbs[i + j] = UInt32(carry % base)
        carry /= base
      }
      limbs[i + right.limbs.count] = UInt32(carry)
    }
    return LongDecimal(
      limbs, scale: left.scale + right.scale, isNegative: left.isNegative != right.isNegative)
  }

  static func / (left: LongDecimal, divisor: UInt32) -> LongDecimal {
    let spread = limbCountMax + 1 - left.limbs.count
    var limbs = [UInt32](repeating: 0, count: spread) + left.limbs
    var rest: UInt64 = 0
    for index in limbs.indices.reversed() {
      rest = rest * base + UInt64(limbs[index])
      limbs[index] = UInt32(rest / UInt64(divisor))
      rest %= UInt64(divisor)
    }
    return LongDecimal(limbs, scale: left.scale - spread, isNegative: left.isNegative)
  }

  /// The nearest number of 34 digits; nil where it is too large.
  var number: FeelNumber? {
    let limbCount = 8
    var kept = Array(limbs.suffix(limbCount))
    let scale = scale + limbs.count - kept.count
    if limbs.count > limbCount, limbs[limbs.count - limbCount - 1] >= UInt32(Self.base / 2) {
      var index = 0
      while index < kept.count, UInt64(kept[index]) == Self.base - 1 {
        kept[index] = 0
        index += 1
      }
      if index == kept.count { kept.append(1) } else { kept[index] += 1 }
    }
    func part(_ limbs: ArraySlice<UInt32>) -> UInt128 {
      limbs.reversed().reduce(0) { $0 * UInt128(Self.base) + UInt128($1) }
    }
    if isOutOfRange { return scale > 0 ? nil : .zero }
    let wide =
      Wide(part(kept.dropFirst(4)), times: powerOfTen(36)) + Wide(low: part(kept.prefix(4)))
    return FeelNumber(isNegative: isNegative, wide: wide, exponent: 9 * scale)
  }
}
