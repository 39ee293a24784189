/// Whether the edge is known to have sent a request, and by what; or why it is not (proto-spec 4.5).
public enum EdgeProofOutcome: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Its G2O signature is right.
  case g2o = 1
  /// It came with a secret that the edge adds.
  case sharedSecret
  /// It came over a connection from a peer that is trusted to pass on only what the edge sent.
  case trustedPeer
  /// It came over a connection whose peer has shown a certificate with a name that is trusted so.
  case peerCertificate
  /// It came with nothing that could prove it, or a part of what is signed is not known.
  case missing
  /// What should prove it breaks its grammar, or came twice.
  case malformed
  case algorithmNotAllowed
  case unknownKey
  case outsideWindow
  case mismatch
  case replayed
  case unknownSecret

  /// How many there are: a constant, since `allCases` is an array.
  public static let count = Int(Self.unknownSecret.rawValue)

  public var isProven: Bool { rawValue <= Self.peerCertificate.rawValue }

  /// In the registry, JSON, `postern-provenance`, labels and logs.
  public var name: String {
    switch self {
    case .g2o: "g2o"
    case .sharedSecret: "sharedSecret"
    case .trustedPeer: "trustedPeer"
    case .peerCertificate: "peerCertificate"
    case .missing: "missing"
    case .malformed: "malformed"
    case .algorithmNotAllowed: "algorithmNotAllowed"
    case .unknownKey: "unknownKey"
    case .outsideWindow: "outsideWindow"
    case .mismatch: "mismatch"
    case .replayed: "replayed"
    case .unknownSecret: "unknownSecret"
    }
  }

  /// What it means, for a person.
  public var explanation: String {
    switch self {
    case .g2o: "proven by its G2O signature"
    case .sharedSecret: "proven by a shared secret"
    case .trustedPeer: "proven by the peer of its connection"
    case .peerCertificate: "proven by the certificate of its connection's peer"
    case .missing: "nothing came that could prove it, or a part of what is signed did not come"
    case .malformed: "what should prove it cannot be read, or came twice"
    case .algorithmNotAllowed: "its G2O version is not allowed here"
    case .unknownKey: "its G2O key id is not one of this tenant's"
    case .outsideWindow: "its G2O time is not within the window around this server's clock"
    case .mismatch: "its G2O signature is not the one of this header and sign-string"
    case .replayed: "its G2O signature was accepted before"
    case .unknownSecret: "its secret is not one of this tenant's"
    }
  }
}
