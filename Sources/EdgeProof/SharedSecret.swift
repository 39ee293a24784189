import Wire

/// Secrets that the edge sends in a header of the deployment's own, and that a proxy in front removes
/// from what users send.
public struct SharedSecrets: ~Copyable {
  /// LIMIT: shorter ones can be guessed.
  public static let byteCountMin = 16
  /// LIMIT: the old and the new one, and some to spare.
  public static let countMax = 8

  private var bytes = ByteWriter()
  private var ranges = ScratchList<ByteRange>()

  public init(_ secrets: [[UInt8]]) throws(SharedSecretError) {
    guard !secrets.isEmpty else { throw .none }
    guard secrets.count <= Self.countMax else { throw .tooMany(secrets.count) }
    for secret in secrets {
      guard secret.count >= Self.byteCountMin else { throw .short(byteCount: secret.count) }
      ranges.append(ByteRange(offset: bytes.count, count: secret.count))
      bytes.append(secret.span)
    }
  }

  /// Whether a header's value is one of the secrets. Each is compared to its end.
  public func contains(_ value: Span<UInt8>) -> Bool {
    var isKnown = false
    for index in ranges.indices {
      let isEqual = equalInConstantTime(bytes.span.extracting(ranges[index]), value)
      isKnown = isKnown || isEqual
    }
    return isKnown
  }
}

public enum SharedSecretError: Error, Equatable, Sendable, CustomStringConvertible {
  case none
  case tooMany(Int)
  case short(byteCount: Int)

  public var description: String {
    switch self {
    case .none: "no secret; name at least one, or set the proof to `off`"
    case .tooMany(let count): "\(count) secrets; at most \(SharedSecrets.countMax) are compared"
    case .short(let byteCount):
      "a secret of \(byteCount) bytes can be guessed; use at least \(SharedSecrets.byteCountMin)"
    }
  }
}
