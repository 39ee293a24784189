import DMN
import Foundation
import Rules
import Tables

extension FuzzTarget {
  static let markdown = FuzzTarget("markdown", upTo: 4096) { input throws(Finding) in
    try read(input, file: "fuzz.table.md")
  }

  static let csv = FuzzTarget("csv", upTo: 4096) { input throws(Finding) in
    try read(input, file: "fuzz.table.csv")
  }

  /// A DMN model, as a model and as a table.
  static let dmn = FuzzTarget("dmn", upTo: 8192) { input throws(Finding) in
    let reading = ModelReader.read(Data(input), file: "fuzz.dmn")
    try require(
      reading.model != nil || reading.hasErrors, "no model, and nothing is said to be wrong")
    try read(input, file: "fuzz.table.dmn")
  }

  /// A source is read or refused with errors. One that is read is formatted to a fixed point, compiles
  /// or is refused, and what it compiles to is proved to be what it says.
  private static func read(_ input: [UInt8], file: String) throws(Finding) {
    let (table, diagnostics) = TableReader.read(input, file: file)
    let hasErrors = diagnostics.contains { $0.severity == .error }
    try require((table == nil) == hasErrors, "\(diagnostics)")
    if let formatted = TableFormatter.format(input, file: file).bytes {
      let again = TableFormatter.format(formatted, file: file).bytes
      try require(again == formatted, "formatted anew: \(String(decoding: formatted, as: UTF8.self))")
    }
    if let table { try proveCompiled(table) }
  }

  /// A table compiles to what it says, or is refused.
  static func proveCompiled(_ table: Table) throws(Finding) {
    guard let plan = ChainCompiler.compile([table]).plan else { return }
    do {
      let chain = try CompiledChain(plan)
      if plan.tables.isEmpty { return }
      _ = try ChainProof.prove(chain, equals: [table])
    } catch let failure as ProofFailure {
      throw Finding("compiled to something else: \(failure)")
    } catch {
      // An image has its limits.
    }
  }
}
