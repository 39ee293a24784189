/// Why a cell cannot be read.
struct CellError: Error {
  /// Of the first bad character, in the cell's text.
  let offset: Int
  let message: String

  init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }
}
