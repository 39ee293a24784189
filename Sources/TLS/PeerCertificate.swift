import EdgeProof
import NIOSSL

extension NIOSSLCertificate {
  /// LIMIT: names of a certificate that are looked at; one with more has none that counts.
  private static let nameCountMax = 64

  /// The host names, addresses and URIs that it is for. None where one of them cannot be read: what
  /// else it says is then not believed either. The common name is not looked at (RFC 9525 4.1).
  package var peerNames: [PeerName] {
    let alternatives = _subjectAlternativeNames()
    guard alternatives.count <= Self.nameCountMax else { return [] }
    var names: [PeerName] = []
    for alternative in alternatives {
      let name: PeerName?
      switch alternative.nameType {
      case .dnsName: name = PeerName(dns: alternative.contents)
      case .uri: name = PeerName(uri: alternative.contents)
      case .ipAddress: name = PeerName(address: alternative.contents)
      default: continue
      }
      guard let name else { return [] }
      names.append(name)
    }
    return names
  }

  /// Whether it is valid at a time in seconds since 1970.
  func isValid(at seconds: Int64) -> Bool {
    Int64(notValidBefore) <= seconds && seconds <= Int64(notValidAfter)
  }
}
