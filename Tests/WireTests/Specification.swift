import Foundation

/// The tables and examples of `proto-spec/postern-v1.md`.
struct Specification {
  struct Table {
    /// The heading it stands under, without the number signs.
    let heading: String
    let columns: [String]
    let rows: [[String]]
  }
  struct Example {
    let file: String
    let text: String
  }
  struct NoSuchTable: Error {
    let heading: String
    let column: String
  }

  private(set) var tables: [Table] = []
  private(set) var headings: [String] = []
  /// Each fenced block that stands behind a link to a vector.
  private(set) var examples: [Example] = []

  static func load() throws -> Specification {
    let file = protoSpec.appending(path: "postern-v1.md")
    return Specification(reading: try String(contentsOf: file, encoding: .utf8))
  }

  private init(reading text: String) {
    let lines = text.components(separatedBy: "\n")
    var linkedFile: String?
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if line.hasPrefix("```") {
        let end = lines[(index + 1)...].firstIndex(of: "```") ?? lines.count
        let block = lines[(index + 1)..<end].joined(separator: "\n") + "\n"
        if let file = linkedFile { examples.append(Example(file: file, text: block)) }
        linkedFile = nil
        index = end
      } else if line.hasPrefix("#") {
        headings.append(String(line.drop { $0 == "#" || $0 == " " }))
      } else if line.hasPrefix("[`vectors/") {
        linkedFile = line.split(separator: "`").dropFirst().first.map(String.init)
      } else if line.hasPrefix("|") {
        let end = lines[index...].firstIndex { !$0.hasPrefix("|") } ?? lines.count
        let cells = lines[index..<end].map(Self.cells)
        tables.append(
          Table(
            heading: headings.last ?? "", columns: cells[0], rows: Array(cells.dropFirst(2))))
        index = end
      }
      index += 1
    }
  }

  private static func cells(of line: String) -> [String] {
    line.components(separatedBy: "|").dropFirst().dropLast().map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  /// The table under the heading that starts with `heading` whose first column is `column`.
  func table(_ heading: String, _ column: String) throws -> Table {
    guard
      let table = tables.first(where: { $0.heading.hasPrefix(heading) && $0.columns[0] == column })
    else { throw NoSuchTable(heading: heading, column: column) }
    return table
  }
}
