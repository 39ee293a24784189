import Foundation
import Testing

@testable import Bundles

/// The keys and signatures of RFC 8032 7.1, and signatures that it forbids.
@Suite struct Ed25519Tests {
  struct Vector {
    var seed: [UInt8]
    var key: [UInt8]
    var message: [UInt8]
    var signature: [UInt8]

    init(_ seed: String, _ key: String, _ message: String, _ signature: String) {
      (self.seed, self.key) = (bytes(seed), bytes(key))
      (self.message, self.signature) = (bytes(message), bytes(signature))
    }
  }

  static let vectors = [
    Vector(
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    Vector(
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        + "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    Vector(
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        + "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    Vector(
      "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2"
        + "192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b5890"
        + "9351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
  ]

  @Test(arguments: vectors)
  func `a key signs as the standard's example does`(vector: Vector) throws {
    let text = PEM.text(PEM.privatePrefix + vector.seed, label: "PRIVATE KEY")
    let key = try PrivateKey(pem: text, file: "k")
    #expect(key.pem == text)
    #expect(key.publicKey.pem == PEM.text(PEM.publicPrefix + vector.key, label: "PUBLIC KEY"))
    #expect(key.signature(of: vector.message) == vector.signature)
  }

  @Test(arguments: vectors)
  func `a signature is valid until a bit of it, of its message or its key is another`(
    vector: Vector
  ) throws {
    #expect(Ed25519.isValid(vector.signature, of: vector.message, by: vector.key))
    for bit in 0..<vector.signature.count * 8 {
      #expect(!Ed25519.isValid(flipped(vector.signature, bit), of: vector.message, by: vector.key))
    }
    for bit in 0..<vector.message.count * 8 {
      #expect(!Ed25519.isValid(vector.signature, of: flipped(vector.message, bit), by: vector.key))
    }
    for bit in 0..<vector.key.count * 8 {
      #expect(!Ed25519.isValid(vector.signature, of: vector.message, by: flipped(vector.key, bit)))
    }
  }

  @Test func `counts that are not the standard's are refused`() {
    let vector = Self.vectors[1]
    for signature in [[], vector.signature.dropLast(), vector.signature + [0]] {
      #expect(!Ed25519.isValid(Array(signature), of: vector.message, by: vector.key))
    }
    for key in [[], vector.key.dropLast(), vector.key + [0]] {
      #expect(!Ed25519.isValid(vector.signature, of: vector.message, by: Array(key)))
      #expect(Ed25519.Seed(Data(key)) == nil)
    }
  }

  /// The seed's owner can make these; the first alone is written as RFC 8032 5.1.2 and 5.1.3 want it.
  @Test(arguments: [
    // R is the neutral point, for comparison.
    ("0100000000000000000000000000000000000000000000000000000000000000"
      + "89653588ead4771e2326253c8cc167ed5f891f0c238314c9d136bb6e54f2f206", true),
    // The same with the sign of x = 0, with y + p, and with both.
    ("0100000000000000000000000000000000000000000000000000000000000080"
      + "1808450be2d3a8564655d9ab6b7d251e87f1272b4ba03f8caabdc1422c12e70a", false),
    ("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
      + "620ae1280170f1ff1b92660606e73b8834b78fac04b1f3d6e438a19ae49b220f", false),
    ("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      + "4396619cfd1f99d7862a4e48b78153f5daa3ce6e3872592d72a500258b1ad80a", false),
    // The standard's own with the group's order added to S.
    ("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      + "05d391b0a77904e98404ef037747a56e4a7c15e9716ed28dc027beceea1ec41a", false),
  ])
  func `numbers that are not reduced are refused`(signature: String, isValid: Bool) {
    let vector = Self.vectors[2]
    #expect(Ed25519.isValid(bytes(signature), of: vector.message, by: vector.key) == isValid)
  }

  @Test func `no two new keys are the same`() {
    let keys = Set((0..<100).map { _ in PrivateKey().publicKey.pem })
    #expect(keys.count == 100)
  }
}

private func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

private func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
  var bytes = bytes
  bytes[bit / 8] ^= 1 << UInt8(bit % 8)
  return bytes
}
