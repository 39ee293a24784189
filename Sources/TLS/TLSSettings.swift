import EdgeProof

/// What a TCP door is told so that it speaks TLS: files, who may connect, and limits.
public struct TLSSettings: Equatable, Sendable {
  /// The oldest version that is spoken.
  public enum Floor: String, CaseIterable, Sendable {
    case tls12 = "1.2"
    case tls13 = "1.3"
  }

  /// PEM: the server's certificate, and behind it those that lead to a root.
  public var certificate: String
  /// PEM, not encrypted: the certificate's private key. Not to be open to everybody.
  public var key: String
  /// PEM: the roots of clients. With them, a client must show a certificate that one of them vouches
  /// for; `nil` asks for none.
  public var clientCA: String?
  /// Which of these clients may connect, by a name in their certificate; empty for all of them.
  public var clients: [PeerNamePattern] = []
  /// TLS 1.2 lets a passive observer see client certificates, and has more to go wrong.
  public var versionMin = Floor.tls13
  /// LIMIT: from connect to the end of the handshake, in seconds. Two round trips and 2 ms of
  /// computing make one; five seconds leave room for a lost packet or two on a bad line.
  public var handshakeSeconds = 5
  /// LIMIT: unfinished handshakes, all loops together. Each holds about 60 KiB; a thousand are a fleet
  /// that connects anew within a quarter of a second.
  public var handshakeCountMax = 1024
  /// LIMIT: percent of them that one source address (IPv6: a /64) may have while all are taken and others
  /// want in. Half: a gateway with most of the clients behind it must not give way to any few others.
  public var handshakeSourcePercent = 50
  /// LIMIT: how long a connection is used until its peer is told to make a new one, in seconds; 0 for
  /// no end. What a certificate or a root allowed lasts no longer than this.
  public var connectionSeconds = 3600
  /// A certificate that ends sooner is logged when it is loaded. In days; a renewal a month ahead that
  /// fails leaves two weeks to see it.
  public var expiryWarningDays = 14

  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// LIMIT: patterns in `clients`; each is compared with the names of a certificate in turn.
  public static let clientCountMax = 256
}
