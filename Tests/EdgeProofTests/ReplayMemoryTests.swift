import EdgeProof
import Testing
import Wire

struct ReplayMemoryTests {
  @Test func `a signature is new once, until its window has ended`() {
    let memory = ReplayMemory(capacity: 1024)
    #expect(insert("a", memory, until: 1030, now: 1000))
    #expect(!insert("a", memory, until: 1030, now: 1000))
    #expect(!insert("a", memory, until: 1030, now: 1030))
    #expect(insert("a", memory, until: 1061, now: 1031))
    #expect(insert("b", memory, until: 1061, now: 1031))
  }

  @Test func `as many as it was made for are remembered, and what is forgotten is counted`() {
    let memory = ReplayMemory(capacity: 1 << 14)
    for index in 0..<2048 { #expect(insert("s\(index)", memory, until: 1030, now: 1000)) }
    #expect(memory.forgottenCount == 0)
    for index in 0..<2048 { #expect(!insert("s\(index)", memory, until: 1030, now: 1000)) }
    let small = ReplayMemory(capacity: 8)
    for index in 0..<9 { #expect(insert("s\(index)", small, until: UInt64(1030 + index), now: 1000)) }
    #expect(small.forgottenCount == 1)
    // The one that would have ended first.
    #expect(insert("s0", small, until: 1030, now: 1000))
    #expect(!insert("s8", small, until: 1038, now: 1000))
  }

  @Test func `places whose windows ended are used again`() {
    let memory = ReplayMemory(capacity: 8)
    for round in 0..<100 {
      let now = UInt64(1000 + 31 * round)
      for index in 0..<8 { #expect(insert("\(round)/\(index)", memory, until: now + 30, now: now)) }
    }
    #expect(memory.forgottenCount == 0)
  }

  @Test func `a wider window does not admit again what was accepted under a narrow one`() throws {
    let memory = ReplayMemory(capacity: 64)
    let (data, time) = (G2OVerifierTests.data(.hmacSHA256), UInt64(1_471_524_574))
    func verifier(window: UInt64, now: UInt64, _ other: ReplayMemory? = nil) throws -> G2OVerifier {
      var settings = G2OSettings(keys: [try G2OKey(id: "v1", secret: Array(G2OVerifierTests.key.utf8))])
      settings.windowSeconds = window
      (other ?? memory).use(windowSeconds: window, now: now)
      return try G2OVerifier(settings, replays: other ?? memory)
    }
    var signature = ByteWriter()
    let (bytes, target, key) = (Array(data.utf8), Array("/a".utf8), Array(G2OVerifierTests.key.utf8))
    G2OAlgorithm.hmacSHA256.appendSignature(
      of: bytes.span, signString: target.span, key: key.span, to: &signature)
    func outcome(_ verifier: inout G2OVerifier, now: UInt64) -> EdgeProofOutcome {
      let none: [UInt8] = []
      let request = SignedRequest(
        method: none.span, scheme: none.span, host: none.span, target: target.span, clientAddress: none.span)
      return verifier.verify(data: bytes.span, signature: signature.span, of: request, now: now)
    }
    var narrow = try verifier(window: 1, now: time - 100)
    #expect(outcome(&narrow, now: time) == .g2o)
    #expect(outcome(&narrow, now: time + 1) == .replayed)
    // It is forgotten now.
    var wide = try verifier(window: 60, now: time + 3)
    #expect(outcome(&wide, now: time + 3) == .outsideWindow)
    // Once more, while the first change still counts, and after settings that say the same.
    var wider = try verifier(window: 90, now: time + 4)
    #expect(outcome(&wider, now: time + 4) == .outsideWindow)
    var same = try verifier(window: 90, now: time + 5)
    #expect(outcome(&same, now: time + 5) == .outsideWindow)
    // What the edge signs later has the whole window.
    let other = ReplayMemory(capacity: 64)
    other.use(windowSeconds: 1, now: time - 200)
    var later = try verifier(window: 60, now: time - 100, other)
    #expect(outcome(&later, now: time + 50) == .g2o)
    #expect(outcome(&later, now: time + 59) == .replayed)
  }

  @Test func `the clock's low bits may wrap`() {
    let memory = ReplayMemory(capacity: 8)
    let now: UInt64 = (90 << 24) - 5
    #expect(insert("a", memory, until: now + 30, now: now))
    #expect(!insert("a", memory, until: now + 30, now: now + 30))
    #expect(insert("a", memory, until: now + 61, now: now + 31))
  }

  @Test func `of several loops with one signature, one is told that it is new`() async {
    let memory = ReplayMemory(capacity: 1 << 12)
    let accepted = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          (0..<1000).count { insert("s\($0)", memory, until: 1030, now: 1000) }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(accepted == 1000)
    #expect(memory.forgottenCount == 0)
  }
}

private func insert(_ text: String, _ memory: ReplayMemory, until: UInt64, now: UInt64) -> Bool {
  let bytes = Array(text.utf8)
  return memory.insert(bytes.span, until: until, now: now)
}
