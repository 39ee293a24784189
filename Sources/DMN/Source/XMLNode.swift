/// An element of the DMN namespace, with what stands below it in the same namespace, or an extension.
struct XMLNode {
  var name: String
  var attributes: [String: String]
  var children: [XMLNode] = []
  /// All character data directly inside, as it stands in the file.
  var text = ""
  /// Where the start tag begins.
  var position: SourcePosition
  /// Where the content begins, just after the start tag.
  var contentPosition: SourcePosition

  func children(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }
  func child(_ name: String) -> XMLNode? { children.first { $0.name == name } }

  /// The character data without white space at the ends, at its own place.
  var sourceText: SourceText {
    let start = text.prefix { $0.isWhitespace }
    let trimmed = text.dropFirst(start.count)
    let end = trimmed.lastIndex { !$0.isWhitespace }.map { trimmed.index(after: $0) }
    let body = trimmed[..<(end ?? trimmed.startIndex)]
    return SourceText(String(body), at: contentPosition.advanced(over: start))
  }
}
