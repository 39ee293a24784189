import Signals

/// A part of the input space in the words of a table: one cell a signal.
///
/// A cell that no single one of the language can say is several, joined by `or`; what a list must
/// have all of is joined by `and`.
public struct Region: Hashable, Sendable {
  public var columns: [String]
  public var cells: [String]

  init(_ box: Box, of space: Space) {
    columns = space.signals.map(\.name)
    cells = space.cells(box)
  }

  /// Regions as an aligned table, with the columns that one of them narrows.
  static func lines(_ regions: [Region]) -> [String] {
    guard let first = regions.first else { return [] }
    let shown = first.columns.indices.filter { column in
      regions.contains { $0.cells[column] != "-" }
    }
    guard !shown.isEmpty else { return ["(any input)"] }
    return alignedTable(
      header: shown.map { first.columns[$0] },
      rows: regions.map { region in shown.map { escapingPipes(shortened(region.cells[$0])) } })
  }
}

/// LIMIT: characters of a cell in a text for people; `--json` has all of it.
private let shownCountMax = 160

/// A cell of thousands of values as its first ones, and how many more there are.
public func shortened(_ cell: String) -> String {
  guard cell.utf8.count > shownCountMax, cell.count > shownCountMax else { return cell }
  // Between two values: a comma in a text is none.
  var isText = false
  var commas: [String.Index] = []
  for index in cell.indices {
    switch cell[index] {
    case "\"": isText.toggle()
    case "," where !isText: commas.append(index)
    default: break
    }
  }
  let end = cell.index(cell.startIndex, offsetBy: shownCountMax)
  guard let last = commas.last(where: { $0 <= end }) else {
    return cell[..<end] + "… (\(cell[end...].count) more characters)"
  }
  return cell[..<last] + ", … (\(commas.count { $0 >= last }) more, all with --json)"
}

extension Region: Encodable {
  /// An object of cells by column.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    for (column, cell) in zip(columns, cells) {
      try container.encode(cell, forKey: AnyKey(column))
    }
  }
}

/// A name that is not known before.
struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// Lines of a Markdown table whose columns stand under one another.
func alignedTable(header: [String], rows: [[String]]) -> [String] {
  let widths = header.indices.map { column in
    ([header] + rows).map { $0[column].count }.max() ?? 0
  }
  let line = { (cells: [String]) in
    "| "
      + zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      .joined(separator: " | ") + " |"
  }
  let dashes =
    "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
  return [line(header), dashes] + rows.map(line)
}

/// A cell's text as a line of a Markdown table holds it.
func escapingPipes(_ text: String) -> String {
  text.contains("|")
    ? text.split(separator: "|", omittingEmptySubsequences: false)
      .joined(separator: "\\|") : text
}
