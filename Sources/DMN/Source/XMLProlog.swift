import Foundation

/// What stands before the root element, looked at byte by byte before any parser runs.
enum XMLProlog {
  /// Why the file may not be parsed: another encoding than UTF-8 (or one that agrees with it on ASCII),
  /// or a document type declaration, the source of entities. O(bytes before the root element).
  static func problem(in data: Data) -> (position: SourcePosition, message: String)? {
    var scan = Scan(data)
    if data.isEmpty { return (scan.position, "the file is empty; write a DMN model") }
    scan.skip([0xEF, 0xBB, 0xBF])
    if scan.starts(with: [0xFE, 0xFF]) || scan.starts(with: [0xFF, 0xFE])
      || data.prefix(64).contains(0)
    {
      return (scan.position, "the file is not UTF-8; save it as UTF-8")
    }
    while true {
      scan.skipWhitespace()
      let start = scan.position
      if scan.starts(with: Array("<?".utf8)) {
        let instruction = scan.take(through: Array("?>".utf8))
        if let encoding = declaredEncoding(instruction), !readable.contains(encoding) {
          return (start, "the encoding `\(encoding)` is not read; save the file as UTF-8")
        }
      } else if scan.starts(with: Array("<!--".utf8)) {
        _ = scan.take(through: Array("-->".utf8))
      } else if scan.starts(with: Array("<!".utf8)) {
        return (
          start,
          "a document type declaration (`<!DOCTYPE`) and its entities are not read; remove it"
        )
      } else {
        return nil
      }
    }
  }

  /// Where a processing instruction without data stands first, as `<?x?>`, which FoundationXML does not
  /// survive: it makes a text of the C string of none. In comments and CDATA too. O(n).
  static func emptyInstruction(in data: Data) -> SourcePosition? {
    var rest = data.startIndex..<data.endIndex
    while let start = data.range(of: Data("<?".utf8), in: rest) {
      let end = data[start.upperBound...].firstIndex { whitespace.contains($0) || $0 == UInt8(ascii: "?") }
      guard let end else { return nil }
      if data[end...].starts(with: Array("?>".utf8)) {
        var scan = Scan(data)
        while scan.offset < start.lowerBound { scan.step() }
        return scan.position
      }
      rest = end..<data.endIndex
    }
    return nil
  }

  private static let whitespace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
  private static let readable: Set<String> = ["utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1"]

  private static func declaredEncoding(_ instruction: String) -> String? {
    guard instruction.hasPrefix("<?xml"), let range = instruction.range(of: "encoding") else {
      return nil
    }
    let rest = instruction[range.upperBound...].drop { $0.isWhitespace || $0 == "=" }
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
    return rest.dropFirst().prefix { $0 != quote }.lowercased()
  }

  private struct Scan {
    let bytes: Data
    var offset: Int
    var position = SourcePosition()

    init(_ bytes: Data) {
      self.bytes = bytes
      offset = bytes.startIndex
    }

    func starts(with prefix: [UInt8]) -> Bool { bytes[offset...].starts(with: prefix) }

    mutating func step() {
      if bytes[offset] == 0x0A {
        position.line += 1
        position.column = 1
      } else {
        position.column += 1
      }
      offset += 1
    }

    mutating func skip(_ prefix: [UInt8]) {
      if starts(with: prefix) { offset += prefix.count }
    }

    mutating func skipWhitespace() {
      while offset < bytes.endIndex, XMLProlog.whitespace.contains(bytes[offset]) { step() }
    }

    /// The bytes up to and with `end`, or all that is left.
    mutating func take(through end: [UInt8]) -> String {
      let start = offset
      while offset < bytes.endIndex {
        if starts(with: end) {
          for _ in end { step() }
          break
        }
        step()
      }
      return String(decoding: bytes[start..<offset].prefix(256), as: UTF8.self)
    }
  }
}

/// The XML parser's commoner error numbers in words.
enum XMLFault {
  static func text(_ code: Int) -> String {
    switch code {
    case 1, 4, 5: "it ends before its root element does"
    case 9: "a character that XML does not allow"
    case 26: "an entity that is not declared"
    case 38, 39, 40, 41, 65: "an attribute that is not written `name=\"value\"`"
    case 42: "an attribute that is given twice"
    case 68: "a name was expected"
    case 73: "a tag without `>`"
    case 76: "a closing tag that does not fit the open element"
    case 201: "a namespace prefix that is not declared"
    default: "parser error \(code)"
    }
  }
}
