/// JSON that keeps every digit of its numbers.
public enum FeelJSON {
  /// Why a text is not JSON that can be read.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    public var position: SourcePosition
    public var message: String
    public var description: String { "\(position.line):\(position.column): \(message)" }
  }

  /// Reads one JSON value: objects become contexts, arrays lists.
  public static func read(_ text: String) throws(Fault) -> FeelValue {
    var reader = JSONReader(text)
    return try reader.document()
  }

  /// Writes a value on one line. Dates, times, durations and ranges become strings, functions null.
  public static func write(_ value: FeelValue) -> String {
    switch value {
    case .null, .function: "null"
    case .number(let number): number.description
    case .boolean(let boolean): boolean ? "true" : "false"
    case .list(let elements): "[\(elements.map(write).joined(separator: ", "))]"
    case .context(let context):
      "{\(context.entries.map { "\(quoted($0.key)): \(write($0.value))" }.joined(separator: ", "))}"
    default: quoted(value.text)
    }
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// A recursive-descent reader of RFC 8259.
private struct JSONReader {
  private let scalars: [Unicode.Scalar]
  private var offset = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  mutating func document() throws(FeelJSON.Fault) -> FeelValue {
    if scalars.count > DMNLimits.inputByteCountMax {
      throw fault("the input is longer than \(DMNLimits.inputByteCountMax) characters; give less")
    }
    let value = try value(depth: 0)
    skipBlanks()
    if offset < scalars.count {
      throw fault("one JSON value is expected, and more follows; remove it")
    }
    return value
  }

  private func fault(_ message: String) -> FeelJSON.Fault {
    var position = SourcePosition()
    for scalar in scalars[..<min(offset, scalars.count)] {
      if scalar == "\n" {
        position = SourcePosition(line: position.line + 1, column: 1)
      } else {
        position.column += 1
      }
    }
    return FeelJSON.Fault(position: position, message: message)
  }

  private mutating func skipBlanks() {
    while offset < scalars.count, [" ", "\t", "\n", "\r"].contains(scalars[offset]) { offset += 1 }
  }

  private mutating func take(_ text: String) -> Bool {
    guard scalars[offset...].starts(with: text.unicodeScalars) else { return false }
    offset += text.unicodeScalars.count
    return true
  }

  private mutating func value(depth: Int) throws(FeelJSON.Fault) -> FeelValue {
    if depth > DMNLimits.elementDepthMax {
      throw fault("the input nests more than \(DMNLimits.elementDepthMax) deep; flatten it")
    }
    skipBlanks()
    if take("null") { return .null }
    if take("true") { return .boolean(true) }
    if take("false") { return .boolean(false) }
    guard offset < scalars.count else { throw fault("a JSON value is expected; write one") }
    switch scalars[offset] {
    case "\"": return .string(try string())
    case "[": return .list(try array(depth: depth))
    case "{": return .context(try object(depth: depth))
    default: return .number(try number())
    }
  }

  private mutating func array(depth: Int) throws(FeelJSON.Fault) -> [FeelValue] {
    offset += 1
    skipBlanks()
    if take("]") { return [] }
    var elements: [FeelValue] = []
    while true {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
      if take("]") { return elements }
      if !take(",") { throw fault("`,` or `]` is expected; correct the array") }
    }
  }

  private mutating func object(depth: Int) throws(FeelJSON.Fault) -> FeelContext {
    offset += 1
    skipBlanks()
    var context = FeelContext()
    if take("}") { return context }
    while true {
      skipBlanks()
      guard offset < scalars.count, scalars[offset] == "\"" else {
        throw fault("a member's name in quotes is expected; correct the object")
      }
      let key = try string()
      skipBlanks()
      if !take(":") { throw fault("`:` is expected after `\(key)`; correct the object") }
      context[key] = try value(depth: depth + 1)
      skipBlanks()
      if take("}") { return context }
      if !take(",") { throw fault("`,` or `}` is expected; correct the object") }
    }
  }

  private mutating func number() throws(FeelJSON.Fault) -> FeelNumber {
    let start = offset
    while offset < scalars.count, "+-.eE0123456789".unicodeScalars.contains(scalars[offset]) {
      offset += 1
    }
    let text = String(String.UnicodeScalarView(scalars[start..<offset]))
    guard let first = text.first, first == "-" || first.isNumber, Double(text) != nil else {
      offset = start
      throw fault("a JSON value is expected; write one")
    }
    do throws(FeelNumber.LiteralFault) {
      return try FeelNumber.literal(text)
    } catch {
      offset = start
      throw fault(error.message)
    }
  }

  private mutating func string() throws(FeelJSON.Fault) -> String {
    offset += 1
    var units: [UInt16] = []
    while offset < scalars.count {
      let scalar = scalars[offset]
      offset += 1
      if scalar == "\"" { return String(decoding: units, as: UTF16.self) }
      if scalar != "\\" {
        units.append(contentsOf: String(scalar).utf16)
        continue
      }
      guard offset < scalars.count else { break }
      offset += 1
      switch scalars[offset - 1] {
      case "\"", "\\", "/": units.append(UInt16(scalars[offset - 1].value))
      case "b": units.append(8)
      case "f": units.append(12)
      case "n": units.append(10)
      case "r": units.append(13)
      case "t": units.append(9)
      case "u":
        let end = min(offset + 4, scalars.count)
        let digits = String(String.UnicodeScalarView(scalars[offset..<end]))
        guard digits.count == 4, let unit = UInt16(digits, radix: 16) else {
          throw fault("`\\u` needs four hexadecimal digits; correct the string")
        }
        units.append(unit)
        offset = end
      default: throw fault("an unknown escape in a string; correct it")
      }
    }
    throw fault("a string does not end; write `\"` after it")
  }
}
