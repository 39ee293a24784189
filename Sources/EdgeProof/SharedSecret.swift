import Wire

/// A secret that the edge sends in a header of the deployment's own.
public struct SharedSecret: Equatable, Sendable {
  public let bytes: [UInt8]
  /// The only tenants whose requests it proves; empty for all.
  public let tenants: [String]

  public init(_ bytes: [UInt8], tenants: [String] = []) {
    self.bytes = bytes
    self.tenants = tenants
  }
}

/// The secrets of one verifier.
public struct SharedSecrets: ~Copyable {
  /// LIMIT: shorter ones can be guessed.
  public static let byteCountMin = 16
  /// LIMIT: half of what a server takes of all headers together.
  public static let byteCountMax = 8192
  /// LIMIT: the old and the new one, and some to spare.
  public static let countMax = 8

  private var bytes = ByteWriter()
  private var entries = ScratchList<(range: ByteRange, scope: UInt64)>()

  /// `scopes` are the tenants of each secret, a bit each; without it, all.
  public init(_ secrets: [SharedSecret], scopes: [UInt64]? = nil) throws(SharedSecretError) {
    guard !secrets.isEmpty else { throw .none }
    guard secrets.count <= Self.countMax else { throw .tooMany(secrets.count) }
    for (index, secret) in secrets.enumerated() {
      let count = secret.bytes.count
      guard count >= Self.byteCountMin else { throw .short(byteCount: count) }
      guard count <= Self.byteCountMax else { throw .long(byteCount: count) }
      entries.append((ByteRange(offset: bytes.count, count: count), scopes?[index] ?? .max))
      bytes.append(secret.bytes.span)
    }
  }

  /// Whether a header's value is one of a tenant's secrets. Each is compared to its end.
  public func contains(_ value: Span<UInt8>, for tenant: TenantProof = .off) -> Bool {
    var isKnown = false
    for index in entries.indices {
      let entry = entries[index]
      let isEqual = equalInConstantTime(bytes.span.extracting(entry.range), value)
      let isTenants = entry.scope & 1 << UInt64(tenant.bit) != 0
      isKnown = isKnown || isEqual && isTenants
    }
    return isKnown
  }
}

public enum SharedSecretError: Error, Equatable, Sendable, CustomStringConvertible {
  case none
  case tooMany(Int)
  case short(byteCount: Int)
  case long(byteCount: Int)

  public var description: String {
    switch self {
    case .none: "no secret; name at least one, or set the proof to `off`"
    case .tooMany(let count): "\(count) secrets; at most \(SharedSecrets.countMax) are compared"
    case .short(let byteCount):
      "a secret of \(byteCount) bytes can be guessed; use at least \(SharedSecrets.byteCountMin)"
    case .long(let byteCount):
      "a secret of \(byteCount) bytes does not fit into a header; use at most"
        + " \(SharedSecrets.byteCountMax)"
    }
  }
}
