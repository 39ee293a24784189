extension Table {
  /// SHA-256 of the table's file as it is now, or over that and the lists that it names; `nil` where
  /// one of them is gone.
  public func currentSourceDigest() -> ContentDigest? {
    guard case .success(let bytes) = TableDirectory.bytes(of: file) else { return nil }
    var log = DiagnosticLog(file: file)
    var files = ListFiles(besideTable: file)
    let lists = TableLists(
      lists.map { .init(declaration: $0, location: location) }, &files, log: &log)
    if log.diagnostics.hasErrors { return nil }
    return lists.isEmpty ? ContentDigest(of: bytes) : lists.digest(ofTable: bytes)
  }
}
