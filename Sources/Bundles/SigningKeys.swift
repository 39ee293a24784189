import Foundation
import Rules

/// Which key signed a bundle: the first eight bytes of the public key's SHA-256.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  fileprivate init(ofKey bytes: [UInt8]) {
    self.bytes = Array(ContentDigest(of: bytes).bytes.prefix(BundleLayout.keyIDByteCount))
  }

  /// Sixteen hexadecimal digits.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// What is wrong with a key file, and what to do.
public struct KeyError: Error, CustomStringConvertible {
  public var description: String
}

/// An Ed25519 key that signs bundles.
public struct PrivateKey: Sendable {
  private let seed: Ed25519.Seed
  public let publicKey: PublicKey

  private init(_ seed: Ed25519.Seed) {
    self.seed = seed
    publicKey = PublicKey(seed.publicKey)
  }

  /// A new one, from the system's random numbers.
  public init() { self.init(Ed25519.Seed()) }

  /// The key of a PEM text (PKCS #8, as `openssl genpkey -algorithm ed25519` writes it).
  public init(pem: String, file: String) throws(KeyError) {
    let blocks = try PEM.blocks(of: pem, labelled: "PRIVATE KEY", PEM.privatePrefix, file: file)
    guard blocks.count == 1, let seed = Ed25519.Seed(blocks[0]) else {
      throw KeyError(description: "\(file): \(blocks.count) private keys; a signing key is one")
    }
    self.init(seed)
  }

  public var pem: String { PEM.text(PEM.privatePrefix + seed.bytes, label: "PRIVATE KEY") }

  func signature(of message: [UInt8]) -> [UInt8] {
    seed.signature(of: message, publicKey: publicKey.bytes)
  }
}

/// An Ed25519 key by which bundles are trusted.
public struct PublicKey: Sendable {
  fileprivate let bytes: [UInt8]
  public let id: KeyID

  fileprivate init(_ bytes: [UInt8]) {
    self.bytes = bytes
    id = KeyID(ofKey: bytes)
  }

  /// The keys of a PEM text (SubjectPublicKeyInfo, as `openssl pkey -pubout` writes it): one or,
  /// while keys are rotated, several.
  public static func keys(pem: String, file: String) throws(KeyError) -> [PublicKey] {
    let blocks = try PEM.blocks(of: pem, labelled: "PUBLIC KEY", PEM.publicPrefix, file: file)
    guard !blocks.isEmpty else {
      throw KeyError(
        description: "\(file): no Ed25519 public key in it; `postern bundle keygen` makes a pair")
    }
    return blocks.map { PublicKey(Array($0)) }
  }

  public var pem: String { PEM.text(PEM.publicPrefix + bytes, label: "PUBLIC KEY") }

  func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    Ed25519.isValid(signature, of: message, by: bytes)
  }
}
