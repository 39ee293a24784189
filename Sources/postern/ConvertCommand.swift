import ArgumentParser
import Rules

/// `postern convert`: a table in another format.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a table in the format that another file's name asks for.",
    discussion: """
      The formats are Markdown (.md) and comma-separated values (.csv), which spreadsheets open. \
      The new table says the same as the old one and keeps its name; prose and comments among the \
      settings are left behind.

        postern convert step-up.table.md step-up.table.csv

      Exit status: 0 written; 1 the table has an error; 2 a name that is of no format; 3 no such \
      file, or one that cannot be written.
      """)

  @Argument(help: "The table to read.")
  var source: String

  @Argument(help: "The file to write.")
  var target: String

  @Flag(help: "Replace the file to write where there is one.")
  var force = false

  func run() throws {
    for file in [source, target] where TableFormat(reading: file) == nil {
      throw ValidationError("`\(file)` is of no format; a table's file ends in .md or .csv")
    }
    if !force, isThere(target) {
      throw ValidationError("`\(target)` is there already; name another file or give --force")
    }
    switch TableDirectory.bytes(of: source) {
    case .failure(let problem):
      printError(problem.diagnostic.description)
      throw (isThere(source) ? ExitStatus.failed : ExitStatus.unavailable).code
    case .success(let bytes):
      let (converted, diagnostics) = TableConverter.convert(bytes, file: source, to: target)
      for diagnostic in diagnostics { printError(diagnostic.description) }
      guard let converted else { throw ExitStatus.failed.code }
      try write(converted, to: target)
    }
  }
}
