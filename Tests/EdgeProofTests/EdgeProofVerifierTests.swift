import AllocationCounter
import EdgeProof
import Signals
import Testing
import Wire

struct EdgeProofVerifierTests {
  private static let key = Array("s3cr3tk3y".utf8)
  private static let secret = "0123456789abcdef"
  private static let now: UInt64 = 1_471_524_574
  private static let data = "5, 1.2.3.4, 3.4.5.6, 1471524574, 2805760.691583751, v1"
  private static let signature = "d/8DhQppXfD8WvbEP5TU3UVrPxgifX4LumVfadVPxgk="
  private static let proven: [(Field, String)] = [
    (.g2oAuthData, data), (.g2oAuthSign, signature), (.forwardedTarget, "/abc"),
  ]

  private static func settings() throws -> EdgeProofSettings {
    var settings = EdgeProofSettings()
    settings.mode = .require
    settings.g2o = G2OSettings(keys: [try G2OKey(id: "v1", secret: key)])
    settings.secrets = [SharedSecret(Array(secret.utf8))]
    settings.trustedPeers = [AddressBlock("10.0.0.0/8")!, AddressBlock("2001:db8::/32")!]
    return settings
  }

  private func outcome(
    _ fields: [(Field, String)], tenant: String = "", from peer: ConnectionPeer = .unknown,
    now: UInt64 = now, _ settings: EdgeProofSettings? = nil
  ) throws -> EdgeProofOutcome {
    let login = try Login(fields, tenant: tenant)
    var verifier = try EdgeProofVerifier(settings ?? Self.settings())
    return login.verify(by: &verifier, from: peer, now: now)
  }

  @Test func `any kind suffices, and each says which it was`() throws {
    #expect(try outcome(Self.proven) == .g2o)
    #expect(try outcome([(.edgeSecret, Self.secret)]) == .sharedSecret)
    #expect(try outcome([], from: peer("10.1.2.3")) == .trustedPeer)
    #expect(try outcome(Self.proven + [(.edgeSecret, "wrong")]) == .g2o)
    #expect(try outcome([(.g2oAuthData, "?"), (.edgeSecret, Self.secret)]) == .sharedSecret)
  }

  @Test func `versions that sign with MD5 are warned of where somebody asks for proof`() throws {
    var settings = try Self.settings()
    func warnsOfMD5() -> Bool { settings.warnings.contains { $0.contains("MD5") } }
    #expect(!warnsOfMD5())
    settings.g2o?.algorithms = [.hmacSHA1, .hmacSHA256]
    #expect(!warnsOfMD5())
    settings.g2o?.algorithms = [.md5, .md5Twice, .hmacMD5, .hmacSHA256]
    #expect(settings.warnings.contains { $0.contains("allows 1, 2, 3, which sign with MD5") })
    settings.mode = .off
    #expect(!warnsOfMD5())
    settings.tenants["shop"] = .observe
    #expect(warnsOfMD5())
    settings.g2o = nil
    #expect(settings.warnings == [])
  }

  @Test func `keys that can be guessed are warned of where somebody asks for proof`() throws {
    func key(_ id: String, _ byteCount: Int) throws -> G2OKey {
      try G2OKey(id: id, secret: Array(repeating: UInt8(ascii: "k"), count: byteCount))
    }
    var settings = try Self.settings()
    settings.g2o?.keys = [try key("old", 15), try key("new", 16), try key("test", 1)]
    #expect(settings.warnings.count == 1)
    let what = "less than 16 bytes, which can be guessed: `old`, `test`; "
    #expect(settings.warnings.first?.contains(what) == true)
    settings.mode = .off
    #expect(settings.warnings == [])
    settings.mode = .require
    settings.g2o?.keys = [try key("new", 16)]
    #expect(settings.warnings == [])
  }

  @Test func `what proves nothing says why`() throws {
    #expect(try outcome([]) == .missing)
    #expect(try outcome([(.edgeSecret, "0123456789abcdeg")]) == .unknownSecret)
    #expect(try outcome([(.edgeSecret, "")]) == .unknownSecret)
    #expect(try outcome([], from: peer("11.0.0.1")) == .missing)
    #expect(try outcome([], from: .local) == .missing)
    for missing in Self.proven.indices {
      var fields = Self.proven
      fields.remove(at: missing)
      #expect(try outcome(fields) == .missing, "\(Self.proven[missing].0)")
    }
    #expect(try outcome(Self.proven, now: Self.now + 31) == .outsideWindow)
    #expect(try outcome(Self.proven.map { ($0, $0 == .forwardedTarget ? "/x" : $1) }) == .mismatch)
    let broken = Self.proven.map { ($0, $0 == .g2oAuthData ? $1 + " " : $1) }
    #expect(try outcome(broken) == .malformed)
    #expect(try outcome(broken + [(.edgeSecret, "wrong")]) == .malformed)
  }

