import ArgumentParser
import Foundation
import Rules

/// `postern test`: do the tables answer their own examples as their authors expect?
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the examples in tables.",
    discussion: """
      Each row of a table's Examples is run on the compiled table, raw headers through the real \
      scanner, the table alone and as if enforced.

        postern test ops/tables               run them
        postern test ops/tables --coverage    what no example touches
        postern test a.table.md --generate    the missing examples, to paste

      --coverage wants, beside an example for each rule and each test of its cells, one on each side of \
      a boundary: the numbers next to it; of a network the first and the last address, and those just \
      outside; of not(...) each of the values. For it an example counts where its table's chain gets to \
      it: not where an earlier table of the same files or directory denies or revokes, which is listed. \
      --generate proposes none of these.

      Decision models have no examples: a file that is one is an error, and below a directory *.dmn files \
      that are not named *.table.dmn are left out.

      What --generate proposes is what the table answers today: read it before you paste it.

      Exit status: 0 all passed; 1 an example failed, a table is wrong, or there was no example; \
      3 no such path. Coverage does not change it.
      """)

  @Argument(
    help: "Table files, or directories with *.table.md, *.table.csv and *.table.dmn files below them.")
  var paths: [String]

  @Flag(help: "Print one JSON object: ok, passed, failed, results, diagnostics.")
  var json = false

  @Flag(name: .shortAndLong, help: "List the examples that passed as well.")
  var verbose = false

  @Flag(help: "List the rules, cells and boundaries that no example touches.")
  var coverage = false

  @Flag(help: "Propose the examples that are missing, instead of running those that are there.")
  var generate = false

  func run() throws {
    let sets = TableDirectory.loadAll(paths)
    let tables = sets.flatMap(\.tables)
    let diagnostics = sets.flatMap(\.diagnostics).filter { $0.severity == .error }
    if generate, diagnostics.isEmpty { return try propose(for: sets) }
    var results: [ExampleResult] = []
    var coverages: [Coverage]?
    if diagnostics.isEmpty {
      for table in tables { results += try ExampleRunner.run(table) }
      if coverage { coverages = try sets.flatMap { try $0.coverages() } }
    }
    let failedCount = results.count { !$0.passed }
    let isGood = diagnostics.isEmpty && failedCount == 0 && !results.isEmpty
    if json {
      try printJSON(
        Report(
          ok: isGood, passed: results.count - failedCount, failed: failedCount, results: results,
          diagnostics: diagnostics, coverage: coverages))
    } else {
      for diagnostic in diagnostics { print(diagnostic) }
      for result in results where verbose || !result.passed { print(result) }
      for coverage in coverages ?? [] { print(coverage) }
      print(
        "\(counted(results.count, "example")): \(results.count - failedCount) passed, "
          + "\(failedCount) failed")
    }
    if !paths.allSatisfy(isThere) { throw ExitStatus.unavailable.code }
    if !isGood { throw ExitStatus.failed.code }
  }

  private func propose(for sets: [TableSet]) throws {
    let proposals = try sets.flatMap { set in
      try set.tables.map { table in
        let source = FileManager.default.contents(atPath: table.file) ?? Data()
        return try ExampleProposal(
          table, behind: set.tables(before: table), source: String(decoding: source, as: UTF8.self))
      }
    }
    if json {
      try printJSON(Proposals(tables: proposals))
    } else {
      for proposal in proposals { print(proposal) }
    }
  }

  private struct Proposals: Encodable {
    var tables: [ExampleProposal]
  }

  private struct Report: Encodable {
    var ok: Bool
    var passed: Int
    var failed: Int
    var results: [ExampleResult]
    var diagnostics: [Diagnostic]
    /// With `--coverage` only.
    var coverage: [Coverage]?
  }
}
