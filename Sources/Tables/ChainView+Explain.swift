import Signals
import Wire

/// Why a chain decided as it did, as lines for a person. For requests that ask: not for speed.
extension ChainView {
  /// LIMIT: a table of 100,000 rules may hit with all of them, and a reply counts its outputs with 16
  /// bits; nobody reads more lines than these of one table.
  static let explainedHitCountMax = 256

  /// Appends one explanation output for each hit (of each table, the first `explainedHitCountMax`),
  /// each table without one, each candidate and each signal read. Returns how many.
  public func writeExplanation(
    of decision: Decision, _ evaluator: inout Evaluator, in message: Span<UInt8>,
    to out: inout ByteWriter
  ) -> Int {
    var count = 0
    for index in 0..<liveTableCount {
      var hitCount = 0
      for place in 0..<evaluator.hits.count where evaluator.hits[place].table == UInt32(index) {
        hitCount += 1
        let decides = place == decision.decidingHit
        guard hitCount <= Self.explainedHitCountMax || decides else { continue }
        writeLine(&count, to: &out) { write(evaluator.hits[place], decides: decides, to: &$0) }
      }
      if hitCount == 0 {
        writeLine(&count, to: &out) {
          writeLabel(ofTable: index, to: &$0)
          $0.append(": no rule, or the chain had stopped")
        }
      } else if hitCount > Self.explainedHitCountMax {
        writeLine(&count, to: &out) {
          writeLabel(ofTable: index, to: &$0)
          $0.append(": ")
          $0.append(decimal: UInt64(hitCount))
          $0.append(" rules in all")
        }
      }
    }
    for index in 0..<evaluator.shadowCount {
      let outcome = evaluator.shadow(at: index)
      writeLine(&count, to: &out) {
        $0.append("candidate ")
        $0.append(text: text.extracting(details(of: table(Int(outcome.table))).name))
        $0.append(": says ")
        $0.append(outcome.shadow?.name ?? "nothing")
        $0.append(", live ")
        $0.append(outcome.live?.name ?? "nothing")
      }
    }
    for slot in schema.slots.indices {
      let value = evaluator.vector[slot]
      writeLine(&count, to: &out) {
        $0.append("signal ")
        $0.append(text: text.extracting(signalName(slot)))
        $0.append(": ")
        describe(value, schema.slots[slot], in: message, to: &$0)
      }
    }
    return count
  }

  /// Appends one explanation output, whose text `body` appends.
  private func writeLine(
    _ count: inout Int, to out: inout ByteWriter, _ body: (inout ByteWriter) -> Void
  ) {
    let start = out.beginOutput(.explanation)
    body(&out)
    out.finishOutput(startingAt: start)
    count += 1
  }

  private func writeLabel(ofTable index: Int, to out: inout ByteWriter) {
    let table = self.table(index)
    out.append("table ")
    out.append(text: text.extracting(details(of: table).name))
    out.append(" (")
    out.append((Mode(rawValue: UInt8(truncatingIfNeeded: table.mode)) ?? .enforce).name)
    out.append(")")
  }

  private func write(_ hit: Hit, decides: Bool, to out: inout ByteWriter) {
    let table = self.table(Int(hit.table))
    let rule = self.rule(Int(hit.rule), of: table)
    writeLabel(ofTable: Int(hit.table), to: &out)
    out.append(": rule ")
    out.append(decimal: UInt64(rule.number))
    if !rule.name.isEmpty {
      out.append(" `")
      out.append(text: text.extracting(rule.name))
      out.append("`")
    }
    out.append(" says ")
    out.append(verdict(rule.verdict).name)
    if decides {
      out.append(", decides")
    } else if !hit.isEnforced && table.mode == UInt32(Mode.enforce.rawValue) {
      out.append(", not enforced for this login")
    }
  }

  /// Writes a value as a table's cell would say it, texts cut to 128 bytes; a date, a time or a duration as
  /// the text that it came as.
  private func describe(
    _ value: SignalValue, _ slot: SlotDescriptor, in message: Span<UInt8>, to out: inout ByteWriter
  ) {
    guard value.state == .value else { return out.append(value.state.name) }
    switch slot.type {
    case .number where slot.scale == .plain: write(value.number, to: &out)
    case .boolean: out.append(value.low == 1 ? "true" : "false")
    case .enumeration: writeCase(value, slot, to: &out)
    case .number, .string, .address: quote(value.text, in: message, to: &out)
    case .list:
      var cursor = ListCursor(value)
      var count = 0
      out.append("[")
      while count < 32, let member = cursor.next(in: message) {
        if count > 0 { out.append(", ") }
        quote(member, in: message, to: &out)
        count += 1
      }
      out.append("]")
    }
  }

  private func write(_ number: Double, to out: inout ByteWriter) {
    guard number == number.rounded(), abs(number) < 1e15 else { return out.append("\(number)") }
    if number < 0 { out.append("-") }
    out.append(decimal: UInt64(abs(number)))
  }

  private func writeCase(_ value: SignalValue, _ slot: SlotDescriptor, to out: inout ByteWriter) {
    let index = UInt8(truncatingIfNeeded: value.low)
    let name =
      slot.source == .standing
      ? UserRiskHeader.Standing(rawValue: index)?.name : UserRiskItem.Level(rawValue: index)?.name
    if let name { out.append(name) } else { out.append(decimal: UInt64(index)) }
  }

  private func quote(_ range: ByteRange, in message: Span<UInt8>, to out: inout ByteWriter) {
    let shown = ByteRange(offset: range.start, count: min(Int(range.count), 128))
    out.append("\"")
    out.append(text: message.extracting(shown))
    out.append(shown == range ? "\"" : "…\"")
  }
}
