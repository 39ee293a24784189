import Foundation

/// Numbers as people read them.
enum Numbers {
  /// `850 ns`, `12.3 µs`, `4.56 ms`, `1.20 s`: three digits.
  static func time(_ nanoseconds: Double) -> String {
    let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
    for (size, unit) in units where nanoseconds >= size { return "\(digits(nanoseconds / size)) \(unit)" }
    return "\(Int(nanoseconds.rounded())) ns"
  }

  static func time(_ nanoseconds: UInt64) -> String { time(Double(nanoseconds)) }

  /// `1,234,567`.
  static func count(_ number: Double) -> String {
    var text = String(Int(number.rounded()))
    var offset = text.count - 3
    while offset > (number < 0 ? 1 : 0) {
      text.insert(",", at: text.index(text.startIndex, offsetBy: offset))
      offset -= 3
    }
    return text
  }

  static func count(_ number: Int) -> String { count(Double(number)) }

  /// `52 %`, of a share of 1.
  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  private static func digits(_ number: Double) -> String {
    String(format: number < 10 ? "%.2f" : number < 100 ? "%.1f" : "%.0f", number)
  }
}
