import Foundation

/// An HTTP or HTTPS address, taken apart into what is asked for, what is proved by it, and what may be shown.
struct BundleAddress: Sendable {
  /// What is asked for: with the query, without user info.
  let url: String
  /// What logs and messages say: a query may be a signature that lets anybody fetch, so it is left out too.
  let shown: String
  /// The field `authorization` that the user info asks for (RFC 7617); `nil` without one.
  let authorization: String?

  init(_ address: String) {
    guard let scheme = address.range(of: "://") else {
      (url, shown, authorization) = (address, "the bundle's address", nil)
      return
    }
    let rest = address[scheme.upperBound...]
    // RFC 3986 3.2: up to the first of these; in it the host begins behind the last `@`.
    let authority = rest.prefix { !"/?#".contains($0) }
    let path = rest[authority.endIndex...]
    let end = authority.lastIndex(of: "@")
    let origin = address[..<scheme.upperBound] + (end.map { authority[$0...].dropFirst() } ?? authority)
    url = String(origin + path)
    shown = String(origin + path.prefix { !"?#".contains($0) })
    authorization = end.map { Self.basic(String(authority[..<$0])) }
  }

  private static func basic(_ userInfo: String) -> String {
    // Each part by itself: a colon that is escaped belongs to it.
    let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let decoded = parts.map { $0.removingPercentEncoding ?? String($0) }
    let credentials = decoded[0] + ":" + (decoded.count > 1 ? decoded[1] : "")
    return "Basic " + Data(credentials.utf8).base64EncodedString()
  }
}
