/// XML being written: two-space indentation, attributes in the order given, one element a line.
struct XMLText {
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private var depth = 0
  /// The byte count just after the last start tag, while nothing was written since.
  private var emptySince: Int?

  typealias Attribute = (name: String, value: String?)

  /// Opens an element; `end` closes it. Attributes without a value are left out.
  mutating func begin(_ name: String, _ attributes: [Attribute] = []) {
    indent()
    open(name, attributes)
    text += ">\n"
    emptySince = text.utf8.count
    depth += 1
  }

  /// Closes the innermost open element, as an empty one where nothing was written since.
  mutating func end(_ name: String) {
    depth -= 1
    if text.utf8.count == emptySince {
      text.removeLast(2)
      text += "/>\n"
    } else {
      indent()
      text += "</\(name)>\n"
    }
    emptySince = nil
  }

  /// An element without content.
  mutating func element(_ name: String, _ attributes: [Attribute] = []) {
    begin(name, attributes)
    end(name)
  }

  /// An element that holds character data. The data keeps its line breaks, and gets no indentation.
  mutating func element(_ name: String, _ attributes: [Attribute] = [], text content: String) {
    indent()
    open(name, attributes)
    text += ">\(Self.escaped(content))</\(name)>\n"
  }

  private mutating func indent() { text += String(repeating: "  ", count: depth) }

  private mutating func open(_ name: String, _ attributes: [Attribute]) {
    text += "<\(name)"
    for (name, value) in attributes {
      if let value { text += " \(name)=\"\(Self.escaped(value, quotes: true))\"" }
    }
  }

  /// Characters that XML cannot hold become the replacement character.
  static func escaped(_ content: String, quotes: Bool = false) -> String {
    var result = ""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"" where quotes: result += "&quot;"
      case "\n" where quotes, "\t" where quotes: result += "&#\(scalar.value);"
      case "\r": result += "&#13;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
