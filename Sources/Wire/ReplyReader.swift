extension Reply {
  /// Reads a whole, uncompressed reply message. Allocates: for clients.
  public init(reading message: Span<UInt8>) throws(WireError) {
    let header = try MessageHeader(reading: message, expecting: .reply)
    precondition(!header.flags.contains(.compressed), "decompress first")
    var offset = MessageHeader.byteCount
    var decisions: [DecisionReply] = []
    for _ in 0..<header.decisionCount {
      decisions.append(try DecisionReply(reading: message, at: &offset))
    }
    guard offset == message.count else { throw WireError(.trailingBytes, at: offset) }
    self.init(serverNanoseconds: header.serverNanoseconds, decisions: decisions)
  }
}

extension DecisionReply {
  fileprivate init(reading bytes: Span<UInt8>, at offset: inout Int) throws(WireError) {
    let start = offset
    guard bytes.count - start >= Self.fixedByteCount else {
      throw WireError(.truncated, at: bytes.count)
    }
    let byteCount = Int(bytes.load(UInt32.self, at: start))
    guard byteCount >= Self.fixedByteCount else { throw WireError(.wrongLength, at: start) }
    guard byteCount <= bytes.count - start else { throw WireError(.truncated, at: bytes.count) }
    guard let verdict = Verdict(rawValue: bytes[start + 4]) else {
      throw WireError(.invalidNumber, at: start + 4)
    }
    guard let wouldBe = Verdict(rawValue: bytes[start + 5]) else {
      throw WireError(.invalidNumber, at: start + 5)
    }
    guard let mode = Mode(rawValue: bytes[start + 6]) else {
      throw WireError(.invalidNumber, at: start + 6)
    }
    self.init(
      correlationID: bytes.load(UInt64.self, at: start + 8), verdict: verdict, wouldBe: wouldBe,
      mode: mode, provenance: EdgeProofOutcome(rawValue: bytes[start + 7]),
      flags: ReplyFlags(rawValue: bytes.load(UInt16.self, at: start + 16)),
      rule: bytes.load(UInt32.self, at: start + 20),
      tableVersion: bytes.load(UInt64.self, at: start + 24))
    offset = start + Self.fixedByteCount
    for _ in 0..<Int(bytes.load(UInt16.self, at: start + 18)) {
      if let output = try Output(reading: bytes, at: &offset, end: start + byteCount) {
        outputs.append(output)
      }
    }
    guard offset == start + byteCount else { throw WireError(.wrongLength, at: offset) }
  }
}

extension DecisionReply.Output {
  /// Steps over one output; `nil` for a kind that a later server added (proto-spec 8).
  fileprivate init?(
    reading bytes: Span<UInt8>, at offset: inout Int, end: Int
  ) throws(WireError) {
    let start = offset
    guard end - start >= DecisionReply.outputFixedByteCount else {
      throw WireError(.wrongLength, at: start)
    }
    let nameStart = start + DecisionReply.outputFixedByteCount
    let valueStart = nameStart + Int(bytes[start + 1])
    let valueEnd = valueStart + Int(bytes.load(UInt16.self, at: start + 2))
    guard valueEnd <= end else { throw WireError(.wrongLength, at: start) }
    offset = valueEnd
    guard let kind = OutputKind(rawValue: bytes[start]) else { return nil }
    self.init(
      kind: kind, name: String(repairing: bytes.extracting(nameStart..<valueStart)),
      value: String(repairing: bytes.extracting(valueStart..<valueEnd)))
  }
}
