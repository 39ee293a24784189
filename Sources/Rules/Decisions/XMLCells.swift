/// Where the texts of an XML file's elements of one name stand, in their order: for changing them and
/// nothing else. The file has been read already, so it is well-formed.
struct XMLCells {
  /// The content of one element, from its start tag to its end tag; `nil` for what is not plain text.
  private(set) var ranges: [Range<String.Index>?] = []

  /// Of the `text` elements directly inside of elements called `name`, whatever their prefixes.
  init(of name: String, in text: String) {
    var path: [Substring] = []
    var start: String.Index?
    var isPlain = true
    var index = text.startIndex
    let bytes = text.utf8
    while let open = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
      let rest = text[open...]
      if let end = Self.skipped(rest) {
        isPlain = false
        index = end
        continue
      }
      let close = Self.tagEnd(rest)
      let tag = text[bytes.index(after: open)..<close]
      let isEnd = tag.hasPrefix("/")
      let isCell = path.suffix(2) == [Substring(name), "text"]
      if isEnd {
        if isCell, let start { ranges.append(isPlain ? start..<open : nil) }
        start = nil
        path.removeLast()
      } else {
        isPlain = !isCell
        path.append(Self.localName(tag))
        start = bytes.index(after: close)
        if tag.hasSuffix("/") {
          if path.suffix(2) == [Substring(name), "text"] { ranges.append(nil) }
          path.removeLast()
          start = nil
        }
      }
      index = bytes.index(after: close)
    }
  }

  /// The end of a comment, instruction or section that begins here; `nil` at a tag.
  private static func skipped(_ rest: Substring) -> String.Index? {
    for (begin, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
    where rest.hasPrefix(begin) {
      return rest.firstRange(of: end)?.upperBound ?? rest.endIndex
    }
    return nil
  }

  /// Of the `>` that ends a tag, which may stand in an attribute's quotes too.
  private static func tagEnd(_ rest: Substring) -> String.Index {
    var quote: UInt8?
    for index in rest.utf8.indices {
      let byte = rest.utf8[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        return index
      }
    }
    return rest.endIndex
  }

  private static func localName(_ tag: Substring) -> Substring {
    let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
    return name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? name
  }
}
