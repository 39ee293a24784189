/// Why an image does not equal its source: the first difference that was met.
public struct ProofFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public var table: String
  /// Signal of the column; empty where the difference is in none.
  public var column: String
  /// What differs, and at which input.
  public var message: String

  init(table: String = "", column: String = "", _ message: String) {
    self.table = table
    self.column = column
    self.message = message
  }

  public var description: String {
    let place = [
      table.isEmpty ? "" : "table `\(table)`", column.isEmpty ? "" : "column `\(column)`",
    ].filter { !$0.isEmpty }.joined(separator: ", ")
    return (place.isEmpty ? "" : "\(place): ")
      + "the compiled table is not what its source says: \(message); this is a fault of Postern,"
      + " not of the table: report it"
  }
}
