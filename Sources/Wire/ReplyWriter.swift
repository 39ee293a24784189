/// Replies, written straight into the outgoing bytes.
extension ByteWriter {
  /// Appends the fixed part of a decision reply; `finishReply` completes it. Returns where it starts.
  @inlinable @inline(__always)
  public mutating func beginReply(
    correlationID: UInt64, verdict: Verdict, wouldBe: Verdict, mode: Mode, flags: ReplyFlags,
    rule: UInt32, tableVersion: UInt64
  ) -> Int {
    let start = count
    let verdicts =
      UInt64(verdict.rawValue) | UInt64(wouldBe.rawValue) << 8 | UInt64(mode.rawValue) << 16
    append(
      verdicts << 32, correlationID, UInt64(flags.rawValue) | UInt64(rule) << 32, tableVersion)
    return start
  }

  /// Stores the length and the number of outputs of the reply that starts at `start`.
  @inlinable @inline(__always)
  public mutating func finishReply(startingAt start: Int, outputCount: Int) {
    store(UInt32(count - start), at: start)
    store(UInt16(outputCount), at: start + 18)
  }

  /// Stores what is known of where the request of the reply came from that starts at `start`.
  public mutating func store(_ provenance: EdgeProofOutcome, ofReplyAt start: Int) {
    store(provenance.rawValue, at: start + 7)
  }

  /// Appends one output. The name is at most 255 bytes, the value at most 65,535.
  public mutating func appendOutput(_ kind: OutputKind, name: String = "", value: String) {
    append(kind.rawValue)
    append(UInt8(name.utf8.count))
    append(UInt16(value.utf8.count))
    append(name)
    append(value)
  }

  /// Appends the fixed part of an output without a name; its value is what is appended until `finishOutput`.
  /// Returns where it starts.
  public mutating func beginOutput(_ kind: OutputKind) -> Int {
    let start = count
    append(UInt32(kind.rawValue))
    return start
  }

  /// Stores the length of the output that starts at `start`: at most 65,535 bytes.
  public mutating func finishOutput(startingAt start: Int) {
    store(UInt16(count - start - DecisionReply.outputFixedByteCount), at: start + 2)
  }

  /// Appends a line of explanation to a finished decision reply that starts at `start` and is the
  /// last one.
  public mutating func addExplanation(_ line: String, toReplyAt start: Int) {
    let outputCount = Int(span.load(UInt16.self, at: start + 18))
    appendOutput(.explanation, value: line)
    finishReply(startingAt: start, outputCount: outputCount + 1)
  }

  /// Appends a whole reply message. For tests and vectors: the server never holds a `Reply`.
  public mutating func append(_ reply: Reply) {
    let start = count
    beginMessage(.reply)
    for decision in reply.decisions {
      let decisionStart = beginReply(
        correlationID: decision.correlationID, verdict: decision.verdict,
        wouldBe: decision.wouldBe, mode: decision.mode, flags: decision.flags,
        rule: decision.rule, tableVersion: decision.tableVersion)
      if let provenance = decision.provenance { store(provenance, ofReplyAt: decisionStart) }
      for output in decision.outputs {
        appendOutput(output.kind, name: output.name, value: output.value)
      }
      finishReply(startingAt: decisionStart, outputCount: decision.outputs.count)
    }
    finishMessage(
      startingAt: start, decisionCount: reply.decisions.count,
      serverNanoseconds: reply.serverNanoseconds)
  }
}
