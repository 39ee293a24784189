import Signals
import Wire

/// From a decision to its reply's bytes.
extension ChainView {
  /// Appends the decision reply: the fixed part and the merged outputs.
  ///
  /// The deciding rule says table, rule, reason, code and message; where it leaves one of the last
  /// three out, and for every other output, the last enforcing table that set it does.
  /// With `explaining`, explanation lines follow the outputs.
  public func write(
    _ decision: Decision, correlationID: UInt64, explaining: Bool = false,
    _ vector: borrowing SignalVector, in message: Span<UInt8>, to out: inout ByteWriter
  ) {
    var rule = RuleRecord()
    var version: UInt64 = 0
    if let deciding = decision.decidingHit {
      let hit = decision.hit(at: deciding)
      let table = self.table(Int(hit.table))
      rule = self.rule(Int(hit.rule), of: table)
      version = table.version
    }
    let start = out.beginReply(
      correlationID: correlationID, verdict: decision.verdict, wouldBe: decision.wouldBe,
      mode: decision.mode, flags: decision.flags, rule: rule.number, tableVersion: version)
    var count = writeOutputs(of: decision, deciding: rule, to: &out)
    if explaining { count += writeExplanation(of: decision, vector, in: message, to: &out) }
    out.finishReply(startingAt: start, outputCount: count)
  }

  /// Appends each output of the decision, encoded, in the order of a reply. Returns how many.
  public func writeOutputs(_ decision: Decision, to out: inout ByteWriter) -> Int {
    guard let deciding = decision.decidingHit else { return 0 }
    let hit = decision.hit(at: deciding)
    return writeOutputs(
      of: decision, deciding: rule(Int(hit.rule), of: table(Int(hit.table))), to: &out)
  }

  private func writeOutputs(
    of decision: borrowing Decision, deciding: RuleRecord, to out: inout ByteWriter
  ) -> Int {
    guard decision.decidingHit != nil else { return 0 }
    if decision.hitCount == 1 {
      out.append(text.extracting(deciding.encodedOutputs))
      return Int(deciding.outputCount)
    }
    return mergeOutputs(of: decision, deciding: deciding, to: &out)
  }

  /// Appends the outputs of several rules, each kind and name once.
  private func mergeOutputs(
    of decision: borrowing Decision, deciding: RuleRecord, to out: inout ByteWriter
  ) -> Int {
    let text = self.text
    var written: UInt64 = 0
    var count = 0
    for index in 0..<Int(deciding.outputCount) {
      let output = self.output(index, of: deciding)
      guard output.key < OutputKey.obligation else { break }
      written |= 1 << UInt64(output.key)
      out.append(text.extracting(output.encoded))
      count += 1
    }
    // The rule's name belongs to the verdict even where it is empty.
    written |= 1 << UInt64(OutputKey.table) | 1 << UInt64(OutputKey.rule)
    var index = decision.hitCount
    while index > 0 {
      index -= 1
      let hit = decision.hit(at: index)
      let table = self.table(Int(hit.table))
      guard table.mode == UInt32(Mode.enforce.rawValue) else { continue }
      let rule = self.rule(Int(hit.rule), of: table)
      for outputIndex in 0..<Int(rule.outputCount) {
        let output = self.output(outputIndex, of: rule)
        let bit: UInt64 = 1 << UInt64(output.key)
        guard written & bit == 0 else { continue }
        written |= bit
        out.append(text.extracting(output.encoded))
        count += 1
      }
    }
    return count
  }
}
