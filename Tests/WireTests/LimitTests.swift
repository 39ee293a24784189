import Testing
import Wire

/// Each limit of proto-spec 6 at one below, at, and one above.
@Suite struct LimitTests {
  private func message(
    decisions: Int = 1, tenant: String = "", trigger: String = "t",
    _ addFields: (inout RequestWriter) -> Void = { _ in }
  ) -> [UInt8] {
    var writer = RequestWriter()
    for _ in 0..<decisions {
      writer.beginDecision(
        tenant: Array(tenant.utf8).span, trigger: Array(trigger.utf8).span, correlationID: 0)
      addFields(&writer)
      writer.endDecision()
    }
    writer.finish()
    return [UInt8](copying: writer.bytes.span)
  }

  private func refusal(of message: [UInt8]) -> WireError? {
    do {
      _ = try readDecisions(message)
      return nil
    } catch {
      return error
    }
  }

  @Test func `1,024 decisions are read and 1,025 are refused`() throws {
    #expect(try readDecisions(message(decisions: 1023)).count == 1023)
    #expect(try readDecisions(message(decisions: 1024)).count == 1024)
    #expect(refusal(of: message(decisions: 1025)) == WireError(.tooManyDecisions, at: 12))
    #expect(refusal(of: message(decisions: 0)) == WireError(.noDecisions, at: 12))
  }

  @Test func `64 fields are read and 65 are refused`() {
    func fields(_ count: Int) -> [UInt8] {
      message { for _ in 0..<count { $0.append(.akamaiBot, bytes: [0x78].span) } }
    }
    #expect(refusal(of: fields(63)) == nil)
    #expect(refusal(of: fields(64)) == nil)
    #expect(refusal(of: fields(65)) == WireError(.tooManyFields, at: 42))
  }

  @Test func `32 custom fields are read and the 33rd is refused`() throws {
    func fields(_ count: Int) -> [UInt8] {
      message { for index in 0..<count { $0.append(custom: "c\(index + 10)", .boolean(true)) } }
    }
    #expect(try readDecisions(fields(31))[0].request.customCount == 31)
    #expect(try readDecisions(fields(32))[0].request.customCount == 32)
    let byteCountOfOne = (fields(2).count - fields(1).count)
    let firstTooMany = fields(0).count + 32 * byteCountOfOne
    #expect(refusal(of: fields(33)) == WireError(.tooManyFields, at: firstTooMany))
  }

  @Test func `names of 64 bytes are read and of 65 refused`() {
    for count in 63...65 {
      let name = String(repeating: "n", count: count)
      let custom = message { $0.append(custom: name, .string("")) }
      let isRefused = count == 65
      #expect(
        refusal(of: message(tenant: name)) == (isRefused ? WireError(.invalidName, at: 44) : nil))
      #expect(
        refusal(of: message(trigger: name)) == (isRefused ? WireError(.invalidName, at: 45) : nil))
      #expect(refusal(of: custom) == (isRefused ? WireError(.invalidName, at: 57) : nil))
    }
  }

  @Test func `a message of 1,048,576 bytes is read and one more refused`() {
    let overhead = message { $0.append(.userID, bytes: Span()) }.count
    func sized(_ byteCount: Int) -> [UInt8] {
      let text = [UInt8](repeating: 0x61, count: byteCount - overhead)
      return message { $0.append(.userID, bytes: text.span) }
    }
    #expect(sized(1 << 20).count == Limits.messageByteCount)
    #expect(refusal(of: sized(1 << 20 - 1)) == nil)
    #expect(refusal(of: sized(1 << 20)) == nil)
    #expect(refusal(of: sized(1 << 20 + 1)) == WireError(.messageTooLarge, at: 4))
  }

  @Test func `a header over its limit does not refuse the message`() throws {
    let header = [UInt8](repeating: 0x61, count: Limits.headerByteCount + 1)
    let decision = try readDecisions(message { $0.append(.akamaiBot, bytes: header.span) })[0]
    #expect(decision.request.value(of: .akamaiBot)?.count == UInt32(header.count))
  }

  @Test func `every byte is a name's byte or is refused where it stands`() {
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
    for byte in UInt8.min...UInt8.max {
      var bytes = message(trigger: "abc")
      bytes[bytes.count - 2] = byte
      let expected = allowed.contains(byte) ? nil : WireError(.invalidName, at: bytes.count - 2)
      #expect(refusal(of: bytes) == expected, "byte \(byte)")
    }
  }
}
