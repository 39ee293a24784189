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

  /// One line of settings, and how many columns of the file's line stand before it.
  struct Line {
    let number: Int
    let skippedColumnCount: Int
    let text: Substring

    init(_ line: SourceLine, skippedColumnCount: Int = 0) {
      number = line.number
      self.skippedColumnCount = skippedColumnCount
      text = line.text
    }
  }

  /// Lines of settings as they are read. Beyond what is the most, they are only counted.
  struct Lines {
    private(set) var kept: [Line] = []
    /// Of all, with the ends between them.
    private(set) var byteCount = 0
    /// The first one's number; `nil` where there is none.
    private(set) var firstNumber: Int?

    init() {}

    init(_ lines: some Sequence<SourceLine>) {
      for line in lines { append(Line(line)) }
    }

    mutating func append(_ line: Line) {
      byteCount += line.text.utf8.count + (firstNumber == nil ? 0 : 1)
      firstNumber = firstNumber ?? line.number
      if byteCount <= FrontMatter.byteCountMax { kept.append(line) }
    }
  }

  /// LIMIT: a table of 64 columns says a few hundred things of them.
  private static let entryCountMax = 4096
  /// LIMIT: 4,096 settings of 64 bytes.
  private static let byteCountMax = 1 << 18

  private(set) var entries: [Entry] = []
  /// Of the first line.
  let location: SourceLocation
  private let lines: [Line]
  /// Whether they are attributes of a DMN file.
  let isXML: Bool

  /// Settings that another format than YAML gives.
  init(entries: [Entry], at location: SourceLocation) {
    self.entries = entries
    self.location = location
    lines = []
    isXML = true
  }

  /// Reads settings as YAML. What is not a map of scalars and maps is reported, and then this is
  /// `nil`.
  init?(_ lines: Lines, at location: SourceLocation, log: inout DiagnosticLog) {
    self.location = location
    self.lines = lines.kept
    isXML = false
    let yaml = lines.kept.map(\.text).joined(separator: "\n")
    guard lines.byteCount <= Self.byteCountMax else {
      log.error(
        at: location, "\(lines.byteCount) bytes of settings; \(Self.byteCountMax) is the most")
      return nil
    }
    do {
      if let node = try Yams.compose(yaml: yaml) {
        entries = try entries(of: node, isInner: false)
      }
    } catch let error as FrontMatterError {
      log.error(at: error.location, error.message)
      return nil
    } catch {
      log.error(at: self.location(of: error), Self.message(of: error))
      return nil
    }
  }

  private func entries(of node: Node, isInner: Bool) throws -> [Entry] {
    guard let mapping = node.mapping else {
      throw FrontMatterError(
        location: location(node.mark), message: "settings are lines of `name: value`")
    }
    guard mapping.count <= Self.entryCountMax else {
      throw FrontMatterError(
        location: location(node.mark),
        message: "\(mapping.count) settings; \(Self.entryCountMax) is the most")
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
      guard value.mapping != nil, !isInner else {
        throw FrontMatterError(
          location: location(value.mark),
          message: isInner
            ? "`\(text.text)` is one value"
            : "`\(text.text)` is one value or lines of `name: value`, not a list")
      }
      return Entry(key: text, value: .map(try entries(of: value, isInner: true)))
    }
  }

  private func location(_ mark: Mark?) -> SourceLocation {
    guard let mark, lines.indices.contains(mark.line - 1) else { return location }
    let line = lines[mark.line - 1]
    return SourceLocation(line: line.number, column: line.skippedColumnCount + mark.column)
  }

  private func location(of error: any Error) -> SourceLocation {
    switch error as? YamlError {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      location(mark)
    case .duplicatedKeysInMapping(_, let context): location(context.mark)
    default: location
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
