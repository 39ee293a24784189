import Foundation
import LoadGenerator

/// The files that results go to.
struct OutputFiles {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private let options: OutputOptions

  /// Throws where one cannot be written: nothing is measured in vain. Leaves them as they are.
  init(_ options: OutputOptions) throws(Failure) {
    self.options = options
    for file in [options.html, options.json].compactMap(\.self) where file != "-" { try Self.check(file) }
  }

  /// Prints the report before files are written, and tries each: none takes the numbers with it.
  func write(_ report: RunReport) throws {
    print(options.json == "-" ? try report.json() : TextReport(report).text())
    let outcomes = [
      Result { if let file = options.html { try write(HTMLReport(report).html(), to: file) } },
      Result {
        if let file = options.json, file != "-" { try write(report.json() + "\n", to: file) }
      },
    ]
    for outcome in outcomes { try outcome.get() }
  }

  private func write(_ text: String, to file: String) throws(Failure) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    } catch {
      throw Self.failure(file, error.localizedDescription)
    }
  }

  private static func check(_ file: String) throws(Failure) {
    let files = FileManager.default
    var isDirectory: ObjCBool = false
    // SAFETY: `isDirectory` is ours, and outlives the call.
    if unsafe files.fileExists(atPath: file, isDirectory: &isDirectory) {
      if isDirectory.boolValue { throw failure(file, "it is a directory") }
      guard files.isWritableFile(atPath: file) else { throw failure(file, "there is no right to") }
      return
    }
    let url = URL(fileURLWithPath: file)
    let directory = url.deletingLastPathComponent().path
    guard files.fileExists(atPath: directory) else { throw failure(file, "there is no `\(directory)`") }
    do {
      try Data().write(to: url, options: .withoutOverwriting)
      try files.removeItem(at: url)
    } catch {
      throw failure(file, error.localizedDescription)
    }
  }

  private static func failure(_ file: String, _ reason: String) -> Failure {
    // Foundation makes sentences of it.
    let what = reason.replacing("The operation could not be completed. ", with: "")
    return Failure(
      description: "cannot write `\(file)`: \(what.hasSuffix(".") ? String(what.dropLast()) : what);"
        + " name a file that can be written")
  }
}
