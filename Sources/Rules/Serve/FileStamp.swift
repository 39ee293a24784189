import Foundation

/// What tells one version of a file from another without reading it.
struct FileStamp: Equatable, Sendable {
  var name: String
  var byteCount: UInt64
  var modified: Date
  var inode: UInt64

  /// The stamps of a directory's table files, behind symbolic links, by name.
  static func stamps(ofTablesIn directory: String) -> [FileStamp] {
    let manager = FileManager.default
    let names = (try? manager.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { TableFormat(file: $0) != nil }.sorted().map { name in
      let path = URL(fileURLWithPath: directory).appendingPathComponent(name)
        .resolvingSymlinksInPath().path
      let attributes = (try? manager.attributesOfItem(atPath: path)) ?? [:]
      return FileStamp(
        name: name, byteCount: (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
        modified: attributes[.modificationDate] as? Date ?? .distantPast,
        inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0)
    }
  }
}
