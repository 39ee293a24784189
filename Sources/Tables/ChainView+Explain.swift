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
    func write(_ line: String, to out: inout ByteWriter) {
      out.appendOutput(.explanation, value: line)
      count += 1
    }
    for index in 0..<liveTableCount {
      var hitCount = 0
      for place in 0..<evaluator.hits.count where evaluator.hits[place].table == UInt32(index) {
        hitCount += 1
        let decides = place == decision.decidingHit
        if hitCount <= Self.explainedHitCountMax || decides {
          write(line(evaluator.hits[place], decides: decides), to: &out)
        }
      }
      if hitCount == 0 {
        write("\(label(ofTable: index)): no rule, or the chain had stopped", to: &out)
      } else if hitCount > Self.explainedHitCountMax {
        write("\(label(ofTable: index)): \(hitCount) rules in all", to: &out)
      }
    }
    for index in 0..<evaluator.shadowCount {
      let outcome = evaluator.shadow(at: index)
      let name = name(of: table(Int(outcome.table)))
      write(
        "candidate \(name): says \(outcome.shadow?.name ?? "nothing"), live"
          + " \(outcome.live?.name ?? "nothing")", to: &out)
    }
    for slot in schema.slots.indices {
      let name = String(repairing: text.extracting(signalName(slot)))
      let value = describe(evaluator.vector[slot], schema.slots[slot], in: message)
      write("signal \(name): \(value)", to: &out)
    }
    return count
  }

  private func label(ofTable index: Int) -> String {
    let table = self.table(index)
    let mode = Mode(rawValue: UInt8(truncatingIfNeeded: table.mode)) ?? .enforce
    return "table \(name(of: table)) (\(mode.name))"
  }

  private func line(_ hit: Hit, decides: Bool) -> String {
    let table = self.table(Int(hit.table))
    let rule = self.rule(Int(hit.rule), of: table)
    let name = rule.name.isEmpty ? "" : " `\(String(repairing: text.extracting(rule.name)))`"
    let isWatched = !hit.isEnforced && table.mode == UInt32(Mode.enforce.rawValue)
    return "\(label(ofTable: Int(hit.table))): rule \(rule.number)\(name) says "
      + "\(verdict(rule.verdict).name)"
      + (decides ? ", decides" : isWatched ? ", not enforced for this login" : "")
  }

  /// A value as a table's cell would say it, texts cut to 128 bytes.
  private func describe(
    _ value: SignalValue, _ slot: SlotDescriptor, in message: Span<UInt8>
  ) -> String {
    guard value.state == .value else { return value.state.name }
    switch slot.type {
    case .number:
      let number = value.number
      return number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    case .boolean: return value.low == 1 ? "true" : "false"
    case .enumeration: return caseName(value, slot)
    case .string, .address: return quoted(value.text, in: message)
    case .list:
      var members: [String] = []
      var cursor = ListCursor(value)
      while members.count < 32, let member = cursor.next(in: message) {
        members.append(quoted(member, in: message))
      }
      return "[\(members.joined(separator: ", "))]"
    }
  }

  private func caseName(_ value: SignalValue, _ slot: SlotDescriptor) -> String {
    let index = UInt8(truncatingIfNeeded: value.low)
    let name =
      slot.source == .standing
      ? UserRiskHeader.Standing(rawValue: index)?.name : UserRiskItem.Level(rawValue: index)?.name
    return name ?? "\(index)"
  }

  private func quoted(_ range: ByteRange, in message: Span<UInt8>) -> String {
    let shown = ByteRange(offset: range.start, count: min(Int(range.count), 128))
    let cut = shown == range ? "" : "…"
    return "\"\(String(repairing: message.extracting(shown)))\(cut)\""
  }
}
