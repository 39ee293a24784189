import Foundation

/// The names in a directory: all of them, or none. Foundation's own list ends where reading the directory
/// fails, as if what comes behind were not there: tables would be left out of a bundle, or be served no more.
public enum DirectoryListing {
  public struct Entry: Sendable {
    public var name: String
    /// Not of a link to one.
    public var isDirectory: Bool
  }

  /// Why a directory cannot be listed: an `errno`.
  public struct Failure: Error, CustomStringConvertible, Sendable {
    let code: Int32

    /// What to do about it.
    public var description: String {
      switch code {
      case ENOENT, ENOTDIR, EACCES: "no such directory, or no right to read it"
      default: "cannot be listed now (\(POSIXError.text(code))); look for what the system is short of"
      }
    }
  }

  /// Without `.` and `..`, in no order.
  public static func entries(of path: String) throws(Failure) -> [Entry] {
    // SAFETY, here and below: the path is a C string for the call, and the folder is open until we close it.
    guard let folder = unsafe opendir(path.isEmpty ? "." : path) else { throw Failure(code: errno) }
    defer { unsafe closedir(folder) }
    var entries: [Entry] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else {
        // No entry is the end, or a failure: only `errno` tells.
        guard errno == 0 else { throw Failure(code: errno) }
        return entries
      }
      // SAFETY: the entry, whose name ends in a zero, stays until the next call.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe name.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let kind = unsafe Int32(entry.pointee.d_type)
      entries.append(Entry(name: name, isDirectory: isDirectory(kind, path + "/" + name)))
    }
  }

  private static func isDirectory(_ kind: Int32, _ path: String) -> Bool {
    guard kind == Int32(DT_UNKNOWN) else { return kind == Int32(DT_DIR) }
    // Some file systems do not say.
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }
}

extension POSIXError {
  fileprivate static func text(_ code: Int32) -> String {
    // SAFETY: the text is copied at once.
    unsafe String(cString: strerror(code))
  }
}
