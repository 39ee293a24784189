import Wire

/// Verifies that the edge sent a request, by any of the kinds of proof that the settings name. One a
/// loop; it allocates, locks and counts nothing once it has seen a request as long.
public struct EdgeProofVerifier: ~Copyable {
  /// Whether no tenant asks for anything.
  public let isOff: Bool
  private let tenants: TenantModes
  private let peers: TrustedPeers
  private let secrets: SharedSecrets?
  private var g2o: G2OVerifier?

  /// One that no tenant asks for anything.
  public init() {
    isOff = true
    tenants = TenantModes(.off, [])
    peers = TrustedPeers([], trustsLocal: false)
    secrets = nil
    g2o = nil
  }

  /// `replays` is shared by the verifiers of all loops.
  public init(
    _ settings: EdgeProofSettings, replays: ReplayMemory? = nil
  ) throws(EdgeProofError) {
    let named = settings.namedTenants
    guard named.count <= EdgeProofSettings.tenantCountMax else { throw .tooManyTenants(named.count) }
    guard settings.isOff || settings.hasKind else { throw .noKind }
    let tenants = TenantModes(settings.mode, named.map { ($0, settings.tenants[$0]) })
    let secrets = try Self.secrets(settings, tenants)
    let g2o = try Self.g2o(settings, tenants, replays)
    isOff = settings.isOff
    peers = TrustedPeers(settings.trustedPeers, trustsLocal: settings.trustsLocalPeers)
    self.tenants = tenants
    self.secrets = secrets
    self.g2o = g2o
  }

  private static func secrets(
    _ settings: EdgeProofSettings, _ tenants: borrowing TenantModes
  ) throws(EdgeProofError) -> SharedSecrets? {
    guard !settings.secrets.isEmpty else { return nil }
    let scopes = settings.secrets.map { tenants.scope(of: $0.tenants) }
    do {
      return try SharedSecrets(settings.secrets, scopes: scopes)
    } catch { throw .secrets(error) }
  }

  private static func g2o(
    _ settings: EdgeProofSettings, _ tenants: borrowing TenantModes, _ replays: ReplayMemory?
  ) throws(EdgeProofError) -> G2OVerifier? {
    guard let settings = settings.g2o else { return nil }
    let scopes = settings.keys.map { tenants.scope(of: $0.tenants) }
    do {
      return try G2OVerifier(settings, replays: replays, scopes: scopes)
    } catch { throw .keys(error) }
  }

  /// What a tenant asks. O(named tenants): once a route, not once a decision.
  public func proof(of tenant: Span<UInt8>) -> TenantProof { tenants.proof(of: tenant) }

  /// Verifies a request of `message` that came from `peer`. `now` is seconds since 1970.
  ///
  /// Any kind suffices. The cheapest is tried first, so that a signature is remembered only where it
  /// is what proves; and without `usingUp` it is not, since nothing will be made of it.
  public mutating func verify(
    _ request: borrowing DecisionRequest, in message: Span<UInt8>, for tenant: TenantProof,
    from peer: ConnectionPeer, now: UInt64, usingUp usesUp: Bool = true
  ) -> EdgeProofOutcome {
    if peer.hasTrustedName { return .peerCertificate }
    if peers.contains(peer) { return .trustedPeer }
    let bySecret = verifySecret(request, in: message, for: tenant)
    guard bySecret != .sharedSecret, g2o != nil else { return bySecret }
    let byG2O = verifyG2O(request, in: message, for: tenant, now: now, usingUp: usesUp)
    return byG2O == .missing ? bySecret : byG2O
  }

  // `mutating` only in name: Swift 6.3 copies a large `~Copyable` struct to lend it.
  private mutating func verifySecret(
    _ request: borrowing DecisionRequest, in message: Span<UInt8>, for tenant: TenantProof
  ) -> EdgeProofOutcome {
    guard secrets != nil, let value = request.value(of: .edgeSecret) else { return .missing }
    guard !request.isRepeated(.edgeSecret) else { return .malformed }
    let isKnown = secrets!.contains(message.extracting(value), for: tenant)
    return isKnown ? .sharedSecret : .unknownSecret
  }

  private mutating func verifyG2O(
    _ request: borrowing DecisionRequest, in message: Span<UInt8>, for tenant: TenantProof,
    now: UInt64, usingUp usesUp: Bool
  ) -> EdgeProofOutcome {
    guard let data = request.value(of: .g2oAuthData), let sign = request.value(of: .g2oAuthSign)
    else { return .missing }
    guard !request.isRepeated(.g2oAuthData), !request.isRepeated(.g2oAuthSign),
      !request.isRepeated(.forwardedTarget), !request.isRepeated(.forwardedScheme)
    else { return .malformed }
    let signed = SignedRequest(
      method: message.value(of: .requestMethod, request),
      scheme: message.value(of: .forwardedScheme, request),
      host: message.value(of: .requestHost, request),
      target: message.value(of: .forwardedTarget, request),
      clientAddress: message.value(of: .requestIP, request))
    return g2o!.verify(
      data: message.extracting(data), signature: message.extracting(sign), of: signed, now: now,
      for: tenant, usingUp: usesUp)
  }
}

extension Span where Element == UInt8 {
  /// A field's bytes; none where it did not come.
  @_lifetime(copy self)
  fileprivate func value(of field: Field, _ request: borrowing DecisionRequest) -> Span<UInt8> {
    extracting(request.value(of: field) ?? .empty)
  }
}
