import Signals
import Wire

/// Which peers a setting means, by a name in their certificates: `dns:gateway.internal`,
/// `ip:10.0.0.7`, `uri:urn:gateway`, `spiffe://example.org/login`, `spiffe://example.org/prod/*`.
public struct PeerNamePattern: Hashable, Sendable {
  private enum Kind: Hashable {
    case name(PeerName)
    /// The SPIFFE ID alone, or all that begin with it where it ends in a slash.
    case spiffe(String)
  }

  /// As it was written.
  public let text: String
  private let kind: Kind

  /// What can be written, for messages.
  public static let forms = "dns:NAME, ip:ADDRESS, uri:URI, spiffe://DOMAIN/PATH or spiffe://DOMAIN/*"

  /// `nil` when the text is none of these forms. A star stands only behind the last slash of a SPIFFE
  /// ID: a host name is one host.
  public init?(_ text: String) {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    self.text = text
    if text.hasPrefix("spiffe://") {
      let isPrefix = text.hasSuffix("/*")
      let id = isPrefix ? String(text.dropLast()) : text
      guard isSPIFFE(id, isPrefix: isPrefix) else { return nil }
      kind = .spiffe(id)
      return
    }
    guard let colon = text.firstIndex(of: ":"), !text.contains("*") else { return nil }
    let rest = text[text.index(after: colon)...]
    let name: PeerName?
    switch text[..<colon] {
    case "dns": name = rest.contains(":") ? nil : PeerName(dns: rest.utf8)
    case "uri": name = PeerName(uri: rest.utf8)
    case "ip":
      let bytes = Array(rest.utf8)
      name = parseAddress(bytes.span, ByteRange(offset: 0, count: bytes.count)).map(PeerName.address)
    default: name = nil
    }
    guard let name else { return nil }
    kind = .name(name)
  }

  /// Whether a certificate with these names, all it has, is meant.
  public func matches(_ names: [PeerName]) -> Bool {
    switch kind {
    case .name(let name): return names.contains(name)
    case .spiffe(let id):
      // A SPIFFE certificate has one URI (X.509-SVID 2): with two, one of them would be a guess.
      var uris = names.lazy.compactMap { if case .uri(let uri) = $0 { uri } else { nil } }.makeIterator()
      guard let uri = uris.next(), uris.next() == nil, isSPIFFE(uri, isPrefix: false) else { return false }
      return id.hasSuffix("/") ? uri.hasPrefix(id) : uri == id
    }
  }
}

extension Sequence where Element == PeerNamePattern {
  /// Whether any of them means a certificate with these names.
  public func match(_ names: [PeerName]) -> Bool { contains { $0.matches(names) } }
}

/// Whether a text is a SPIFFE ID (SPIFFE-ID 2): a trust domain and a path without empty, `.` or `..`
/// parts. A prefix ends in a slash.
private func isSPIFFE(_ text: String, isPrefix: Bool) -> Bool {
  guard text.hasPrefix("spiffe://") else { return false }
  var parts = text.utf8.dropFirst("spiffe://".utf8.count)
    .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  if isPrefix, parts.popLast()?.isEmpty != true { return false }
  guard let domain = parts.first, !domain.isEmpty, parts.count > 1 || isPrefix else { return false }
  let isDomain = domain.allSatisfy { isNameByte($0) && !(0x41...0x5A).contains($0) }
  return isDomain
    && parts.dropFirst().allSatisfy { part in
      !part.isEmpty && part.allSatisfy(isNameByte) && !part.elementsEqual(".".utf8)
        && !part.elementsEqual("..".utf8)
    }
}
