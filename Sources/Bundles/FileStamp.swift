import Foundation
import Rules

/// What tells one version of a file from another without reading it.
struct FileStamp: Equatable, Sendable {
  var path: String
  var byteCount: UInt64
  var modified: Date
  var inode: UInt64
  /// Who may read it: one that was forbidden and is not any more has changed.
  var access: [UInt64]

  /// Of a file, or of a directory's bundles, behind symbolic links; by name.
  static func stamps(of path: String) -> [FileStamp] {
    let names = (try? DirectoryListing.entries(of: resolved(path)))?.map(\.name)
    guard let names else { return [FileStamp(path)].compactMap(\.self) }
    return names.filter { $0.hasSuffix(BundlePath.fileSuffix) }.sorted()
      .suffix(BundlePath.fileCountMax).compactMap { FileStamp("\(path)/\($0)") }
  }

  private init?(_ path: String) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: Self.resolved(path))
    else { return nil }
    self.path = path
    byteCount = (attributes[.size] as? NSNumber)?.uint64Value ?? 0
    modified = attributes[.modificationDate] as? Date ?? .distantPast
    inode = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    access = [.posixPermissions, .ownerAccountID, .groupOwnerAccountID].map {
      (attributes[$0] as? NSNumber)?.uint64Value ?? 0
    }
  }

  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }
}
