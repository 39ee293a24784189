import Wire

extension Span where Element == UInt8 {
  /// One to three digits and nothing else.
  @inline(__always)
  func smallNumber(in range: ByteRange) -> Int? {
    let count = range.count
    // Most numbers are a digit.
    if count == 1 {
      let digit = self[range.start] &- UInt8(ascii: "0")
      return digit <= 9 ? Int(digit) : nil
    }
    guard count &- 2 <= 1 else { return nil }
    // The digits in the upper bytes, the last one uppermost, and nothing below the first.
    let unused = 32 &- 8 &* count
    let digits = ((loadPadded4(self, endingAt: range.end) ^ 0x3030_3030) &>> unused) &<< unused
    // Bit 7 of a byte is set where it is more than 9.
    guard ((digits & 0x7F7F_7F7F) &+ 0x7676_7676 | digits) & 0x8080_8080 == 0 else { return nil }
    return Int(digits >> 24) &+ 10 &* Int(digits >> 16 & 0xFF) &+ 100 &* Int(digits >> 8 & 0xFF)
  }

  /// `1*2DIGIT / "100"`.
  @inline(__always)
  func score(in range: ByteRange) -> UInt8? {
    guard let number = smallNumber(in: range), range.count < 3 || number == 100 else { return nil }
    return UInt8(number)
  }

  /// `[ "-" ] 1*DIGIT [ "." 1*DIGIT ]`, the nearest `Double`.
  ///
  /// LIMIT: 15 digits: they and the power of ten are exact, so one division rounds correctly.
  func decimal(in range: ByteRange) -> Double? {
    let isNegative = !range.isEmpty && self[range.start] == UInt8(ascii: "-")
    var digits = 0
    var digitCount = 0
    var scale = 1.0
    var point: Int?
    for offset in range.start + (isNegative ? 1 : 0)..<range.end {
      let byte = self[offset]
      if isDigit(byte) {
        guard digitCount < 15 else { return nil }
        digitCount += 1
        digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
        if point != nil { scale *= 10 }
      } else {
        guard byte == UInt8(ascii: "."), point == nil, digitCount > 0 else { return nil }
        point = offset
      }
    }
    guard digitCount > 0, point != range.end - 1 else { return nil }
    let number = Double(digits) / scale
    return isNegative ? 0 - number : number  // Not `-number`: "-0" is 0.
  }
}
