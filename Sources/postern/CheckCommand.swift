import ArgumentParser
import Rules
import Wire

/// `postern check`: are these tables right, and are they what their authors meant?
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validate and analyse tables.",
    discussion: """
      Finds every error of every file, and looks at all inputs of a table at once: inputs and states \
      that no rule decides, rules that overlap or can never fire, and, with --hints, rules that \
      mislead, repeat or could be one, columns that nothing needs and hit policies that promise more. \
      Of a chain, it finds rules that an earlier table's deny keeps everything from, and inputs that \
      no table decides.

      Each finding is one line, file:line:column: error|warning|info: what, and what to do; below it \
      the region of inputs that it is about, as a table in the words of your cells, and one input of \
      it that `postern eval` takes:

        postern check ops/tables --hints
        postern check post-login.table.md --json

      Below a directory, files named *.table.md, *.table.csv and *.table.dmn are its login tables, and \
      other *.dmn files decision models. A model in a table's name is an error: only its name keeps it \
      out of what `postern serve` and `postern compile` take.

      Of a decision model (*.dmn, or what `postern convert` made of one) that is no login table, it \
      finds what is wrong with its XML, its requirements, its types and its FEEL, and cells that hold \
      never or always, or are always null: of a name that nothing has, of another type than their \
      column or output, of a date that is none (`postern eval` takes them as the standard says). It \
      looks at each of its decision tables as it does at others. A table that compares with more than \
      numbers, texts, booleans, dates, times, durations and \
      null as literals is reported as not analysed, with the line of the cell. Times are taken to have \
      a zone where a column's literals have one, and none where they have none.

      Nothing is sampled. What would take more than --steps is reported as not decided, in one line for \
      each table that names the questions, and in JSON as a finding of kind notDecided.

      Exit status: 0 no errors; 1 errors (with --strict, warnings too); 3 no such path.
      """)

  @Argument(help: "Table files, decision models, or directories with *.table.* and *.dmn files below them.")
  var paths: [String]

  @Flag(help: "Print one JSON object: ok, tables, diagnostics, findings, steps.")
  var json = false

  @Flag(help: "Count warnings as errors.")
  var strict = false

  @Flag(help: "Print as well what could be said more simply, and nulls that no rule of a model decides.")
  var hints = false

  @Option(help: "How much work one table may take, in looks at one cell of a rule.")
  var steps = Budget.stepCountDefault

  /// LIMIT: findings of one kind and file that are printed as text; JSON has them all.
  private static let printedCountMax = 20

  func validate() throws {
    guard steps > 0 else { throw ValidationError("--steps \(steps) is no work; give 1 or more") }
  }

  func run() throws {
    let progress = ProgressLine()
    let budget = Budget(stepCountMax: steps)
    let models = CheckedModels(paths, budget: budget, progress: progress.show)
    let sets = TableDirectory.loadAll(models.otherPaths)
    var stepCount = 0
    var findings: [Finding] = []
    for set in sets {
      findings += set.findings(budget: budget, stepCount: &stepCount, progress: progress.show)
    }
    findings += models.findings
    progress.clear()
    let found = findings.compactMap(\.diagnostic)
    let plain = sets.flatMap(\.diagnostics).filter { !found.contains($0) }
    let diagnostics = (plain + found + models.diagnostics).inOrder()
    let tables = sets.flatMap(\.tables)
    let isGood = strict ? diagnostics.isEmpty : !diagnostics.hasErrors
    if json {
      try printJSON(
        Report(
          ok: isGood, tables: tables.map(Report.Entry.init), diagnostics: diagnostics,
          findings: findings, steps: stepCount))
    } else {
      printText(plain + models.diagnostics, findings)
      printCounts(
        tables, models.decisionCount, diagnostics, hintCount: findings.count { !$0.isShown })
    }
    if !paths.allSatisfy(isThere) { throw ExitStatus.unavailable.code }
    if !isGood { throw ExitStatus.failed.code }
  }

  private func printText(_ plain: [Diagnostic], _ findings: [Finding]) {
    for diagnostic in plain { print(diagnostic) }
    var counts: [String: Int] = [:]
    for finding in findings where hints || finding.isShown {
      let key = "\(finding.file): \(finding.kind.rawValue)"
      counts[key, default: 0] += 1
      if counts[key]! <= Self.printedCountMax { print(finding) }
    }
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) where count > Self.printedCountMax {
      print("\(key): \(count - Self.printedCountMax) more; --json has them all")
    }
  }

  private func printCounts(
    _ tables: [Table], _ decisionCount: Int, _ diagnostics: [Diagnostic], hintCount: Int
  ) {
    let errorCount = diagnostics.count { $0.severity == .error }
    let hintText = hints || hintCount == 0 ? "" : ", \(counted(hintCount, "hint")) (--hints)"
    let decisions = decisionCount > 0 ? [counted(decisionCount, "decision")] : []
    let things =
      tables.isEmpty && decisionCount > 0 ? decisions : [counted(tables.count, "table")] + decisions
    print(
      things.joined(separator: ", ") + ": \(counted(errorCount, "error")), "
        + counted(diagnostics.count - errorCount, "warning") + hintText)
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
    var findings: [Finding]
    /// The most that one table or chain took of --steps.
    var steps: Int
  }
}

extension Finding {
  /// Whether it is printed unasked: what may be wrong, and what nobody knows.
  fileprivate var isShown: Bool { severity != .info || kind == .notDecided }
}

/// "1 table", "2 tables".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
