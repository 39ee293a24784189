import Tables

/// A table file of a served directory, as it was when it was last read.
struct TableFile: Sendable {
  private let path: String
  let stamp: TableStamp
  /// `nil` where the diagnostics hold an error.
  let table: Table?
  let diagnostics: [Diagnostic]
  /// The chains that the file belongs to: its table's; of a bad file, the one that its front matter
  /// names and those that it belonged to before. None where nothing says it.
  let keys: Set<TableKey>
  /// Whether it is a decision model, which belongs to no chain.
  private let isModel: Bool

  /// Whether the file is bad and may belong to any chain.
  var isStray: Bool { table == nil && keys.isEmpty && !isModel }

  /// What a stray file does to the others, and how that ends.
  var strayDiagnostic: Diagnostic {
    Diagnostic(
      file: path, at: .start,
      "it may belong to any trigger, so nothing of the directory is taken up; give it the front matter "
        + "of its table, or take it away")
  }

  /// Reads a file. `before` is what was known of it.
  init(_ stamp: FileStamp, in directory: String, before: TableFile?) {
    path = directory.hasSuffix("/") ? directory + stamp.name : "\(directory)/\(stamp.name)"
    var lists = ListFiles(besideTable: path)
    var stamp = stamp
    switch TableDirectory.bytes(of: path) {
    case .success(let bytes):
      let key: TableKey?
      (table, key, diagnostics) = TableReader.read(bytes, file: path, lists: &lists, isWhole: true)
      keys = Set([key].compactMap(\.self)).union(table == nil ? before?.keys ?? [] : [])
      isModel = table == nil && key == nil && ModelFile.decidesNoLogin(bytes, file: path)
    case .failure(let failure):
      (table, diagnostics) = (nil, [failure.diagnostic])
      stamp.isUnread = failure.isTransient
      keys = before?.keys ?? []
      isModel = false
    }
    self.stamp = TableStamp(table: stamp, lists: lists.stamps)
  }
}
