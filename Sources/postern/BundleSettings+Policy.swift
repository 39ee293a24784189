import Bundles
import Settings

extension BundleSettings {
  /// Reads the keys; complains and exits where one cannot be read.
  func policy(triggers: [String]) throws -> BundlePolicy {
    var policy = BundlePolicy(trusting: try publicKeys(trust))
    policy.environment = environment
    policy.allowsUnsigned = allowsUnsigned
    policy.triggers = Set(triggers)
    return policy
  }
}
