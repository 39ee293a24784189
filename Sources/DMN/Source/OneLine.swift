extension String {
  /// The text as one line of a terminal or a log: what would end the line or steer the terminal as `\u{C}`.
  public var onOneLine: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var line = ""
    for scalar in unicodeScalars {
      if scalar.isControl {
        line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}

extension Unicode.Scalar {
  /// Of Unicode's controls all but the tab, and its two separators of lines.
  fileprivate var isControl: Bool {
    value < 0x20 && value != 0x09 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
  }
}