  @Test func `a part that came twice proves nothing, even where both are right`() throws {
    for twice in Self.proven { #expect(try outcome(Self.proven + [twice]) == .malformed) }
    let secret = (Field.edgeSecret, Self.secret)
    #expect(try outcome([secret, secret]) == .malformed)
    #expect(try outcome([secret, (.edgeSecret, "wrong")]) == .malformed)
  }

  @Test func `a kind that is not configured proves nothing`() throws {
    var settings = try Self.settings()
    settings.g2o = nil
    #expect(try outcome(Self.proven, settings) == .missing)
    settings = try Self.settings()
    settings.secrets = []
    #expect(try outcome([(.edgeSecret, Self.secret)], settings) == .missing)
    settings.trustedPeers = []
    #expect(try outcome([], from: peer("10.1.2.3"), settings) == .missing)
    settings.trustsLocalPeers = true
    #expect(try outcome([], from: .local, settings) == .trustedPeer)
  }

  @Test func `a tenant has its own mode, and keys that name tenants prove theirs alone`() throws {
    var settings = try Self.settings()
    settings.mode = .off
    settings.tenants = ["shop": .require, "bank": .observe]
    settings.g2o?.keys = [try G2OKey(id: "v1", secret: Self.key, tenants: ["shop", "mine"])]
    settings.secrets = [SharedSecret(Array(Self.secret.utf8), tenants: ["bank"])]
    let verifier = try EdgeProofVerifier(settings)
    let modes = ["shop", "bank", "mine", "", "Shop", "sho"].map { name in
      let bytes = Array(name.utf8)
      return verifier.proof(of: bytes.span).mode
    }
    #expect(modes == [.require, .observe, .off, .off, .off, .off])
    #expect(try outcome(Self.proven, tenant: "shop", settings) == .g2o)
    #expect(try outcome(Self.proven, tenant: "mine", settings) == .g2o)
    #expect(try outcome(Self.proven, tenant: "bank", settings) == .unknownKey)
    #expect(try outcome(Self.proven, tenant: "", settings) == .unknownKey)
    let secret = [(Field.edgeSecret, Self.secret)]
    #expect(try outcome(secret, tenant: "bank", settings) == .sharedSecret)
    #expect(try outcome(secret, tenant: "shop", settings) == .unknownSecret)
    #expect(try outcome(secret, tenant: "other", settings) == .unknownSecret)
  }

  @Test func `settings by which nothing could be proven are refused`() throws {
    var settings = EdgeProofSettings()
    #expect(throws: Never.self) { _ = try EdgeProofVerifier(settings) }
    settings.tenants = ["shop": .observe]
    #expect(throws: EdgeProofError.noKind) { _ = try EdgeProofVerifier(settings) }
    settings.g2o = G2OSettings(keys: [])
    #expect(throws: EdgeProofError.keys(.noKeys)) { _ = try EdgeProofVerifier(settings) }
    settings.g2o = nil
    settings.secrets = [SharedSecret([1])]
    #expect(throws: EdgeProofError.secrets(.short(byteCount: 1))) {
      _ = try EdgeProofVerifier(settings)
    }
    settings = try Self.settings()
    for index in 0..<64 { settings.tenants["t\(index)"] = .observe }
    #expect(throws: EdgeProofError.tooManyTenants(64)) { _ = try EdgeProofVerifier(settings) }
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false),
    ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
    ("0.0.0.0/0", "203.0.113.7", true), ("0.0.0.0/0", "2001:db8::1", false),
    ("::/0", "2001:db8::1", true), ("2001:db8::/33", "2001:db8:7fff::", true),
    ("2001:db8::/33", "2001:db8:8000::", false),
  ])
  func `a block holds its addresses`(block: String, address: String, holds: Bool) throws {
    var settings = EdgeProofSettings()
    settings.mode = .require
    settings.trustedPeers = [try #require(AddressBlock(block))]
    let expected: EdgeProofOutcome = holds ? .trustedPeer : .missing
    #expect(try outcome([], from: peer(address), settings) == expected)
  }

  @Test(arguments: ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/+8", "host", "::/129", "/8"])
  func `other text is no block`(text: String) { #expect(AddressBlock(text) == nil) }

  @Test func `a verification allocates nothing`() throws {
    guard allocations_are_counted() else { return }
    var settings = try Self.settings()
    settings.trustsLocalPeers = true
    var verifier = try EdgeProofVerifier(settings, replays: ReplayMemory(capacity: 64))
    let logins = try [
      Self.proven, Self.proven + [(.edgeSecret, "wrong")], [], [(.edgeSecret, Self.secret)],
      Self.proven.map { ($0, $0 == .forwardedTarget ? "/x?" + $1 : $1) },
    ].map { try Login($0) }
    func run() {
      // Not `for login in logins`: without optimization the iterator allocates.
      for index in logins.indices {
        _ = logins[index].verify(by: &verifier, from: .unknown, now: Self.now)
      }
    }
    run()
    let before = allocation_count()
    for _ in 0..<100 { run() }
    #expect(allocation_count() == before)
  }
}

private func peer(_ text: String) -> ConnectionPeer {
  let bytes = Array(text.utf8)
  return ConnectionPeer(
    address: parseAddress(bytes.span, ByteRange(offset: 0, count: bytes.count)))
}

/// A request message of one decision, read.
private final class Login {
  private let message: [UInt8]
  private var request = DecisionRequest()

  init(_ fields: [(Field, String)], tenant: String = "") throws {
    var writer = RequestWriter()
    writer.beginDecision(
      tenant: Array(tenant.utf8).span, trigger: Array("post-login".utf8).span, correlationID: 1)
    for (field, value) in fields { writer.append(field, bytes: Array(value.utf8).span) }
    writer.endDecision()
    writer.finish()
    let message = [UInt8](copying: writer.bytes.span)
    self.message = message
    var reader = try RequestReader(message.span)
    _ = try reader.next(into: &request)
  }

  func verify(
    by verifier: inout EdgeProofVerifier, from peer: ConnectionPeer, now: UInt64
  ) -> EdgeProofOutcome {
    let message = message
    let tenant = verifier.proof(of: message.span.extracting(request.tenant))
    return verifier.verify(request, in: message.span, for: tenant, from: peer, now: now)
  }
}
