import Signals
import Wire

/// From a decision to its reply's bytes.
extension ChainView {
  /// Appends the decision reply: the fixed part and the merged outputs. `evaluator` is the one whose
  /// last decision it is.
  ///
  /// The deciding table says table, rule, reason, code and message; where it leaves one of the last
  /// three out, and for every other output, the last enforced table that set it does.
  /// Parts and explanation lines follow the outputs where `flags` ask for them.
  public func write(
    _ decision: Decision, of evaluator: inout Evaluator, correlationID: UInt64,
    answering flags: RequestFlags = [], in message: Span<UInt8>, to out: inout ByteWriter
  ) {
    let start: Int
    var count = 0
    if let deciding = decision.decidingHit {
      let hit = evaluator.hits[deciding]
      let table = self.table(Int(hit.table))
      let rule = self.rule(Int(hit.rule), of: table)
      start = begin(
        decision, correlationID: correlationID, rule: rule.number, version: details(of: table).version,
        to: &out)
      if evaluator.hits.count == 1, !table.flags.contains(.hitsAll) {
        out.append(rule.encodedOutputs, of: text)
        count = Int(rule.outputCount)
      } else {
        count = mergeOutputs(evaluator.hits, deciding: hit, rule, table, to: &out)
      }
    } else {
      start = begin(decision, correlationID: correlationID, rule: 0, version: 0, to: &out)
    }
    if !flags.isEmpty {
      count += writeAnswers(to: flags, of: decision, &evaluator, in: message, to: &out)
    }
    out.finishReply(startingAt: start, outputCount: count)
  }

  /// Appends what only some requests ask for. Returns how many outputs it is.
  @inline(never)
  private func writeAnswers(
    to flags: RequestFlags, of decision: Decision, _ evaluator: inout Evaluator,
    in message: Span<UInt8>, to out: inout ByteWriter
  ) -> Int {
    var count = 0
    if flags.contains(.parts) { count += writeParts(of: decision, evaluator.hits, to: &out) }
    if flags.contains(.explain) {
      count += writeExplanation(of: decision, &evaluator, in: message, to: &out)
    }
    return count
  }

  @inline(__always)
  private func begin(
    _ decision: Decision, correlationID: UInt64, rule: UInt32, version: UInt64, to out: inout ByteWriter
  ) -> Int {
    out.beginReply(
      correlationID: correlationID, verdict: decision.verdict, wouldBe: decision.wouldBe,
      mode: decision.mode, flags: decision.flags, rule: rule, tableVersion: version)
  }

  /// Appends the outputs of several rules, each kind and name once. Returns how many.
  @inline(never)
  private func mergeOutputs(
    _ hits: borrowing ScratchList<Hit>, deciding: Hit, _ rule: RuleRecord, _ table: TableRecord,
    to out: inout ByteWriter
  ) -> Int {
    // The rule's name belongs to the verdict even where it is empty.
    var merge = OutputMerge()
    merge.write(rule, of: self, wanted: OutputKey.identity, to: &out)
    merge.written |= OutputKey.identity
    if table.flags.contains(.hitsAll) {
      let range = hits.range(of: deciding.table)
      merge.writeLists(range, table, hits, self, wanted: OutputKey.decidersOwn, to: &out)
    } else {
      merge.write(rule, of: self, wanted: OutputKey.decidersOwn, to: &out)
    }
    var end = hits.count
    while end > 0 {
      let index = hits[end - 1].table
      let range = hits.range(of: index)
      end = range.lowerBound
      let table = self.table(Int(index))
      if table.flags.contains(.hitsAll) {
        merge.writeLists(range, table, hits, self, wanted: ~0, to: &out)
        continue
      }
      for place in range where hits[place].isEnforced {
        let rule = self.rule(Int(hits[place].rule), of: table)
        merge.write(rule, of: self, wanted: ~0, to: &out)
      }
    }
    return merge.count
  }
}

extension ScratchList<Hit> {
  /// Where the hits of one table are: they lie together.
  fileprivate func range(of table: UInt32) -> Range<Int> {
    var start = 0
    while start < count, self[start].table != table { start += 1 }
    var end = start
    while end < count, self[end].table == table { end += 1 }
    return start..<end
  }
}
