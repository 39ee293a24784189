import ArgumentParser
import DMN
import Rules
import Tables

/// `postern diff`: where do two versions of tables decide differently?
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show the inputs that two versions of tables decide differently.",
    discussion: """
      Not a text diff: rules that were moved, joined or written otherwise and decide the same are no \
      difference, and one changed cell may be several. Each region of inputs is a row of cells, with \
      what was and what is decided there, and an input of it that `postern eval` takes.

      BEFORE and AFTER are two table files, two decision models, whose decisions are matched by name, or \
      two directories, whose tables are matched by tenant, trigger and name:

        postern diff step-up.table.md step-up.new.table.md
        postern diff released/tables ops/tables --json

      Verdicts and outputs are compared, each table by itself as if enforced; names of rules are not. \
      How far tables and rules count (mode, canary, shadow, `onLate`) is compared too, and is a difference. \
      Of tables that answer with every rule that matches, what all of them say together. Of two \
      directories, the verdict of each trigger's whole chain is compared as well, canaries as if \
      enforced for all: tables may differ where their chain does not, and the other way round. That \
      tables of a chain which match the same inputs changed places is a difference of the chain: a \
      reply names the table that answers, and outputs come from the last that has them. Of a model, each \
      decision table is compared by itself; what its outputs calculate, and what of the model is no \
      decision table, by its text.

      Exit status: 0 they decide the same; 1 they do not, or a table is wrong; 2 usage; 3 no such path.
      """)

  @Argument(help: "A table file, or a directory of tables.")
  var before: String

  @Argument(help: "A table file, or a directory of tables.")
  var after: String

  @Flag(help: "Print one JSON object: equal, tables, chains.")
  var json = false

  @Option(help: "How much work one table may take, in looks at one cell of a rule.")
  var steps = Budget.stepCountDefault

  func validate() throws {
    guard steps > 0 else { throw ValidationError("--steps \(steps) is no work; give 1 or more") }
  }

  func run() throws {
    for path in [before, after] where !isThere(path) {
      complain("`\(path)`: no such file or directory")
      throw ExitStatus.unavailable.code
    }
    switch (try model(before), try model(after)) {
    case (let old?, let new?):
      let differences = TableDifference.ofModels(old, new, budget: Budget(stepCountMax: steps))
      try report(differences, of: "decision", [])
    case (nil, nil): try compareTables()
    case (_?, nil), (nil, _?):
      throw ValidationError(
        "one of `\(before)` and `\(after)` is a decision model, the other is none; give two of a kind")
    }
  }

  private func compareTables() throws {
    let old = try load(before)
    let new = try load(after)
    let progress = ProgressLine()
    let differences = pairs(old, new).map { old, new in
      progress.show((new ?? old)?.file ?? "")
      return TableDifference(old, new, budget: Budget(stepCountMax: steps))
    }
    let chains = chainPairs(old, new).map { old, new in
      progress.show("chain of \((new.first ?? old.first)!.trigger)")
      return TableDifference(chains: old, new, budget: Budget(stepCountMax: steps))
    }
    progress.clear()
    try report(differences, of: "table", chains)
  }

  /// How many are different, and of how many that is not known.
  private func count(_ differences: [TableDifference]) -> String {
    let open = differences.count(where: \.isUndecided)
    let different = differences.count { !$0.isEqual } - open
    let texts = [
      different > 0 || open == 0 ? "\(different) \(different == 1 ? "is" : "are") different" : "",
      open > 0 ? "\(open) \(open == 1 ? "is" : "are") not decided" : "",
    ]
    return texts.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private func report(
    _ differences: [TableDifference], of what: String, _ chains: [TableDifference]
  ) throws {
    let isEqual = (differences + chains).allSatisfy(\.isEqual)
    if json {
      try printJSON(Report(equal: isEqual, tables: differences, chains: chains))
    } else {
      for difference in differences + chains where !difference.isEqual { print(difference) }
      print(
        "\(counted(differences.count, what)): " + (isEqual ? "no decision differs" : count(differences))
          + (chains.isEmpty || isEqual ? "" : "; of \(counted(chains.count, "chain")), \(count(chains))"))
    }
    if !isEqual { throw ExitStatus.failed.code }
  }

  /// A file that is a decision model and no login table; `nil` for anything else.
  private func model(_ path: String) throws -> ModelVersion? {
    guard TableFormat(reading: path) != nil, case .success(let bytes) = TableDirectory.bytes(of: path),
      ModelFile.isModel(bytes, file: path)
    else { return nil }
    let reading = ModelFile.read(bytes, file: path, isWhole: true)
    let problems = (DecisionEvaluator(reading)?.problems ?? reading.problems)
      .filter { $0.severity == .error }
    for problem in problems { printError(problem.description) }
    guard problems.isEmpty, let model = reading.model else { throw ExitStatus.failed.code }
    return ModelVersion(model, file: path)
  }

  private func load(_ path: String) throws -> [Table] {
    let sets = TableDirectory.loadAll([path])
    let errors = sets.flatMap(\.diagnostics).filter { $0.severity == .error }
    for error in errors { printError(error.description) }
    if !errors.isEmpty { throw ExitStatus.failed.code }
    return sets.flatMap(\.tables)
  }

  /// Two single tables are compared whatever their names.
  private func pairs(_ old: [Table], _ new: [Table]) -> [(Table?, Table?)] {
    if old.count == 1, new.count == 1 { return [(old[0], new[0])] }
    let isSame = { (a: Table, b: Table) in a.key == b.key && a.name == b.name }
    return old.map { table in (table, new.first { isSame($0, table) }) }
      + new.filter { table in !old.contains { isSame($0, table) } }.map { (nil, $0) }
  }

  /// The chains of which one version has several tables, each with its tables in both.
  private func chainPairs(_ old: [Table], _ new: [Table]) -> [([Table], [Table])] {
    var keys = (old + new).map(\.key)
    var seen: Set<TableKey> = []
    keys.removeAll { !seen.insert($0).inserted }
    return keys.map { key in (old.filter { $0.key == key }, new.filter { $0.key == key }) }
      .filter { $0.count > 1 || $1.count > 1 }
  }

  private struct Report: Encodable {
    var equal: Bool
    var tables: [TableDifference]
    var chains: [TableDifference]
  }
}
