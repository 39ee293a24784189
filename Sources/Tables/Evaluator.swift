import Signals
import Wire

/// Evaluates compiled chains. One a loop: it owns the memory that an evaluation needs.
///
/// No allocation, lock or reference count per decision; the scratch grows when a larger table than
/// any before is met.
public struct Evaluator: ~Copyable {
  /// The signals of the decision at hand, by slot of the chain's schema.
  public var vector = SignalVector()
  /// The last one. Kept, so that nothing but what changes is written for the next.
  private var decision = Decision(.allow, mode: .off, flags: [])
  var scratch = RowScratch()
  /// Where the row of each column of the table at hand starts, in bytes.
  var rowOffsets = InlineArray<64, UInt32>(repeating: 0)

  public init() {}

  /// Runs the tables of `chain`, in order, on `vector`.
  ///
  /// `message` holds the bytes that the vector's texts lie in. `fallback` is the verdict when no
  /// rule of any enforcing table matches. O(tables × (columns + words of a row)).
  public mutating func evaluate(
    _ chain: ChainView, in message: Span<UInt8>, fallback: Verdict
  ) -> Decision {
    // Raw values; 0 stands for none.
    var enforced: UInt32 = 0
    var wouldBe: UInt32 = 0
    var strongestMode: UInt32 = 0
    decision.removeHits()

    for index in 0..<chain.tableCount {
      let table = chain.table(index)
      strongestMode = max(strongestMode, table.mode)
      // Past an enforced stop only the strongest mode is still of interest.
      if table.mode == Mode.off.rawValue || Self.stops(enforced) { continue }
      guard let rule = firstMatch(table, of: chain, in: message) else { continue }
      let verdict = chain.rule(rule, of: table).verdict
      if !Self.stops(wouldBe) { wouldBe = max(wouldBe, verdict) }
      let decides = table.mode == Mode.enforce.rawValue && verdict > enforced
      if decides { enforced = verdict }
      decision.append(Hit(table: UInt32(index), rule: UInt32(rule)), decides: decides)
    }

    decision.mode = chain.mode(strongestMode)
    decision.flags = stateFlags(chain)
    if enforced != 0 {
      decision.verdict = chain.verdict(enforced)
    } else if strongestMode == Mode.enforce.rawValue {
      decision.verdict = fallback
      decision.flags.insert(.noMatch)
    } else {
      decision.verdict = .allow
    }
    decision.wouldBe = wouldBe == 0 ? decision.verdict : chain.verdict(wouldBe)
    return decision
  }

  @inline(__always)
  private static func stops(_ verdict: UInt32) -> Bool { verdict >= Verdict.deny.rawValue }

  /// The flags that tell of broken signals among those the chain reads.
  @inline(__always)
  private func stateFlags(_ chain: ChainView) -> ReplyFlags {
    var states: UInt8 = 0
    for slot in 0..<chain.slotCount { states |= 1 &<< vector[slot].state.rawValue }
    var flags: ReplyFlags = []
    if states & 1 << SignalState.invalid.rawValue != 0 { flags.insert(.invalidSignal) }
    if states & 1 << SignalState.unverified.rawValue != 0 { flags.insert(.unverifiedSignal) }
    return flags
  }
}
