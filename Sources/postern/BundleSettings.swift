import Bundles

/// Where bundles come from and which are good, as the configuration file and the options say.
struct BundleSettings {
  /// A path or an address; `nil` where tables are served from their sources.
  var source: String?
  /// Of the CAs that an HTTPS address's certificate must be signed by; `nil` for the system's.
  var authorities: String?
  /// Files of public keys.
  var trust: [String] = []
  var environment: String?
  /// Directory of the last good bundle and of kills and pins; `nil` for none.
  var state: String?
  var allowsUnsigned = false
  /// How often an address is asked.
  var pollSeconds = 10

  /// Reads the keys; complains and exits where one cannot be read.
  func policy(triggers: [String]) throws -> BundlePolicy {
    var policy = BundlePolicy(trusting: try publicKeys(trust))
    policy.environment = environment
    policy.allowsUnsigned = allowsUnsigned
    policy.triggers = Set(triggers)
    return policy
  }
}
