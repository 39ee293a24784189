import EdgeProof
import Testing
import Wire

/// The published vectors, and the faults of other verifiers.
struct G2OVerifierTests {
  static let key = "s3cr3tk3y"
  static let signatures: [(G2OAlgorithm, String)] = [
    (.hmacSHA256, "d/8DhQppXfD8WvbEP5TU3UVrPxgifX4LumVfadVPxgk="),
    (.hmacSHA1, "OLU/4N3Sc5gvy7Ta/e1rzMgPb2g="),
    (.hmacMD5, "D2+ASTlqs3WfCC5EBIhtjA=="),
    (.md5Twice, "LL4EzlYZG9DWKjDYegZf7Q=="),
    (.md5, "FWvsJT8JBKvnZ4jGiE7uYA=="),
  ]

  static func data(_ algorithm: G2OAlgorithm) -> String {
    "\(algorithm.rawValue), 1.2.3.4, 3.4.5.6, 1471524574, 2805760.691583751, v1"
  }

  @Test(arguments: signatures.indices)
  func `each algorithm gives the published signature`(index: Int) throws {
    let (algorithm, signature) = Self.signatures[index]
    #expect(try Door().verify(Self.data(algorithm), signature) == .g2o)
    #expect(signature.utf8.count == algorithm.signatureByteCount)
  }

  @Test func `a captured request is proven`() throws {
    let door = try Door(
      keys: [G2OKey(id: "193565", secret: Array("07bf84629be85d68a3ef343d".utf8))])
    #expect(
      door.verify(
        "5, 88.221.93.12, 91.52.154.64, 1425914708, 13634961.563907161, 193565",
        "ywlg2wx5naj+stk1mJvz3zpcrkX5UNjt+0B04EwrlhU=",
        target: "/version5/portalvhdsdll14kvm02ts7/private/Bg5eMRyIIAAuAKC.jpg",
        now: 1_425_914_708) == .g2o)
  }

  @Test func `no part of a signature is a signature`() throws {
    let (algorithm, signature) = Self.signatures[0]
    let door = try Door()
    for count in 1..<signature.utf8.count {
      #expect(door.verify(Self.data(algorithm), String(signature.prefix(count))) == .mismatch)
      #expect(door.verify(Self.data(algorithm), String(signature.suffix(count))) == .mismatch)
    }
    #expect(door.verify(Self.data(algorithm), signature + "=") == .mismatch)
    #expect(door.verify(Self.data(algorithm), "") == .missing)
    #expect(door.verify("", signature) == .missing)
  }

  @Test func `every changed bit of header, signature or target is a mismatch or refused`() throws {
    let (algorithm, signature) = Self.signatures[0]
    let data = Array(Self.data(algorithm).utf8)
    let door = try Door()
    for bit in 0..<data.count * 8 {
      var changed = data
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(door.verify(bytes: changed, Array(signature.utf8)) != .g2o, "bit \(bit)")
    }
    for bit in 0..<signature.utf8.count * 8 {
      var changed = Array(signature.utf8)
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(door.verify(bytes: data, changed) == .mismatch, "bit \(bit)")
    }
    #expect(door.verify(Self.data(algorithm), signature, target: "/abd") == .mismatch)
    #expect(door.verify(Self.data(algorithm), signature, target: "/abc?x=1") == .mismatch)
    #expect(door.verify(Self.data(algorithm), signature, target: "") == .missing)
  }

  @Test func `a version that is not allowed proves nothing`() throws {
    let door = try Door(algorithms: [.hmacSHA256])
    for (algorithm, signature) in Self.signatures.dropFirst() {
      #expect(door.verify(Self.data(algorithm), signature) == .algorithmNotAllowed)
    }
    // A right signature of one version under the header of another.
    let any = try Door()
    #expect(any.verify(Self.data(.hmacSHA1), Self.signatures[0].1) == .mismatch)
  }

  @Test(arguments: [
    (-31, EdgeProofOutcome.outsideWindow), (-30, .g2o), (0, .g2o), (30, .g2o), (31, .outsideWindow),
  ])
  func `the window is closed at both ends`(offset: Int, outcome: EdgeProofOutcome) throws {
    let (algorithm, signature) = Self.signatures[0]
    let now = UInt64(1_471_524_574 + offset)
    #expect(try Door().verify(Self.data(algorithm), signature, now: now) == outcome)
  }

  @Test func `keys are chosen by their id, old and new at once`() throws {
    let (algorithm, signature) = Self.signatures[0]
    let old = try G2OKey(id: "v1", secret: Array(Self.key.utf8))
    let new = try G2OKey(id: "v2", secret: Array("another secret".utf8))
    #expect(try Door(keys: [new, old]).verify(Self.data(algorithm), signature) == .g2o)
    #expect(try Door(keys: [new]).verify(Self.data(algorithm), signature) == .unknownKey)
  }

  /// A verifier that ignores the id would try the one key it has.
  @Test func `what one key signed is no proof under the id of another`() throws {
    let old = try G2OKey(id: "v1", secret: Array(Self.key.utf8))
    let new = try G2OKey(id: "v2", secret: Array("another secret".utf8))
    let door = try Door(keys: [old, new])
    for (id, key) in [("v1", new), ("v2", old)] {
      let data = "5, 1.2.3.4, 3.4.5.6, 1471524574, 1.2, \(id)"
      #expect(door.verify(data, sign(data, "/abc", key: key.secret)) == .mismatch)
    }
    for key in [old, new] {
      let data = "5, 1.2.3.4, 3.4.5.6, 1471524574, 1.2, \(key.id)"
      #expect(door.verify(data, sign(data, "/abc", key: key.secret)) == .g2o)
    }
  }

  @Test func `IPv6 with hex letters is proven, in each case of them`() throws {
    for address in ["2001:db8::c0ff", "2001:DB8::C0FF", "::ffff:1.2.3.4"] {
      let data = "5, \(address), \(address), 1471524574, 1.2, v1"
      #expect(try Door().verify(data, sign(data, "/abc", key: Array(Self.key.utf8))) == .g2o)
    }
  }

  @Test func `a key that proves nothing is refused`() throws {
    #expect(throws: G2OKeyError.emptySecret(id: "v1")) { try G2OKey(id: "v1", secret: []) }
    #expect(throws: G2OKeyError.secretIsID(id: "v1")) { try G2OKey(id: "v1", secret: Array("v1".utf8)) }
    #expect(throws: G2OKeyError.badID("")) { try G2OKey(id: "", secret: [1]) }
    #expect(throws: G2OKeyError.badID("a,b")) { try G2OKey(id: "a,b", secret: [1]) }
    #expect(throws: G2OKeyError.longSecret(id: "v1", byteCount: 129)) {
      try G2OKey(id: "v1", secret: Array(repeating: 7, count: 129))
    }
    #expect(throws: G2OKeyError.noKeys) { _ = try G2OVerifier(G2OSettings(keys: [])) }
    let key = try G2OKey(id: "v1", secret: [1, 2])
    #expect(throws: G2OKeyError.repeatedID("v1")) {
      _ = try G2OVerifier(G2OSettings(keys: [key, key]))
    }
  }

  @Test func `a signature is accepted once where replays are remembered`() throws {
    let (algorithm, signature) = Self.signatures[0]
    let door = try Door(replays: ReplayMemory(capacity: 64))
    let now: UInt64 = 1_471_524_574
    #expect(door.verify(Self.data(algorithm), signature, now: now) == .g2o)
    #expect(door.verify(Self.data(algorithm), signature, now: now) == .replayed)
    #expect(door.verify(Self.data(algorithm), signature, now: now + 30) == .replayed)
    #expect(door.verify(Self.data(algorithm), signature, now: now + 31) == .outsideWindow)
    let forgetful = try Door()
    #expect(forgetful.verify(Self.data(algorithm), signature) == .g2o)
    #expect(forgetful.verify(Self.data(algorithm), signature) == .g2o)
  }

  @Test func `a signature that does not match is not remembered`() throws {
    let (algorithm, signature) = Self.signatures[0]
    let door = try Door(replays: ReplayMemory(capacity: 64))
    #expect(door.verify(Self.data(algorithm), signature, target: "/x") == .mismatch)
    #expect(door.verify(Self.data(algorithm), signature) == .g2o)
  }
}

