import CNghttp2

/// The libnghttp2 that this process has loaded.
public enum HTTP2Library {
  /// LIMIT: 1.52.0. What distributions have mended in it since (CVE-2026-27135) has no number that
  /// could be asked for here: `ops/lib/require-nghttp2` looks at the package.
  static let versionLeast = 0x01_34_00

  /// Why it cannot be used, as one line; `nil` when it can.
  public static func complaint() -> String? {
    // SAFETY: the library returns a constant, and its text lives as long as the process.
    let loaded = unsafe nghttp2_version(0)!
    return unsafe complaint(
      of: Int(loaded.pointee.version_num), text: String(cString: loaded.pointee.version_str))
  }

  static func complaint(of version: Int, text: String) -> String? {
    guard version < versionLeast else { return nil }
    return "libnghttp2 is `\(text)`, and at least 1.52.0 is needed: a peer can end the process under"
      + " an older one; install this system's newest libnghttp2"
  }
}
