/// Where bundles come from and which are good, as the configuration file and the options say.
package struct BundleSettings {
  /// A path or an address; `nil` where tables are served from their sources.
  package var source: String?
  /// Of the CAs that an HTTPS address's certificate must be signed by; `nil` for the system's.
  package var authorities: String?
  /// Files of public keys.
  package var trust: [String] = []
  package var environment: String?
  /// Directory of the last good bundle and of kills and pins; `nil` for none.
  package var state: String?
  package var allowsUnsigned = false
  /// How often an address is asked.
  package var pollSeconds = 10
  package static let pollSecondsRange = 1...NumberBounds.secondsMax

  package init() {}

  /// Whether a source is an address, not a path.
  package static func isAddress(_ source: String) -> Bool {
    hasScheme("http", source) || hasScheme("https", source)
  }

  /// Why `authorities` would be for nothing; `nil` where they are not, or there is no source at all.
  package var authorityProblem: String? {
    guard let source, authorities != nil, !Self.hasScheme("https", source) else { return nil }
    // It is not shown: there may be a password in it.
    return "the bundle's source is no HTTPS address, and a CA is given for it (`--bundle-ca`, `bundleCA`);"
      + " write `https://…`, or remove the CA"
  }

  /// RFC 3986 3.1: a scheme in capitals is the same one.
  private static func hasScheme(_ scheme: String, _ source: String) -> Bool {
    source.prefix(scheme.utf8.count + 3).lowercased() == scheme + "://"
  }
}
