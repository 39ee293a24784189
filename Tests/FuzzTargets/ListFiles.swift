import Foundation
import Rules

extension FuzzTarget {
  /// A file of a list that a table names, of addresses, of texts, and of texts whose letters are folded:
  /// read, or refused with problems, one line each, that name it. What is read compiles to what it says,
  /// and is read with a comment behind it, too.
  static let listFile = FuzzTarget("list-file", upTo: 4096) { input throws(Finding) in
    let name = "postern-fuzz-list-\(getpid()).txt"
    defer { try? FileManager.default.removeItem(atPath: NSTemporaryDirectory() + name) }
    for signal in ["request.ip", "request.path", "akamaiBot.type"] {
      guard let table = try table(of: signal, input, as: name) else { continue }
      try proveCompiled(table)
      let commented = try FuzzTarget.table(of: signal, input + Array("\n# a comment\n".utf8), as: name)
      try require(commented != nil, "with a comment the list for `\(signal)` is refused")
    }
  }

  /// A table of one cell, that names a list; `nil` where that is refused.
  private static func table(of signal: String, _ list: [UInt8], as name: String) throws(Finding) -> Table? {
    let directory = NSTemporaryDirectory()
    guard FileManager.default.createFile(atPath: directory + name, contents: Data(list)) else {
      throw Finding("cannot write `\(directory + name)`")
    }
    let source = """
      ---
      trigger: post-login
      hitPolicy: FIRST
      mode: enforce
      lists:
        list: \(name)
      ---
      ## Rules
      | \(signal) | verdict |
      |---|---|
      | in list | deny |
      | - | allow |
      """
    let (table, diagnostics) = TableReader.read(source, file: directory + "fuzz.table.md")
    let hasErrors = diagnostics.contains { $0.severity == .error }
    try require((table == nil) == hasErrors, "\(diagnostics)")
    for diagnostic in diagnostics {
      let text = diagnostic.description
      try require(!text.contains(where: \.isNewline) && text.hasPrefix(directory), text)
    }
    return table
  }
}
