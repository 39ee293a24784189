import ArgumentParser
import DMN
import Rules

/// `postern convert`: a table in another format.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a table or a decision model in the format that another file's name asks for.",
    discussion: """
      The formats are Markdown (.md), comma-separated values (.csv), which spreadsheets open, and DMN \
      (.dmn), which modelling tools edit. The new file says the same as the old one: a login table \
      stays one and keeps its name, and a DMN model with other inputs and outputs stays a decision \
      model, which `postern eval` and `postern check` read in each format. CSV holds a model that is \
      one decision table. What a format cannot hold is refused, with its place. Prose, comments and \
      diagrams are left behind.

        postern convert step-up.table.md step-up.table.dmn
        postern convert loans.dmn loans.md

      Exit status: 0 written; 1 the file has an error, or says what the format cannot hold; 2 a name \
      that is of no format; 3 no such file, or one that cannot be written.
      """)

  @Argument(help: "The table or decision model to read.")
  var source: String

  @Argument(help: "The file to write.")
  var target: String

  @Flag(help: "Replace the file to write where there is one.")
  var force = false

  func run() throws {
    for file in [source, target] where TableFormat(reading: file) == nil {
      throw ValidationError("`\(file)` is of no format; a table's file ends in .md, .csv or .dmn")
    }
    if !force, isThere(target) {
      throw ValidationError("`\(target)` is there already; name another file or give --force")
    }
    switch TableDirectory.bytes(of: source) {
    case .failure(let problem):
      printError(problem.diagnostic.description)
      throw (isThere(source) ? ExitStatus.failed : ExitStatus.unavailable).code
    case .success(let bytes):
      if ModelFile.isModel(bytes, file: source) { return try convertModel(bytes) }
      let (converted, diagnostics) = TableConverter.convert(
        bytes, file: source, to: target, isWhole: true)
      for diagnostic in diagnostics { printError(diagnostic.description) }
      guard let converted else { throw ExitStatus.failed.code }
      try writeFile(converted, to: target)
    }
  }

  private func convertModel(_ bytes: [UInt8]) throws {
    let reading = ModelFile.read(bytes, file: source, isWhole: true)
    for problem in reading.problems { printError(problem.description) }
    guard let model = reading.model, !reading.hasErrors else { throw ExitStatus.failed.code }
    let text: String
    do throws(UnwritableModel) {
      text = try ModelFile.text(of: model, for: target)
    } catch {
      printError(DMNProblem(file: source, at: error.position, error.message).description)
      throw ExitStatus.failed.code
    }
    try writeFile(Array(text.utf8), to: target)
  }
}
