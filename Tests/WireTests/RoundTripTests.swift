import Testing
import Wire

@Suite struct RoundTripTests {
  @Test func `a random request reads as what was written`() throws {
    var writer = RequestWriter(capacity: 1)
    for seed in 0..<UInt64(2_000) {
      var random = SplitMix64(seed: seed)
      let decisions = (0...random.below(4)).map { _ in RandomDecision(using: &random) }
      writer.reset()
      for decision in decisions { decision.write(to: &writer) }
      writer.finish()
      let bytes = [UInt8](copying: writer.bytes.span)
      let lines = try Decoded(bytes, as: .request).lines
      #expect(
        lines == ["request decisions=\(decisions.count)"] + decisions.flatMap(\.lines),
        "seed \(seed)")
      #expect(try Decoded(bytes, as: .request).encoded() == bytes, "seed \(seed)")
    }
  }

  @Test func `a random reply reads as what was written`() throws {
    var writer = ByteWriter(capacity: 1)
    for seed in 0..<UInt64(2_000) {
      var random = SplitMix64(seed: seed)
      let reply = Reply.random(using: &random)
      writer.removeAll()
      writer.append(reply)
      #expect(try Reply(reading: writer.span) == reply, "seed \(seed)")
    }
  }

  @Test(arguments: ErrorCode.allCases)
  func `every error reads as what was written`(code: ErrorCode) throws {
    let error = ErrorMessage(WireError(code, at: 123_456))
    var writer = ByteWriter()
    writer.append(error)
    #expect(try ErrorMessage(reading: writer.span) == error)
  }

  @Test func `a request that is reused keeps nothing of the one before`() throws {
    var writer = RequestWriter()
    writer.beginDecision(tenant: [0x61].span, trigger: [0x62].span, correlationID: 1)
    writer.append(.akamaiBot, bytes: [0x63].span)
    writer.append(.akamaiBot, bytes: [0x64].span)
    writer.append(custom: "x", .boolean(true))
    writer.endDecision()
    writer.beginDecision(tenant: Span(), trigger: [0x62].span, correlationID: 2)
    writer.endDecision()
    writer.finish()
    let decisions = try readDecisions([UInt8](copying: writer.bytes.span))
    #expect(decisions.map { $0.request.customCount } == [1, 0])
    #expect(decisions.map { $0.request.repeated } == [1 << 1, 0])
    #expect(decisions.map { $0.request.value(of: .akamaiBot) == nil } == [false, true])
    #expect(decisions.map { $0.request.tenant.isEmpty } == [false, true])
  }
}
