import Yams

/// The settings of a front matter as text: key, value, and where both stand.
struct FrontMatter {
  struct Entry {
    let key: SourceText
    let value: Value
  }

  enum Value {
    case scalar(SourceText)
    case map([Entry])
  }

  let entries: [Entry]
  /// Of the first line.
  let location: SourceLocation

  /// Reads the lines between the two `---`. What is not a map of scalars and maps is reported.
  init?(_ document: MarkdownDocument, log: inout DiagnosticLog) {
    location = SourceLocation(line: 1, column: 1)
    let lines: [MarkdownDocument.Line]
    switch document.frontMatter {
    case .lines(let found): lines = found
    case .unterminated: return nil
    case .missing:
      log.error(
        at: location,
        "no front matter; begin with a line `---`, then `trigger:`, `hitPolicy:` and `mode:`, then"
          + " `---`"
      )
      return nil
    }
    let yaml = lines.map(\.text).joined(separator: "\n")
    do {
      guard let node = try Yams.compose(yaml: yaml) else {
        entries = []
        return
      }
      entries = try Self.entries(of: node)
    } catch let error as FrontMatterError {
      log.error(at: error.location, error.message)
      return nil
    } catch {
      log.error(at: Self.location(of: error), Self.message(of: error))
      return nil
    }
  }

  private static func entries(of node: Node) throws -> [Entry] {
    guard let mapping = node.mapping else {
      throw FrontMatterError(
        location: location(node.mark), message: "settings are lines of `name: value`")
    }
    return try mapping.map { key, value in
      guard let name = key.scalar else {
        throw FrontMatterError(
          location: location(key.mark), message: "a setting's name is one word")
      }
      let text = SourceText(name.string, at: location(name.mark))
      if let scalar = value.scalar {
        return Entry(
          key: text, value: .scalar(SourceText(scalar.string, at: location(scalar.mark))))
      }
      guard value.mapping != nil else {
        throw FrontMatterError(
          location: location(value.mark),
          message: "`\(text.text)` is one value or lines of `name: value`, not a list")
      }
      return Entry(key: text, value: .map(try entries(of: value)))
    }
  }

  /// In the file: the front matter begins in its second line.
  private static func location(_ mark: Mark?) -> SourceLocation {
    SourceLocation(line: (mark?.line ?? 0) + 1, column: mark?.column ?? 1)
  }

  private static func location(of error: any Error) -> SourceLocation {
    switch error as? YamlError {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      location(mark)
    case .duplicatedKeysInMapping(_, let context): location(context.mark)
    default: SourceLocation(line: 1, column: 1)
    }
  }

  private static func message(of error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _),
      .composer(_, let problem, _, _):
      "not YAML: \(problem); settings are lines of `name: value`"
    case .duplicatedKeysInMapping(let names, _):
      "`\(names.sorted().joined(separator: "`, `"))` is set twice; keep one"
    default: "not YAML; settings are lines of `name: value`"
    }
  }
}

private struct FrontMatterError: Error {
  let location: SourceLocation
  let message: String
}
