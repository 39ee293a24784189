import Yams

/// What is wrong with a settings file, where, and what to do.
public struct SettingsProblem: Error, Equatable, Sendable, CustomStringConvertible {
  public var file: String
  /// Both count from 1.
  public var line: Int
  public var column: Int
  public var message: String

  /// `file:line:column: error: what, and what to do`, in one line: what the YAML reader says, and keys of
  /// the file, may have line breaks.
  public var description: String {
    let words = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    return "\(file):\(line):\(column): error: \(words)"
  }
}

extension SettingsProblem {
  /// What keeps a file from being YAML, in words that do not repeat the file.
  public init(syntax error: any Error, file: String) {
    switch error as? YamlError {
    case .scanner(_, let what, let mark, _), .parser(_, let what, let mark, _),
      .composer(_, let what, let mark, _):
      self.init(file: file, line: mark.line, column: mark.column, message: what)
    case .duplicatedKeysInMapping(let names, let context):
      let keys = names.map { "`\($0)`" }.joined(separator: ", ")
      self.init(
        file: file, line: max(1, context.mark.line), column: max(1, context.mark.column),
        message: "more than one \(keys) in one mapping; keep one of each")
    default: self.init(file: file, line: 1, column: 1, message: "\(error)")
    }
  }
}

/// Takes values out of YAML, and collects all that is wrong with them.
struct SettingsReader {
  let file: String
  private(set) var problems: [SettingsProblem] = []

  init(file: String) { self.file = file }

  mutating func report(_ node: Node?, _ message: String) {
    problems.append(
      SettingsProblem(
        file: file, line: node?.mark?.line ?? 1, column: node?.mark?.column ?? 1, message: message))
  }

  /// The members of a mapping; those of another name are reported.
  mutating func members(of node: Node, _ what: String, named keys: [String]) -> [String: Node] {
    var members: [String: Node] = [:]
    for (key, value) in pairs(of: node, what) {
      if keys.contains(key.scalar?.string ?? "") {
        members[key.scalar?.string ?? ""] = value
      } else {
        report(
          key, "unknown key `\(key.scalar?.string ?? "?")` in `\(what)`; the keys are "
            + keys.joined(separator: ", "))
      }
    }
    return members
  }

  mutating func pairs(of node: Node, _ what: String) -> [(key: Node, value: Node)] {
    guard let mapping = node.mapping else {
      report(node, "`\(what)` is no mapping; write `key: value` lines under it")
      return []
    }
    return mapping.map { ($0.key, $0.value) }
  }

  mutating func items(of node: Node?, _ what: String) -> [Node] {
    guard let node else { return [] }
    guard let sequence = node.sequence else {
      report(node, "`\(what)` is no list; write [a, b]")
      return []
    }
    return Array(sequence)
  }

  /// The texts of a list, each with its place.
  mutating func texts(of node: Node?, _ what: String) -> [(text: String, node: Node)] {
    var texts: [(text: String, node: Node)] = []
    for item in items(of: node, what) {
      if let text = text(of: item, what) { texts.append((text, item)) }
    }
    return texts
  }

  mutating func text(of node: Node?, _ what: String) -> String? {
    guard let node else { return nil }
    guard let text = node.scalar?.string, !text.isEmpty else {
      report(node, "`\(what)` is no text")
      return nil
    }
    return text
  }

  mutating func number(of node: Node?, _ what: String, in range: ClosedRange<Int>) -> Int? {
    guard let node else { return nil }
    guard let number = node.scalar.flatMap({ Int($0.string) }), range.contains(number) else {
      report(
        node, "`\(what): \(node.scalar?.string ?? "?")` is no whole number from \(range.lowerBound)"
          + " to \(range.upperBound)")
      return nil
    }
    return number
  }
}
