import Rules

/// What is remembered of the bundle that is served, or was: a manifest of many tenants takes megabytes.
public struct ServedBundle: Equatable, Sendable {
  public let serial: UInt64
  public let digest: ContentDigest
  /// Seconds since 1970; `nil` for never. It goes on being served after that; the next one is awaited.
  public let expires: Int64?

  public init(_ manifest: Manifest) {
    self.init(manifest.header, digest: manifest.digest)
  }

  init(_ header: BundleHeader, digest: ContentDigest) {
    serial = header.serial
    self.digest = digest
    expires = header.expires
  }
}
