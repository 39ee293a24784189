import Signals
import Wire

/// Why a chain decided as it did, as lines for a person. For requests that ask: not for speed.
extension ChainView {
  /// Appends one explanation output for each table and each signal read. Returns how many.
  public func writeExplanation(
    of decision: Decision, _ vector: borrowing SignalVector, in message: Span<UInt8>,
    to out: inout ByteWriter
  ) -> Int {
    for index in 0..<tableCount {
      out.appendOutput(.explanation, value: explanation(ofTable: index, decision))
    }
    for slot in schema.slots.indices {
      let name = String(repairing: text.extracting(signalName(slot)))
      let value = describe(vector[slot], schema.slots[slot], in: message)
      out.appendOutput(.explanation, value: "signal \(name): \(value)")
    }
    return tableCount + schema.slots.count
  }

  private func explanation(ofTable index: Int, _ decision: Decision) -> String {
    let table = self.table(index)
    let name = String(repairing: text.extracting(table.name))
    let mode = Mode(rawValue: UInt8(truncatingIfNeeded: table.mode)) ?? .enforce
    for position in 0..<decision.hitCount {
      let hit = decision.hit(at: position)
      guard hit.table == UInt32(index) else { continue }
      let rule = self.rule(Int(hit.rule), of: table)
      let ruleName = rule.name.isEmpty ? "" : " `\(String(repairing: text.extracting(rule.name)))`"
      let decides = position == decision.decidingHit ? ", decides" : ""
      return "table \(name) (\(mode.name)): rule \(rule.number)\(ruleName) says "
        + "\(verdict(rule.verdict).name)\(decides)"
    }
    return "table \(name) (\(mode.name)): no rule, or the chain had stopped"
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
