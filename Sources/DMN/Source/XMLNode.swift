import Foundation

/// An element of the DMN namespace, with what stands below it, or an extension.
struct XMLNode {
  /// Of the root's namespace as it is, of Postern's as `postern:name`, of another as `{namespace}name`.
  var name: String
  var attributes: [String: String]
  var children: [XMLNode] = []
  /// All character data directly inside, as it stands in the file.
  var text = ""
  /// Where the start tag begins.
  var position: SourcePosition
  /// Where the content begins, just after the start tag.
  var contentPosition: SourcePosition

  /// An attribute that says something, without blanks at its ends: editors write many that are empty.
  func attribute(_ name: String) -> String? {
    let text = attributes[name]?.trimmingCharacters(in: .whitespacesAndNewlines)
    return text?.isEmpty ?? true ? nil : text
  }

  /// The text of the first child of that name, `nil` where it says nothing.
  func text(ofChild name: String) -> String? {
    child(name).map(\.sourceText.text).flatMap { $0.isEmpty ? nil : $0 }
  }

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
