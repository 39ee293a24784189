import Bundles
import Foundation
import Rules
import Tables
import Testing

@Suite struct BundleFormatTests {
  @Test func `a bundle says what it was made of`() throws {
    let sources = [
      Fixture.source("deny"), Fixture.source("review", order: 2),
      Fixture.source("revoke", trigger: "post-challenge", tenant: "acme"),
    ]
    let bytes = try Fixture.bundle(
      serial: 42, created: 1_000, expires: 9_000, environment: "production", sources: sources)
    let bundle = try TableBundle(BundleBytes(bytes), trust: Fixture.insecure)
    let manifest = bundle.manifest
    #expect(manifest.serial == 42)
    #expect(manifest.header.created == 1_000)
    #expect(manifest.header.expires == 9_000)
    #expect(manifest.environment == "production")
    #expect(manifest.keyID == nil)
    let chains = manifest.chains
    #expect(
      chains.map(\.key) == [
        TableKey(trigger: "post-login"), TableKey(tenant: "acme", trigger: "post-challenge"),
      ])
    #expect(chains[0].tables.map(\.file) == ["t0.table.md", "t1.table.md"])
    #expect(chains[0].tables[0].source == ContentDigest(of: Array(sources[0].utf8)))
    #expect(chains[0].tables[0].ruleCount == 3)
    #expect(chains[0].certificate.counts.rules == 6)
    let rules = try bundle.rules()
    #expect(rules[0][0].map(\.name) == ["high", "rest", ""])
    #expect(rules[0][0].map(\.number) == [1, 2, 3])
    for index in manifest.images.indices { _ = try bundle.chain(ofImage: index) }
  }

  @Test func `the same tables make the same bytes`() throws {
    let sources = [Fixture.source("deny"), Fixture.source("deny", tenant: "a")]
    let one = try Fixture.bundle(sources: sources)
    #expect(try Fixture.bundle(sources: sources) == one)
    let chains = try Fixture.chains(sources)
    let reversed = BundleDraft(serial: 1, created: 1_000, chains: chains.reversed())
    #expect(try reversed.encoded() == one, "the order in which chains are given says nothing")
  }

  @Test func `equal images are in the file once`() throws {
    let chain = try Fixture.chains([Fixture.source("deny")])[0]
    let chains = (0..<100).map { index in
      var copy = chain
      copy.key = TableKey(tenant: "tenant-\(index)", trigger: "post-login")
      return copy
    }
    let bytes = try BundleDraft(serial: 1, created: 1, chains: chains).encoded()
    let manifest = try TableBundle(BundleBytes(bytes), trust: Fixture.insecure).manifest
    #expect(manifest.chains.count == 100)
    #expect(manifest.images.count == 1)
  }

  @Test func `a chain of as many tables and candidates as may be fits, one more does not`() throws {
    let sources = (1...24).map { Fixture.source("deny", order: $0, isShadow: $0 > 16) }
    var chain = try #require(try Fixture.chains(sources).first)
    let bytes = try BundleDraft(serial: 1, created: 1, chains: [chain]).encoded()
    let bundle = try TableBundle(BundleBytes(bytes), trust: Fixture.insecure)
    try bundle.check(against: Fixture.insecure, now: 2_000, served: nil)
    #expect(bundle.manifest.chains[0].tables.map(\.file) == (0..<24).map { "t\($0).table.md" })
    _ = try bundle.chain(ofImage: 0)

    chain.tables.append(chain.tables[0])
    #expect(throws: BundleError.self) {
      try BundleDraft(serial: 1, created: 1, chains: [chain]).encoded()
    }
  }

  @Test func `signing again replaces the signature`() throws {
    let (first, second) = (PrivateKey(), PrivateKey())
    let once = try Fixture.signed(try Fixture.bundle(), by: first)
    let policy = BundlePolicy(trusting: [first.publicKey])
    let twice = try TableBundle(BundleBytes(once), trust: policy).signed(by: second)
    #expect(twice.count == once.count)
    let manifest = try TableBundle(
      BundleBytes(twice), trust: BundlePolicy(trusting: [second.publicKey])).manifest
    #expect(manifest.keyID == second.publicKey.id)
  }

  @Test func `keys survive their text, and OpenSSL's are read`() throws {
    let key = PrivateKey()
    let read = try PrivateKey(pem: key.pem, file: "k")
    #expect(read.publicKey.id == key.publicKey.id)
    // RFC 8410 10.1.
    let known = """
      -----BEGIN PUBLIC KEY-----\r
      MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\r
      -----END PUBLIC KEY-----
      """
    let keys = try PublicKey.keys(pem: known + "\n" + key.publicKey.pem, file: "k")
    #expect(keys.count == 2)
    #expect(keys[1].id == key.publicKey.id)
    #expect(throws: KeyError.self) { try PublicKey.keys(pem: "nothing", file: "k") }
    #expect(throws: KeyError.self) { try PublicKey.keys(pem: key.pem, file: "k") }
    #expect(throws: KeyError.self) {
      try PublicKey.keys(pem: known.replacingOccurrences(of: "MCow", with: "MCox"), file: "k")
    }
  }

  @Test func `a file is read or mapped, and a missing or oversized one is refused`() throws {
    try Fixture.withDirectory { directory in
      let path = directory.appendingPathComponent("a.bundle").path
      let bytes = try Fixture.bundle()
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      for file in [try BundleBytes.reading(path), try BundleBytes.mapping(path)] {
        #expect(try TableBundle(file, trust: Fixture.insecure).manifest.serial == 1)
      }
      #expect(throws: BundleError.self) { try BundleBytes.reading(path + ".not-there") }
      #expect(throws: BundleError.self) { try BundleBytes.reading(directory.path) }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: UInt64(BundleLimits.fileByteCount) + 1)
      #expect { try BundleBytes.reading(path) } throws: { ($0 as? BundleError)?.reason == .tooLarge }
    }
  }
}
