import Wire

/// What requests are answered by whose budget has run out: the strictest of the tables that are enforced for
/// them, as its rules would be. O(live tables).
extension Evaluator {
  /// The verdict of the tables that are enforced for everybody and not killed, and whether that of a canary
  /// is stricter: then `onLateByCanaries` has the last word, once the signals are filled.
  public func onLate(_ chain: ChainView, killed: UInt64) -> (verdict: Verdict, mayBeStricter: Bool) {
    let everybody = strictest(of: chain, killed) { table in !table.flags.contains(.hasCanary) }
    let anybody = strictest(of: chain, killed) { _ in true }
    return (everybody, anybody > everybody)
  }

  /// The verdict for the login whose signals are filled: canaries that it is in have a say.
  public mutating func onLateByCanaries(_ chain: ChainView, killed: UInt64) -> Verdict {
    var verdict = Verdict.allow
    for index in 0..<chain.liveTableCount where !Self.isKilled(index, killed) {
      let table = chain.table(index)
      let mode = table.flags.contains(.hasCanary) ? canaryMode(table, chain) : table.mode
      if mode == Mode.enforce.rawValue { verdict = max(verdict, chain.onLate(of: table)) }
    }
    return verdict
  }

  private func strictest(
    of chain: ChainView, _ killed: UInt64, where counts: (TableRecord) -> Bool
  ) -> Verdict {
    var verdict = Verdict.allow
    for index in 0..<chain.liveTableCount where !Self.isKilled(index, killed) {
      let table = chain.table(index)
      guard table.mode == Mode.enforce.rawValue, counts(table) else { continue }
      verdict = max(verdict, chain.onLate(of: table))
    }
    return verdict
  }

  private static func isKilled(_ index: Int, _ killed: UInt64) -> Bool {
    killed & 1 &<< UInt64(truncatingIfNeeded: index) != 0
  }
}
