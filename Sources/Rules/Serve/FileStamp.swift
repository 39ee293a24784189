import Foundation

/// What tells one version of a file from another without reading it.
struct FileStamp: Equatable, Sendable {
  /// From the directory.
  var name: String
  var byteCount: UInt64
  var modified: Date
  var inode: UInt64
  /// Who may read it: one that was forbidden and is not any more has changed.
  var mode: UInt16
  var owner: UInt64
  var group: UInt64
  /// Reading has failed, so that what is in the file is not known: no later stamp is the same.
  var isUnread = false

  /// The stamp of a file, behind symbolic links; of one that is not there, one that no file has.
  init(_ name: String, in directory: String) {
    let path = URL(fileURLWithPath: directory.isEmpty ? "." : directory)
      .appendingPathComponent(name).resolvingSymlinksInPath().path
    let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
    self.name = name
    byteCount = (attributes[.size] as? NSNumber)?.uint64Value ?? 0
    modified = attributes[.modificationDate] as? Date ?? .distantPast
    inode = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    mode = (attributes[.posixPermissions] as? NSNumber)?.uint16Value ?? 0
    owner = (attributes[.ownerAccountID] as? NSNumber)?.uint64Value ?? 0
    group = (attributes[.groupOwnerAccountID] as? NSNumber)?.uint64Value ?? 0
  }
}

/// The stamps of a table's file and of the lists that it names.
struct TableStamp: Equatable, Sendable {
  var table: FileStamp
  /// In the order of the table.
  var lists: [FileStamp]

  /// The stamps of a directory's table files, by name. `known` are the files as they were last read,
  /// by name: they say which lists there are. None where the directory cannot be listed.
  static func stamps(in directory: String, known: [String: TableFile]) -> [TableStamp] {
    let entries = (try? DirectoryListing.entries(of: directory)) ?? []
    return entries.map(\.name).filter { TableFormat(file: $0) != nil }.sorted().map { name in
      TableStamp(
        table: FileStamp(name, in: directory),
        lists: (known[name]?.stamp.lists ?? []).map { FileStamp($0.name, in: directory) })
    }
  }
}
