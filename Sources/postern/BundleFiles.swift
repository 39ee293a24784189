import Bundles
import Foundation

extension BundlePolicy {
  /// For looking at a bundle: digest and structure are checked, signatures are not.
  static var insecure: BundlePolicy {
    var policy = BundlePolicy()
    policy.allowsUnsigned = true
    return policy
  }
}

/// The public keys of files; complains and exits where one cannot be read.
func publicKeys(_ paths: [String]) throws -> [PublicKey] {
  try paths.flatMap { path in try readKeys(path) { try PublicKey.keys(pem: $0, file: path) } }
}

/// The private key of a file; complains and exits where it cannot be read.
func privateKey(_ path: String) throws -> PrivateKey {
  try readKeys(path) { try PrivateKey(pem: $0, file: path) }
}

private func readKeys<Keys>(_ path: String, _ parse: (String) throws -> Keys) throws -> Keys {
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    complain("cannot read `\(path)`; `postern bundle keygen` makes a pair of keys")
    throw ExitStatus.unavailable.code
  }
  do {
    return try parse(text)
  } catch let error as KeyError {
    complain(error.description)
    throw ExitStatus.unavailable.code
  }
}

/// A bundle's file, checked; complains and exits where it is not there (3) or not good (1).
func loadBundle(_ path: String, _ policy: BundlePolicy = .insecure) throws -> TableBundle {
  do throws(BundleError) {
    return try TableBundle(try BundleBytes.reading(path), trust: policy)
  } catch {
    complain("\(path): \(error)")
    throw (error.reason == .unreachable ? ExitStatus.unavailable : ExitStatus.failed).code
  }
}
