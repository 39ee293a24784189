import ArgumentParser
import Rules
import Wire

/// `postern check`: are these tables right, and are they what their authors meant?
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate and analyse tables.",
    discussion: """
      Finds every error of every file, rules that can never fire, rules of a UNIQUE table that \
      overlap, and inputs that no rule decides. Each finding is one line: \
      file:line:column: error|warning: what, and what to do.

      Exit status: 0 no errors; 1 errors (with --strict, warnings too); 3 no such path.
      """)

  @Argument(help: "Table files, or directories with *.table.md files in or below them.")
  var paths: [String]

  @Flag(help: "Print one JSON object: ok, tables, diagnostics.")
  var json = false

  @Flag(help: "Count warnings as errors.")
  var strict = false

  func run() throws {
    var sets = TableDirectory.loadAll(paths)
    for index in sets.indices { sets[index].addWarnings() }
    let diagnostics = sets.flatMap(\.diagnostics)
    let tables = sets.flatMap(\.tables)
    let isGood = strict ? diagnostics.isEmpty : !diagnostics.hasErrors
    if json {
      try printJSON(
        Report(ok: isGood, tables: tables.map(Report.Entry.init), diagnostics: diagnostics))
    } else {
      for diagnostic in diagnostics { print(diagnostic) }
      let errorCount = diagnostics.count { $0.severity == .error }
      print(
        "\(counted(tables.count, "table")): \(counted(errorCount, "error")), "
          + counted(diagnostics.count - errorCount, "warning"))
    }
    if !paths.allSatisfy(isThere) { throw ExitStatus.unavailable.code }
    if !isGood { throw ExitStatus.failed.code }
  }

  private struct Report: Encodable {
    struct Entry: Encodable {
      var file: String
      var name: String
      var tenant: String
      var trigger: String
      var order: Int
      var mode: String
      var hitPolicy: String
      var rules: Int
      var examples: Int
      var version: String

      init(_ table: Table) {
        file = table.file
        name = table.name
        tenant = table.tenant
        trigger = table.trigger
        order = table.order
        mode = table.mode.name
        hitPolicy = table.hitPolicy.rawValue
        rules = table.rules.count
        examples = table.examples.count
        version = hexadecimal(table.version)
      }
    }

    var ok: Bool
    var tables: [Entry]
    var diagnostics: [Diagnostic]
  }
}

/// "1 table", "2 tables".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
