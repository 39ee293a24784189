/// Text that is written without a `String` of its own.
extension ByteWriter {
  /// Appends ASCII text. O(its bytes).
  public mutating func append(_ text: StaticString) {
    // SAFETY: a static string's bytes live for ever.
    unsafe append(Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends text that may be no UTF-8, repaired. O(its bytes); allocates where it is not ASCII.
  public mutating func append(text bytes: Span<UInt8>) {
    if bytes.isASCII { append(bytes) } else { append(String(repairing: bytes)) }
  }

  /// Appends a number as decimal digits: one to twenty.
  public mutating func append(decimal number: UInt64) {
    var unit: UInt64 = 1
    while number / unit >= 10 { unit *= 10 }
    while unit > 0 {
      append(UInt8(ascii: "0") + UInt8(number / unit % 10))
      unit /= 10
    }
  }

  /// Appends a number as sixteen hexadecimal digits.
  public mutating func append(hexadecimal number: UInt64) {
    var shift: UInt64 = 64
    while shift > 0 {
      shift -= 4
      let digit = UInt8(number >> shift & 15)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
