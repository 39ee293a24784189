import ArgumentParser
import Foundation
import Rules

/// `postern format`: tables in their canonical spelling.
struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format",
    abstract: "Rewrite tables canonically: aligned columns, cells in their one spelling.",
    discussion: """
      Rewrites files in place. What a table says does not change, and neither does a byte outside \
      of its rules and examples: settings, prose and comments stay as they are. Formatting twice \
      changes nothing. A file with an error is left alone.

        postern format ops/tables            rewrite, and name each file that changed
        postern format --check ops/tables    only name them: for a check

      Decision models have no canonical spelling: a file that is one is an error, and below a directory \
      *.dmn files that are not named *.table.dmn are left out.

      Exit status: 0 all is canonical now; 1 a file has an error, or with --check is not canonical; \
      3 no such path, or a file that cannot be written.
      """)

  @Argument(
    help: "Table files, or directories with *.table.md, *.table.csv and *.table.dmn files below them.")
  var paths: [String]

  @Flag(help: "Change nothing; fail where a file is not canonical.")
  var check = false

  @Flag(help: "Print one JSON object: ok, changed, diagnostics.")
  var json = false

  func run() throws {
    var report = Report()
    var files: [String] = []
    for path in paths {
      let found: [String]
      do throws(UnreadableFile) {
        found = try TableDirectory.files(under: path)
      } catch {
        report.diagnostics.append(error.diagnostic)
        continue
      }
      if found.isEmpty { complain("`\(path)`: no table here; give a table file or a directory") }
      files += found
    }
    for file in files {
      switch TableDirectory.bytes(of: file) {
      case .failure(let problem): report.diagnostics.append(problem.diagnostic)
      case .success(let bytes):
        let (formatted, diagnostics) = TableFormatter.format(bytes, file: file, isWhole: true)
        report.diagnostics += diagnostics.filter { $0.severity == .error }
        guard let formatted, formatted != bytes else { continue }
        report.changed.append(file)
        if !check { try writeFile(formatted, to: file) }
      }
    }
    report.ok =
      report.diagnostics.isEmpty && !files.isEmpty && !(check && !report.changed.isEmpty)
    if json {
      try printJSON(report)
    } else {
      for diagnostic in report.diagnostics { print(diagnostic) }
      for file in report.changed { print("\(file): \(check ? "not canonical" : "formatted")") }
    }
    if !paths.allSatisfy({ isThere($0) }) { throw ExitStatus.unavailable.code }
    if !report.ok { throw ExitStatus.failed.code }
  }

  private struct Report: Encodable {
    var ok = false
    var changed: [String] = []
    var diagnostics: [Diagnostic] = []
  }
}
