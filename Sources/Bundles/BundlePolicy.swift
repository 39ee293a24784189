/// What a server accepts.
public struct BundlePolicy: Sendable {
  /// By id. Several while keys are rotated.
  public private(set) var trustedKeys: [KeyID: PublicKey] = [:]
  /// The explicit insecure setting: a bundle without a signature is served, and where no key is
  /// trusted, one with a signature that nobody can check.
  public var allowsUnsigned = false
  /// The deployment that this server belongs to; `nil` where it has no name.
  public var environment: String?
  /// The triggers that the server answers for; `nil` for any.
  public var triggers: Set<String>?

  public init(trusting keys: [PublicKey] = []) {
    for key in keys { trustedKeys[key.id] = key }
  }
}