/// The signature of the edge's default version.
func sign(_ data: String, _ signString: String, key: [UInt8]) -> String {
  let (data, text) = (Array(data.utf8), Array(signString.utf8))
  var out = ByteWriter()
  G2OAlgorithm.hmacSHA256.appendSignature(
    of: data.span, signString: text.span, key: key.span, to: &out)
  return String(repairing: out.span)
}

/// A verifier at the time of the vectors.
final class Door {
  private var verifier: G2OVerifier

  init(
    keys: [G2OKey]? = nil, algorithms: [G2OAlgorithm] = G2OAlgorithm.allCases,
    signString: SignString = SignString(), replays: ReplayMemory? = nil
  ) throws {
    var settings = G2OSettings(
      keys: try keys ?? [G2OKey(id: "v1", secret: Array(G2OVerifierTests.key.utf8))])
    settings.algorithms = algorithms
    settings.signString = signString
    verifier = try G2OVerifier(settings, replays: replays)
  }

  func verify(
    _ data: String, _ signature: String, target: String = "/abc", now: UInt64 = 1_471_524_574
  ) -> EdgeProofOutcome {
    verify(bytes: Array(data.utf8), Array(signature.utf8), target: target, now: now)
  }

  func verify(
    bytes data: [UInt8], _ signature: [UInt8], target: String = "/abc", now: UInt64 = 1_471_524_574
  ) -> EdgeProofOutcome {
    let (method, scheme, host) = (Array("POST".utf8), Array("https".utf8), Array("login.example:443".utf8))
    let (target, client) = (Array(target.utf8), Array("3.4.5.6".utf8))
    let request = SignedRequest(
      method: method.span, scheme: scheme.span, host: host.span, target: target.span,
      clientAddress: client.span)
    return verifier.verify(data: data.span, signature: signature.span, of: request, now: now)
  }
}
