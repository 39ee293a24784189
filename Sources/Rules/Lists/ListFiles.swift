import Foundation

/// Reads the files of lists below the directory of one table's file, and no others.
struct ListFiles {
  /// LIMIT: bytes of a table's lists together: 1,000,000 entries of 64 bytes.
  static let byteCountMax = 64 << 20

  /// Why a file cannot be read, and what to do.
  struct Failure: Error {
    let message: String
  }

  let directory: String
  /// Of the files that were asked for, taken before they were read: of one that is not there, too.
  private(set) var stamps: [FileStamp] = []
  private var restByteCount = Self.byteCountMax

  /// `file` is the table's.
  init(besideTable file: String) {
    directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
  }

  /// As diagnostics call a file.
  func displayedPath(_ path: String) -> String { directory + path }

  /// A file's bytes; `path` is one that `ListDeclaration` does not refuse.
  mutating func bytes(of path: String) -> Result<[UInt8], Failure> {
    let shown = displayedPath(path)
    stamps.append(FileStamp(path, in: directory))
    let root = URL(fileURLWithPath: directory.isEmpty ? "." : directory).resolvingSymlinksInPath()
    let file = URL(fileURLWithPath: shown).resolvingSymlinksInPath()
    let prefix = root.path.hasSuffix("/") ? root.path : root.path + "/"
    guard file.path.hasPrefix(prefix) else {
      return .failure(
        Failure(
          message: "`\(path)` is a link out of the directory of the table; put the file itself there"))
    }
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.path) else {
      return .failure(Failure(message: "no file `\(shown)`; put the list there, one entry a line"))
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      let isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
      return .failure(
        Failure(
          message: "`\(shown)` is \(isDirectory ? "a directory" : "no regular file"); name a file with"
            + " one entry a line"))
    }
    let byteCount = (attributes[.size] as? NSNumber)?.intValue ?? 0
    guard byteCount <= restByteCount else {
      return .failure(
        Failure(
          message: "`\(shown)` has \(byteCount) bytes; \(Self.byteCountMax) is the most of a table's"
            + " lists together"))
    }
    restByteCount -= byteCount
    do {
      return .success([UInt8](try Data(contentsOf: file)))
    } catch {
      stamps[stamps.count - 1].isUnread = error.isTransientReadFailure
      return .failure(
        Failure(
          message: error.isTransientReadFailure
            ? "cannot read `\(shown)` now; look for what the system is short of"
            : "no right to read `\(shown)`; let the server's user read it"))
    }
  }
}
