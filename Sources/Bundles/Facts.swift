import Foundation

/// What is said of something, in an order for people, each by a name that is there once.
typealias Facts = [(what: String, text: String)]

extension Facts {
  /// What a bundle says of itself.
  static func of(_ manifest: Manifest) -> Facts {
    [
      ("serial", "\(manifest.serial)"), ("created", dateText(manifest.header.created)),
      ("expires", manifest.header.expires.map(dateText) ?? "never"),
      ("environment", manifest.environment.isEmpty ? "any" : manifest.environment),
      ("signed by", manifest.keyID.map { "key \($0)" } ?? "nobody"),
    ]
  }
}

extension BundleDiff.Detail {
  /// What is not said alike of two things.
  static func differences(_ old: Facts, _ new: Facts) -> [Self] {
    let after = Dictionary(new.map { ($0.what, $0.text) }) { first, _ in first }
    let known = Set(old.map(\.what))
    return old.filter { $0.text != after[$0.what] }
      .map { Self(what: $0.what, before: $0.text, after: after[$0.what]) }
      + new.filter { !known.contains($0.what) }.map { Self(what: $0.what, before: nil, after: $0.text) }
  }
}

/// Seconds since 1970 in ISO 8601; a time that lies beyond what a calendar can say as it is.
public func dateText(_ seconds: Int64) -> String {
  // LIMIT: the year 9999, where ISO 8601 ends.
  guard seconds < 253_402_300_800 else { return "\(seconds) s after 1970" }
  return Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
}
