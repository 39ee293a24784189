import ArgumentParser
import Rules

/// `postern test`: do the tables answer their own examples as their authors expect?
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the examples in tables.",
    discussion: """
      Each row of a table's Examples is run on the compiled table, raw headers through the real \
      scanner, the table alone and as if enforced.

      Exit status: 0 all passed; 1 an example failed, a table is wrong, or there was no example; \
      3 no such path.
      """)

  @Argument(help: "Table files, or directories with *.table.md files in or below them.")
  var paths: [String]

  @Flag(help: "Print one JSON object: ok, passed, failed, results, diagnostics.")
  var json = false

  @Flag(name: .shortAndLong, help: "List the examples that passed as well.")
  var verbose = false

  func run() throws {
    let sets = TableDirectory.loadAll(paths)
    let diagnostics = sets.flatMap(\.diagnostics).filter { $0.severity == .error }
    var results: [ExampleResult] = []
    if diagnostics.isEmpty {
      for table in sets.flatMap(\.tables) { results += try ExampleRunner.run(table) }
    }
    let failedCount = results.count { !$0.passed }
    let isGood = diagnostics.isEmpty && failedCount == 0 && !results.isEmpty
    if json {
      try printJSON(
        Report(
          ok: isGood, passed: results.count - failedCount, failed: failedCount, results: results,
          diagnostics: diagnostics))
    } else {
      for diagnostic in diagnostics { print(diagnostic) }
      for result in results where verbose || !result.passed { print(result) }
      print(
        "\(counted(results.count, "example")): \(results.count - failedCount) passed, "
          + "\(failedCount) failed")
    }
    if !paths.allSatisfy(isThere) { throw ExitStatus.unavailable.code }
    if !isGood { throw ExitStatus.failed.code }
  }

  private struct Report: Encodable {
    var ok: Bool
    var passed: Int
    var failed: Int
    var results: [ExampleResult]
    var diagnostics: [Diagnostic]
  }
}
