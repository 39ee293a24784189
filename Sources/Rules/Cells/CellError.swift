/// Why a cell cannot be read.
struct CellError: Error {
  /// Of the first bad character, in the cell's text.
  let offset: Int
  let message: String
  /// Whether it names a list that is not declared, and says nothing else that is wrong.
  let isUnknownList: Bool

  init(_ message: String, at offset: Int, isUnknownList: Bool = false) {
    self.message = message
    self.isUnknownList = isUnknownList
    self.offset = offset
  }
}
