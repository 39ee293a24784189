import Rules
import Tables

/// Where things lie in a bundle: the numbers of proto-spec/bundle-v1.md.
enum BundleLayout {
  static let magic = Array("PSTNBNDL".utf8)
  static let formatVersion: UInt16 = 1
  static let signedFlag: UInt16 = 1

  static let headerByteCount = 96
  static let chainByteCount = 128
  static let tableByteCount = 72
  static let imageByteCount = 64
  /// In front of each rule's name: number, digest, length of the name.
  static let ruleFixedByteCount = 4 + 16 + 2
  static let ruleDigestByteCount = 16

  static let keyIDByteCount = 8
  static let signatureByteCount = 64

  /// What is signed: these bytes, the digest, the key's id.
  static let signatureContext = Array("postern bundle v1\n".utf8)

  static func trailerByteCount(isSigned: Bool) -> Int {
    ContentDigest.byteCount + (isSigned ? keyIDByteCount + signatureByteCount : 0)
  }

  static func signedMessage(_ digest: ContentDigest, _ key: KeyID) -> [UInt8] {
    signatureContext + digest.bytes + key.bytes
  }
}
