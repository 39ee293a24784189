import EdgeProof
import Testing

struct SharedSecretTests {
  private let secrets = ["0123456789abcdef", "another secret of the edge"].map { Array($0.utf8) }

  @Test func `each secret is known, and nothing else`() throws {
    let known = try SharedSecrets(secrets.map { SharedSecret($0) })
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
      _ = try SharedSecrets([SharedSecret(Array(repeating: 7, count: 15))])
    }
    #expect(throws: SharedSecretError.long(byteCount: 8193)) {
      _ = try SharedSecrets([SharedSecret(Array(repeating: 7, count: 8193))])
    }
    #expect(throws: SharedSecretError.tooMany(9)) {
      let secret = SharedSecret(Array(repeating: 7, count: 16))
      _ = try SharedSecrets(Array(repeating: secret, count: 9))
    }
  }

  /// One that stops at the first difference takes a hundredth of the time where that is the first byte.
  @Test func `it takes as long to refuse the first byte as the last`() throws {
    let secret = [UInt8](repeating: 7, count: SharedSecrets.byteCountMax)
    let known = try SharedSecrets([SharedSecret(secret)])
    var (first, last) = (secret, secret)
    first[0] = 8
    last[last.count - 1] = 8
    func fastest(_ value: [UInt8]) -> Duration {
      var isKnown = false
      let times = (0..<50).map { _ in
        ContinuousClock().measure {
          for _ in 0..<20 { isKnown = known.contains(value.span) || isKnown }
        }
      }
      #expect(!isKnown)
      return times.min()!
    }
    let ratio = fastest(last) / fastest(first)
    #expect(ratio < 4 && ratio > 0.25)
  }
}
