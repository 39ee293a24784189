/// A list as a table's settings name it.
public struct ListDeclaration: Hashable, Sendable {
  /// LIMIT: lists of one table; each is a file to read and to look after.
  public static let countMax = 64

  public var name: String
  /// Of its file, from the directory of the table's.
  public var path: String

  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  /// Why a path may not be read; `nil` for one below the directory of the table's file.
  static func refusal(ofPath path: String) -> String? {
    let advice = "name a file below the directory of the table, as in `lists/blocked.txt`"
    if path.isEmpty { return "a file's name is missing here; \(advice)" }
    if path.hasPrefix("/") {
      return "`\(path)` is an absolute path, and a table's lists move with it; \(advice)"
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains("..") {
      return "`\(path)` leads out of the directory of the table; \(advice)"
    }
    let isPlain = path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    if !isPlain || parts.contains(where: \.isEmpty) { return "`\(path)` is no file's name; \(advice)" }
    return nil
  }
}
