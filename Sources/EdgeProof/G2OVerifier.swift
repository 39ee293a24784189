import Wire

/// How G2O signatures are verified.
public struct G2OSettings: Equatable, Sendable {
  /// LIMIT: a window of an hour is no proof of now.
  public static let windowSecondsMax: UInt64 = 3600

  /// Every key that may sign. During a rotation the old and the new one.
  public var keys: [G2OKey]
  /// The edge's default alone, unless others are named.
  public var algorithms: [G2OAlgorithm] = [.hmacSHA256]
  /// How far the header's time may be from ours, either way, in seconds.
  public var windowSeconds: UInt64 = 30
  public var signString = SignString()

  public init(keys: [G2OKey]) { self.keys = keys }
}

/// Verifies G2O signatures. One a loop: it owns the memory that it needs.
///
/// Allocates nothing once it has seen a request as long. About a microsecond: four or more hash blocks.
@safe
public struct G2OVerifier: ~Copyable {
  private let ring: G2OKeyRing
  private let signString: SignString
  private let windowSeconds: UInt64
  private let narrowing: ReplayMemory.Narrowing
  /// Bit `v`: version `v` is allowed.
  private let allowed: UInt8
  /// Unmanaged, since a reference that is counted is written to by every loop at once.
  private let replays: Unmanaged<ReplayMemory>?
  private var scratch = ByteWriter(capacity: 1024)
  private var expected = ByteWriter(capacity: 64)

  /// `replays` may be shared by the verifiers of all loops; without one, a signature may be used
  /// again within its window. `scopes` are the tenants of each key, a bit each; without
  /// it, all.
  public init(
    _ settings: G2OSettings, replays: ReplayMemory? = nil, scopes: [UInt64]? = nil
  ) throws(G2OKeyError) {
    ring = try G2OKeyRing(settings.keys, scopes: scopes)
    signString = settings.signString
    windowSeconds = min(settings.windowSeconds, G2OSettings.windowSecondsMax)
    narrowing = replays?.narrowing ?? ReplayMemory.Narrowing()
    allowed = settings.algorithms.reduce(0) { $0 | 1 << $1.rawValue }
    // SAFETY: the +1 made here is given back by `deinit`.
    unsafe self.replays = replays.map { unsafe Unmanaged.passRetained($0) }
  }

  // SAFETY: the +1 of `init`.
  deinit { unsafe replays?.release() }

  /// Verifies the two headers of a request. `now` is seconds since 1970.
  ///
  /// The comparison takes the same time wherever the signatures differ. O(bytes). Without `usingUp` a
  /// signature that is accepted is not remembered, and may come again.
  public mutating func verify(
    data: Span<UInt8>, signature: Span<UInt8>, of request: borrowing SignedRequest, now: UInt64,
    for tenant: TenantProof = .off, usingUp usesUp: Bool = true
  ) -> EdgeProofOutcome {
    guard !data.isEmpty, !signature.isEmpty, signString.isKnown(request) else { return .missing }
    let parts: G2OData
    do { parts = try G2OData(scanning: data) } catch { return .malformed }
    guard allowed & 1 << parts.algorithm.rawValue != 0 else { return .algorithmNotAllowed }
    guard let key = ring.index(ofKey: data.extracting(parts.keyID), for: tenant) else { return .unknownKey }
    let distance = parts.time > now ? parts.time - now : now - parts.time
    let window = parts.time <= narrowing.until ? min(windowSeconds, narrowing.seconds) : windowSeconds
    guard distance <= window else { return .outsideWindow }
    scratch.removeAll()
    signString.append(request, to: &scratch)
    expected.removeAll()
    ring.appendSignature(
      ofKey: key, parts.algorithm, of: data, signString: scratch, to: &expected)
    guard equalInConstantTime(expected.span, signature) else { return .mismatch }
    guard let replays = unsafe replays else { return .g2o }
    let end = parts.time + window
    // SAFETY: we hold +1.
    let isNew = unsafe replays._withUnsafeGuaranteedRef { memory in
      usesUp
        ? memory.insert(expected.span, until: end, now: now) : !memory.contains(expected.span, now: now)
    }
    return isNew ? .g2o : .replayed
  }
}
