import EdgeProof
import Testing

struct SharedSecretTests {
  private let secrets = ["0123456789abcdef", "another secret of the edge"].map { Array($0.utf8) }

  @Test func `each secret is known, and nothing else`() throws {
    let known = try SharedSecrets(secrets)
    for secret in secrets {
      let isKnown = known.contains(secret.span)
      #expect(isKnown)
      for count in 0..<secret.count {
        let prefix = Array(secret.prefix(count))
        let isPrefixKnown = known.contains(prefix.span)
        #expect(!isPrefixKnown)
      }
      for bit in 0..<secret.count * 8 {
        var changed = secret
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        let isChangedKnown = known.contains(changed.span)
        #expect(!isChangedKnown)
      }
    }
  }

  @Test func `secrets that prove nothing are refused`() {
    #expect(throws: SharedSecretError.none) { _ = try SharedSecrets([]) }
    #expect(throws: SharedSecretError.short(byteCount: 15)) {
      _ = try SharedSecrets([Array(repeating: 7, count: 15)])
    }
    #expect(throws: SharedSecretError.tooMany(9)) {
      _ = try SharedSecrets(Array(repeating: Array(repeating: 7, count: 16), count: 9))
    }
  }
}
