import Crypto
import Foundation
import Rules

/// Which key signed a bundle: the first eight bytes of the public key's SHA-256.
public struct KeyID: Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  fileprivate init(of key: Curve25519.Signing.PublicKey) {
    bytes = Array(
      ContentDigest(of: Array(key.rawRepresentation)).bytes.prefix(BundleLayout.keyIDByteCount))
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
  private let key: Curve25519.Signing.PrivateKey

  /// A new one, from the system's random numbers.
  public init() { key = Curve25519.Signing.PrivateKey() }

  /// The key of a PEM text (PKCS #8, as `openssl genpkey -algorithm ed25519` writes it).
  public init(pem: String, file: String) throws(KeyError) {
    let blocks = try PEM.blocks(of: pem, labelled: "PRIVATE KEY", PEM.privatePrefix, file: file)
    guard blocks.count == 1, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: blocks[0])
    else {
      throw KeyError(description: "\(file): \(blocks.count) private keys; a signing key is one")
    }
    self.key = key
  }

  public var pem: String {
    PEM.text(PEM.privatePrefix + key.rawRepresentation, label: "PRIVATE KEY")
  }

  public var publicKey: PublicKey { PublicKey(key.publicKey) }

  func signature(of message: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: message)) }
}

/// An Ed25519 key by which bundles are trusted.
public struct PublicKey: Sendable {
  private let key: Curve25519.Signing.PublicKey
  public let id: KeyID

  fileprivate init(_ key: Curve25519.Signing.PublicKey) {
    self.key = key
    id = KeyID(of: key)
  }

  /// The keys of a PEM text (SubjectPublicKeyInfo, as `openssl pkey -pubout` writes it): one or,
  /// while keys are rotated, several.
  public static func keys(pem: String, file: String) throws(KeyError) -> [PublicKey] {
    let blocks = try PEM.blocks(of: pem, labelled: "PUBLIC KEY", PEM.publicPrefix, file: file)
    let keys = blocks.compactMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0) }
    guard !keys.isEmpty, keys.count == blocks.count else {
      throw KeyError(
        description: "\(file): no Ed25519 public key in it; `postern bundle keygen` makes a pair")
    }
    return keys.map { PublicKey($0) }
  }

  public var pem: String {
    PEM.text(PEM.publicPrefix + key.rawRepresentation, label: "PUBLIC KEY")
  }

  func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    key.isValidSignature(signature, for: message)
  }
}
