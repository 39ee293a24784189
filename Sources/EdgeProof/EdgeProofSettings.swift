import Wire

/// What proves that the edge sent a request, and which tenants ask for it.
public struct EdgeProofSettings: Equatable, Sendable {
  /// LIMIT: a bit each in the scope of a key. The others do what `mode` says.
  public static let tenantCountMax = 63
  /// LIMIT: each is compared with a peer's address, or its certificate's names, in turn.
  public static let trustedPeerCountMax = 64

  /// What tenants ask that are not in `tenants`.
  public var mode = EdgeProofMode.off
  public var tenants: [String: EdgeProofMode] = [:]
  public var g2o: G2OSettings?
  public var secrets: [SharedSecret] = []
  public var trustedPeers: [AddressBlock] = []
  /// Peers whose certificate has one of these names are trusted, on doors that verify certificates.
  public var trustedPeerNames: [PeerNamePattern] = []
  /// Whether peers on a unix socket are trusted.
  public var trustsLocalPeers = false
  /// How many accepted G2O signatures are remembered; 0: none is.
  public var replayCapacity = 0
  public var headers = ProofHeaderNames()

  public init() {}

  /// Whether no tenant asks for anything.
  public var isOff: Bool { mode == .off && tenants.values.allSatisfy { $0 == .off } }

  /// What is right and should not last: a line each.
  public var warnings: [String] { isOff ? [] : [weakAlgorithms, shortKeys].compactMap(\.self) }

  private var weakAlgorithms: String? {
    let weak = (g2o?.algorithms ?? []).filter(\.isWeak).map { "\($0.rawValue)" }
    guard !weak.isEmpty else { return nil }
    return "edgeProof.g2o.algorithms allows \(weak.joined(separator: ", ")), which sign with MD5: set the"
      + " edge's encryption version to 5, and then write `algorithms: [5]`"
  }

  /// No error, since the edge takes such keys. Who sees one signature can try keys until one fits.
  private var shortKeys: String? {
    let keys = (g2o?.keys ?? []).filter { $0.secret.count < G2OKey.securedByteCount }
    guard !keys.isEmpty else { return nil }
    let short = keys.map { "`\($0.id)`" }.joined(separator: ", ")
    return "edgeProof.g2o.keys has keys of less than \(G2OKey.securedByteCount) bytes, which can be guessed:"
      + " \(short); make each anew with `openssl rand -base64 24`, here and at the edge"
  }

  /// Every tenant that is named anywhere, in order.
  var namedTenants: [String] {
    let scopes = (g2o?.keys ?? []).map(\.tenants) + secrets.map(\.tenants)
    return Set(tenants.keys).union(scopes.joined()).sorted()
  }

  var hasKind: Bool {
    g2o != nil || !secrets.isEmpty || !trustedPeers.isEmpty || !trustedPeerNames.isEmpty
      || trustsLocalPeers
  }
}

/// The headers in which proof comes to `/v1/check`, in lower case.
public struct ProofHeaderNames: Equatable, Sendable {
  public var g2oData = Field.g2oAuthData.name
  public var g2oSign = Field.g2oAuthSign.name
  public var secret = Field.edgeSecret.name
  /// Path and query as the edge sent them.
  public var target = Field.forwardedTarget.name
  public var scheme = Field.forwardedScheme.name

  public init() {}

  public var all: [(name: String, field: Field)] {
    [
      (g2oData, .g2oAuthData), (g2oSign, .g2oAuthSign), (secret, .edgeSecret),
      (target, .forwardedTarget), (scheme, .forwardedScheme),
    ]
  }
}

/// Why settings cannot be used.
public enum EdgeProofError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A tenant asks for proof, and nothing counts as one.
  case noKind
  case tooManyTenants(Int)
  case keys(G2OKeyError)
  case secrets(SharedSecretError)

  public var description: String {
    switch self {
    case .noKind:
      "proof is asked for and nothing counts as one; add `g2o`, `sharedSecrets` or `trustedPeers`"
    case .tooManyTenants(let count):
      "\(count) tenants are named; at most \(EdgeProofSettings.tenantCountMax) can be, the others do"
        + " what `mode` says"
    case .keys(let error): error.description
    case .secrets(let error): error.description
    }
  }
}
