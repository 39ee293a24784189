import CNghttp2

/// The libnghttp2 that this process has loaded.
public enum HTTP2Library {
  /// What is known of it.
  public enum Standing: Equatable, Sendable {
    case good
    /// A peer can end the process: why, and what to do.
    case unusable(String)
    /// Its number does not say whether it is good: what to look for.
    case unverified(String)
  }

  /// LIMIT: 1.52.0; what is older lets a peer end the process in other ways.
  static let versionLeast = 0x01_34_00
  /// LIMIT: 1.68.1, in which CVE-2026-27135 is mended. Distributions have mended it in older ones, under the
  /// same number.
  static let versionMended = 0x01_44_01
  /// LIMIT: Debian's 1.52.0-1+deb12u3.
  static let debianLevelMended = 3
  static let debianPackage = "libnghttp2-14"

  /// Why it cannot be used by a server, as one line; `nil` when it can.
  public static func complaint() -> String? {
    let (version, text) = loaded
    if let complaint = complaint(of: version, text: text) { return complaint }
    // Made here, for all sessions: a server that has none would refuse every connection.
    // SAFETY: they are not looked into.
    if unsafe ServerCallbacks.table != nil, unsafe ServerCallbacks.options != nil { return nil }
    return "there is no memory for the callbacks of libnghttp2; let the process have more, and start it again"
  }

  /// `packages` is the text of dpkg's database, `nil` where there is none.
  public static func standing(packages: String?) -> Standing {
    let (version, text) = loaded
    return standing(of: version, text: text, packages: packages)
  }

  private static var loaded: (version: Int, text: String) {
    // SAFETY: the library returns a constant, and its text lives as long as the process.
    let info = unsafe nghttp2_version(0)!
    return unsafe (Int(info.pointee.version_num), String(cString: info.pointee.version_str))
  }

  static func complaint(of version: Int, text: String) -> String? {
    guard version < versionLeast else { return nil }
    return "libnghttp2 is `\(text)`, and at least 1.52.0 is needed: a peer can end the process under"
      + " an older one; install this system's newest libnghttp2"
  }

  static func standing(of version: Int, text: String, packages: String?) -> Standing {
    if let complaint = complaint(of: version, text: text) { return .unusable(complaint) }
    if version >= versionMended { return .good }
    // Of another version than what is loaded, the package is not where that comes from.
    let package = packages.flatMap { self.version(of: debianPackage, in: $0) }
    guard let package, package.hasPrefix(text + "-"), let level = debianLevel(of: package) else {
      return .unverified(
        "libnghttp2 is `\(text)`, and its number does not say whether a peer can end the process"
          + " (CVE-2026-27135, mended in 1.68.1): see that this system's package has the fix")
    }
    if level >= debianLevelMended { return .good }
    return .unusable(
      "\(debianPackage) is `\(package)`, and at least 1.52.0-1+deb12u3 is needed: a peer can end the process"
        + " under an older one (CVE-2026-27135); run `apt-get update && apt-get install \(debianPackage)`")
  }

  /// How often Debian 12 has mended its 1.52.0; `nil` for other packages.
  private static func debianLevel(of package: String) -> Int? {
    guard let match = package.wholeMatch(of: /1\.52\.0-1(?:\+deb12u(\d+))?/) else { return nil }
    return match.1.map { Int($0) ?? .max } ?? 0
  }

  /// The version of a package in dpkg's database: paragraphs, a blank line between them. O(bytes).
  private static func version(of package: String, in packages: String) -> String? {
    let (name, version) = ("Package: ".utf8, "Version: ".utf8)
    var isWanted = false
    // Bytes: a look for characters takes a start's time.
    for line in packages.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.isEmpty {
        isWanted = false
      } else if line.starts(with: name) {
        isWanted = line.dropFirst(name.count).elementsEqual(package.utf8)
      } else if isWanted, line.starts(with: version) {
        return String(Substring(line.dropFirst(version.count)))
      }
    }
    return nil
  }
}
