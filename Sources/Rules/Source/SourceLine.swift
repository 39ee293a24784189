/// One line of a source, without its end.
struct SourceLine {
  /// Counted from 1.
  let number: Int
  let text: Substring

  /// The lines of a text; `\n`, `\r\n` and `\r` end one.
  static func lines(of text: String) -> [SourceLine] {
    var lines: [SourceLine] = []
    let bytes = text.utf8
    var start = bytes.startIndex
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      let next = bytes.index(after: index)
      guard byte == 0x0A || byte == 0x0D else {
        index = next
        continue
      }
      lines.append(SourceLine(number: lines.count + 1, text: text[start..<index]))
      let isPair = byte == 0x0D && next < bytes.endIndex && bytes[next] == 0x0A
      index = isPair ? bytes.index(after: next) : next
      start = index
    }
    lines.append(SourceLine(number: lines.count + 1, text: text[start...]))
    return lines
  }
}

extension Substring {
  /// Without spaces at either end.
  var trimmed: Substring {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
