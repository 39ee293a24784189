import DMN

/// Reads the table of types: a component stands below its structure, a `> ` before its name for each
/// level.
enum ModelTypes {
  static func read(_ grid: Grid, log: inout DiagnosticLog) -> [ItemDefinition] {
    let rows = Rows(grid, ["type", "of", "is", "values", "constraint", "id"], log: &log).rows
    var rest = rows[...]
    return items(&rest, depth: 0, log: &log).items
  }

  /// LIMIT: as deep as elements of XML may nest.
  private static let depthMax = DMNLimits.elementDepthMax

  /// The types and the parameters that stand next at that level.
  private static func items(
    _ rows: inout ArraySlice<Rows.Row>, depth: Int, log: inout DiagnosticLog
  ) -> (items: [ItemDefinition], parameters: [Parameter]) {
    var items: [ItemDefinition] = []
    var parameters: [Parameter] = []
    while let row = rows.first {
      let (level, name) = Self.name(of: row)
      if level < depth { break }
      rows.removeFirst()
      if level > depth || level > depthMax {
        log.error(
          at: SourceLocation(row.position), "`\(name)` is \(level) levels deep and stands below one of"
            + " \(depth); write \(depth) `> ` before it")
        continue
      }
      let words = Set((row["is"] ?? "").split(separator: " ").map(String.init))
      if words == ["parameter"] {
        parameters.append(Parameter(name: name, typeRef: row["of"]))
        continue
      }
      if let word = words.subtracting(["list", "function"]).first {
        log.error(
          at: SourceLocation(row.position),
          "`\(word)` is nothing that a type is; write `list`, `function` or `parameter`")
      }
      var item = ItemDefinition(name: name, typeRef: row["of"])
      item.position = row.position
      item.id = row["id"]
      item.isCollection = words.contains("list")
      item.allowedValues = row["values"].map { _ in row.text("values") }
      item.typeConstraint = row["constraint"].map { _ in row.text("constraint") }
      let below = Self.items(&rows, depth: depth + 1, log: &log)
      item.components = below.items
      if words.contains("function") {
        var function = FunctionItem()
        function.outputTypeRef = item.typeRef
        function.parameters = below.parameters
        item.functionItem = function
        item.typeRef = nil
      }
      items.append(item)
    }
    return (items, parameters)
  }

  private static func name(of row: Rows.Row) -> (level: Int, name: String) {
    var name = (row["type"] ?? "")[...]
    var level = 0
    while name.first == ">" {
      name = name.dropFirst().trimmed
      level += 1
    }
    return (level, String(name))
  }
}
