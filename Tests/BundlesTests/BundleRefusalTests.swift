import Bundles
import Rules
import Testing

/// What is not exactly a good bundle is refused, whole, with the reason.
@Suite struct BundleRefusalTests {
  /// All that a server does before it serves, but for publishing.
  private func load(_ bytes: [UInt8], _ policy: BundlePolicy) throws(BundleError) {
    let bundle = try TableBundle(BundleBytes(bytes), trust: policy)
    try bundle.check(against: policy, now: 2_000, served: nil)
    for index in bundle.manifest.images.indices { _ = try bundle.chain(ofImage: index) }
  }

  @Test func `every flipped bit of an unsigned bundle is refused`() throws {
    let bytes = try Fixture.bundle()
    try load(bytes, Fixture.insecure)
    for bit in 0..<(bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: BundleError.self, "bit \(bit)") { try load(flipped, Fixture.insecure) }
    }
  }

  @Test func `every flipped bit of a signed bundle is refused`() throws {
    let key = PrivateKey()
    let bytes = try Fixture.signed(try Fixture.bundle(), by: key)
    let policy = BundlePolicy(trusting: [key.publicKey])
    try load(bytes, policy)
    for bit in 0..<(bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: BundleError.self, "bit \(bit)") { try load(flipped, policy) }
    }
  }

  @Test func `every truncation, and a byte too many, is refused`() throws {
    let key = PrivateKey()
    let policy = BundlePolicy(trusting: [key.publicKey])
    let unsigned = try Fixture.bundle()
    for (bytes, policy) in [
      (unsigned, Fixture.insecure), (try Fixture.signed(unsigned, by: key), policy),
    ] {
      for count in 0..<bytes.count {
        #expect(throws: BundleError.self, "\(count) bytes") {
          try load(Array(bytes.prefix(count)), policy)
        }
      }
      #expect(throws: BundleError.self) { try load(bytes + [0], policy) }
    }
  }

  /// A forger can make the digest right, so structure and proof have to hold by themselves.
  @Test func `a flipped bit under a digest made right again never traps and never passes unseen`() throws {
    let bytes = try Fixture.bundle()
    let content = bytes.count - ContentDigest.byteCount
    let good = try TableBundle(BundleBytes(bytes), trust: Fixture.insecure)
    var passed = 0
    for bit in 0..<(content * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      flipped.replaceSubrange(
        content..., with: ContentDigest(of: Array(flipped.prefix(content))).bytes)
      guard let bundle = try? TableBundle(BundleBytes(flipped), trust: Fixture.insecure) else { continue }
      _ = try? bundle.rules()
      guard (try? load(flipped, Fixture.insecure)) != nil else { continue }
      passed += 1
      #expect(bundle.manifest.images[0].digest == good.manifest.images[0].digest, "bit \(bit)")
    }
    // Serial, dates, names, versions, what rules are called: whoever may sign may say these.
    #expect(passed < content * 8 / 2)
  }

  @Test func `a stripped signature is refused`() throws {
    let key = PrivateKey()
    let unsigned = try Fixture.bundle()
    let signed = try Fixture.signed(unsigned, by: key)
    let policies = [BundlePolicy(trusting: [key.publicKey]), BundlePolicy()]
    // The key's id and the signature, the flag that says so, and the digest made right again.
    let content = signed.count - ContentDigest.byteCount - 72
    var cut = Array(signed.dropLast(72))
    for policy in policies { #expect(reason(cut, policy) == .truncated) }
    cut.replaceSubrange(16..<24, with: (0..<8).map { UInt8(truncatingIfNeeded: cut.count >> (8 * $0)) })
    cut[10] &= ~1
    for policy in policies { #expect(reason(cut, policy) == .badDigest) }
    cut.replaceSubrange(content..., with: ContentDigest(of: Array(cut.prefix(content))).bytes)
    #expect(cut == unsigned, "nothing of the signature is left")
    for policy in policies { #expect(reason(cut, policy) == .unsigned) }
  }

  @Test func `a key that is not trusted is refused, and each of several is trusted`() throws {
    let (old, new, other) = (PrivateKey(), PrivateKey(), PrivateKey())
    let bytes = try Fixture.bundle()
    let both = BundlePolicy(trusting: [old.publicKey, new.publicKey])
    for key in [old, new] { try load(try Fixture.signed(bytes, by: key), both) }
    #expect(reason(try Fixture.signed(bytes, by: other), both) == .unknownKey)
    #expect(reason(try Fixture.signed(bytes, by: other), BundlePolicy()) == .unknownKey)
  }

  @Test func `a signature under another key's id is refused`() throws {
    let (good, bad) = (PrivateKey(), PrivateKey())
    var bytes = try Fixture.signed(try Fixture.bundle(), by: bad)
    let honest = try Fixture.signed(try Fixture.bundle(), by: good)
    let id = (bytes.count - 72)..<(bytes.count - 64)
    bytes.replaceSubrange(id, with: honest[id])
    #expect(reason(bytes, BundlePolicy(trusting: [good.publicKey])) == .badSignature)
  }

  @Test func `insecure does not mean that a signature by a stranger passes beside trusted keys`() throws {
    var policy = BundlePolicy(trusting: [PrivateKey().publicKey])
    policy.allowsUnsigned = true
    let bytes = try Fixture.bundle()
    #expect(reason(bytes, policy) == nil)
    #expect(reason(try Fixture.signed(bytes, by: PrivateKey()), policy) == .unknownKey)
  }

  @Test func `an older serial, an expired bundle and another environment are refused`() throws {
    let seventh = try TableBundle(
      BundleBytes(try Fixture.bundle(serial: 7)), trust: Fixture.insecure)
    let served = ServedBundle(seventh.manifest)
    func reason(_ bytes: [UInt8], environment: String? = nil) throws -> BundleError.Reason? {
      var policy = Fixture.insecure
      policy.environment = environment
      let bundle = try TableBundle(BundleBytes(bytes), trust: policy)
      do {
        try bundle.check(against: policy, now: 2_000, served: served)
        return nil
      } catch {
        return error.reason
      }
    }
    #expect(try reason(try Fixture.bundle(serial: 6)) == .olderSerial)
    #expect(try reason(try Fixture.bundle(serial: 7)) == nil)
    #expect(try reason(try Fixture.bundle("review", serial: 7)) == .reusedSerial)
    #expect(try reason(try Fixture.bundle(serial: 8)) == nil)
    #expect(try reason(try Fixture.bundle(serial: 8, expires: 2_000)) == .expired)
    #expect(try reason(try Fixture.bundle(serial: 8, expires: 2_001)) == nil)
    let staging = try Fixture.bundle(serial: 8, environment: "staging")
    #expect(try reason(staging) == .wrongEnvironment)
    #expect(try reason(staging, environment: "production") == .wrongEnvironment)
    #expect(try reason(staging, environment: "staging") == nil)
  }

  @Test func `a chain without a certificate of its own is refused`() throws {
    var chains = try Fixture.chains([Fixture.source("deny")])
    let other = try Fixture.chains([Fixture.source("review")])
    chains[0].certificate = other[0].certificate
    let bytes = try BundleDraft(serial: 1, created: 1, chains: chains).encoded()
    #expect(reason(bytes, Fixture.insecure) == .badCertificate)
  }

  @Test func `a trigger that the server does not answer for is refused`() throws {
    var policy = Fixture.insecure
    policy.triggers = ["post-login"]
    let bytes = try Fixture.bundle(sources: [Fixture.source("deny", trigger: "checkout")])
    #expect(reason(bytes, policy) == .unknownTrigger)
  }

  private func reason(_ bytes: [UInt8], _ policy: BundlePolicy) -> BundleError.Reason? {
    do {
      try load(bytes, policy)
      return nil
    } catch {
      return error.reason
    }
  }
}
