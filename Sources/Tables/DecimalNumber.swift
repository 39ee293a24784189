/// A decimal number as text has it: `-12.50` is -1250 with two places.
public struct DecimalNumber: Sendable {
  /// LIMIT: places, and digits in all: what 64 bits hold.
  public static let digitCountMax = 18

  private let digits: Int64
  public let scale: Int

  public init?(_ text: String) {
    var digits: Int64 = 0
    var scale: Int?
    var count = 0
    let isNegative = text.hasPrefix("-")
    for byte in text.utf8.dropFirst(isNegative ? 1 : 0) {
      if byte == UInt8(ascii: "."), scale == nil, count > 0 {
        scale = 0
        continue
      }
      guard (48...57).contains(byte), count < Self.digitCountMax else { return nil }
      digits = digits * 10 + Int64(byte - 48)
      count += 1
      scale = scale.map { $0 + 1 }
    }
    guard count > 0, scale != 0 else { return nil }
    self.digits = isNegative ? -digits : digits
    self.scale = scale ?? 0
  }

  /// The number times ten to the power of `scale`; `nil` where 64 bits are too few.
  public func value(atScale wanted: Int) -> Int64? {
    var value = digits
    for _ in scale..<max(scale, wanted) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
    }
    return value
  }

  /// A value at a scale as a reply says it: without zeros behind the last place that counts.
  public static func text(_ value: Int64, scale: Int) -> String {
    var digits = String(value.magnitude)
    digits = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    let whole = digits.dropLast(scale)
    var fraction = digits.suffix(scale)
    while fraction.last == "0" { fraction.removeLast() }
    return (value < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
  }
}
