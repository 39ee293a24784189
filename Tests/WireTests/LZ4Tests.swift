import Testing
@testable import Wire

@Suite struct LZ4Tests {
  /// A request whose one field has these bytes.
  private func message(_ value: [UInt8]) -> [UInt8] {
    var writer = RequestWriter()
    writer.beginDecision(
      tenant: Span(), trigger: [0x74].span, correlationID: 0x0102_0304_0506_0708,
      budgetMicroseconds: 0x090a_0b0c)
    writer.append(.akamaiBot, bytes: value.span)
    writer.endDecision()
    writer.finish()
    return [UInt8](copying: writer.bytes.span)
  }

  private func compressed(_ message: [UInt8]) throws -> [UInt8] {
    var writer = ByteWriter()
    try writer.compress(message.span, .request)
    return [UInt8](copying: writer.span)
  }

  private func decompressed(_ message: [UInt8]) throws(WireError) -> [UInt8] {
    var writer = ByteWriter()
    try writer.decompress(message.span, .request)
    return [UInt8](copying: writer.span)
  }

  /// A message of `body` with the flag `compressed` that announces `byteCount` bytes.
  private func message(body: [UInt8], announcing byteCount: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(
      MessageHeader(
        kind: .request, flags: .compressed, bodyByteCount: body.count,
        uncompressedByteCount: byteCount, decisionCount: 1))
    writer.append(body.span)
    return [UInt8](copying: writer.span)
  }

  @Test(arguments: [100, 1_000, 65_536, Limits.messageByteCount - 57])
  func `what is compressed decompresses to itself`(byteCount: Int) throws {
    let plain = message([UInt8](repeating: 0x61, count: byteCount))
    let small = try compressed(plain)
    #expect(small.count < plain.count)
    #expect(try MessageHeader(reading: small.span, expecting: .request).flags == .compressed)
    #expect(try decompressed(small) == plain)
  }

  @Test func `what LZ4 makes larger is sent as it is`() throws {
    var random = SplitMix64(seed: 1)
    let plain = message((0..<500).map { _ in UInt8(random.below(256)) })
    #expect(try compressed(plain) == plain)
  }

  @Test func `a compressed reply keeps its server time`() throws {
    let outputs = (0..<20).map { _ in DecisionReply.Output(kind: .claim, name: "a", value: "bcd") }
    let reply = Reply(
      serverNanoseconds: 1234, decisions: [DecisionReply(verdict: .mfa, outputs: outputs)])
    var plain = ByteWriter()
    plain.append(reply)
    var small = ByteWriter()
    try small.compress(plain.span, .reply)
    #expect(small.count < plain.count)
    var back = ByteWriter()
    try back.decompress(small.span, .reply)
    #expect(try Reply(reading: back.span) == reply)
  }

  @Test func `an announced length that is one off is refused`() throws {
    let small = try compressed(message([UInt8](repeating: 0x61, count: 300)))
    for difference in [-1, 1] {
      var wrong = small
      wrong[8] = UInt8(Int(wrong[8]) + difference)
      #expect(throws: WireError(.badCompression, at: 24)) { try decompressed(wrong) }
    }
  }

  @Test func `a block that gives more than it announces stops at what it announced`() {
    // One literal, then a match of a mebibyte that is announced as 100 bytes.
    let bomb = [0x1f, 0x61, 1, 0] + [UInt8](repeating: 255, count: 4112) + [0, 0x50, 1, 2, 3, 4, 5]
    #expect(throws: WireError(.badCompression, at: 24)) {
      try decompressed(message(body: bomb, announcing: 100))
    }
  }

  @Test func `a mebibyte more than the limit is refused before it is decompressed`() {
    #expect(throws: WireError(.messageTooLarge, at: 8)) {
      try decompressed(message(body: [0], announcing: Limits.messageByteCount - 23))
    }
    #expect(throws: WireError(.badCompression, at: 24)) {
      try decompressed(message(body: [0], announcing: Limits.messageByteCount - 24))
    }
  }

  @Test func `a block that announces more than LZ4 can do gets no memory`() {
    var writer = ByteWriter(capacity: 64)
    #expect(throws: WireError(.badCompression, at: 24)) {
      try writer.decompress(self.message(body: [0x1F, 0x61], announcing: 511).span, .request)
    }
    #expect(writer.capacity == 64)
    // As much as two bytes might give: it is tried, and does not.
    #expect(throws: WireError(.badCompression, at: 24)) {
      try writer.decompress(self.message(body: [0x1F, 0x61], announcing: 510).span, .request)
    }
    #expect(writer.capacity >= 510)
  }

  @Test func `a match of distance zero shows nothing of an earlier message`() throws {
    for matchByteCount in 4..<19 {
      let block: [UInt8] = [0x10 | UInt8(matchByteCount - 4), 0x61, 0, 0, 0x50, 1, 2, 3, 4, 5]
      var writer = ByteWriter()
      writer.append([UInt8](repeating: 0xaa, count: 200).span)
      do {
        try writer.decompress(
          message(body: block, announcing: 6 + matchByteCount).span, .request)
        #expect(![UInt8](copying: writer.span).contains(0xaa))
      } catch {
        #expect(error == WireError(.badCompression, at: 24))
      }
    }
  }
}
