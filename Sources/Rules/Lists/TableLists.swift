import Signals

/// The lists of one table: read as its columns ask for them.
struct TableLists {
  private struct Kind: Hashable {
    let name: String
    let isAddress: Bool
    let foldsCase: Bool
  }

  private struct Source {
    var file: ListFile
    let location: SourceLocation
    var isUsed = false
  }

  private(set) var names: [String] = []
  private var sources: [String: Source] = [:]
  private var known: [Kind: NamedList] = [:]

  /// None.
  init() {}

  /// Reads the files. What is wrong with one of them as a whole is reported in `log`, the table's.
  init(_ lists: [TableSettings.List], _ files: inout ListFiles, log: inout DiagnosticLog) {
    names = lists.map(\.declaration.name)
    for list in lists where !list.declaration.path.isEmpty {
      switch files.bytes(of: list.declaration.path) {
      case .success(let bytes):
        let file = ListFile(bytes, file: files.displayedPath(list.declaration.path))
        sources[list.declaration.name] = Source(file: file, location: list.location)
      case .failure(let failure): log.error(at: list.location, failure.message)
      }
    }
  }

  /// What a list holds for the columns of a signal; a declared one that cannot be read holds nothing.
  mutating func list(_ name: String, for signal: Signal) -> NamedList {
    let isAddress = signal.type == .address
    let kind = Kind(name: name, isAddress: isAddress, foldsCase: !isAddress && signal.foldsCase)
    if let list = known[kind] { return list }
    guard var source = sources.removeValue(forKey: name) else { return NamedList(unread: name) }
    source.isUsed = true
    let members =
      isAddress
      ? NamedList.Members.blocks(source.file.blocks())
      : .texts(source.file.texts(foldingCase: kind.foldsCase))
    sources[name] = source
    let list = NamedList(name, members)
    known[kind] = list
    return list
  }

  /// Warns of lists without a cell, in the table's log.
  func warnOfUnused(log: inout DiagnosticLog) {
    for (name, source) in sources where !source.isUsed {
      log.warning(
        at: source.location, "no cell names the list `\(name)`; write `in \(name)` in one, or remove it")
    }
  }

  /// What is wrong in the files, file by file; of a file that is two lists, once.
  var diagnostics: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return names.compactMap { sources[$0]?.file.log.sorted }.joined()
      .filter { seen.insert($0).inserted }
  }

  var isEmpty: Bool { names.isEmpty }

  /// SHA-256 over the SHA-256 of a table's bytes and those of its lists, in the order of the table.
  func digest(ofTable bytes: [UInt8]) -> ContentDigest {
    let files = names.compactMap { sources[$0]?.file.digest.bytes }
    return ContentDigest(of: ContentDigest(of: bytes).bytes + files.joined())
  }
}
