import Signals
import Wire

/// Tables that are more than a first match: several hits, modes of rules, candidates.
extension Evaluator {
  /// The mode of a table with a canary for the login at hand: outside of it, it is audited.
  @inline(never)
  mutating func canaryMode(_ table: TableRecord, _ chain: ChainView) -> UInt32 {
    isIn(chain.details(of: table).canary, of: table, chain)
      ? table.mode : min(table.mode, UInt32(Mode.audit.rawValue))
  }

  /// Whether the login's user or session is in a canary. One without a key is not; one whose key is no
  /// good is: else whoever sends a broken key would get past.
  private mutating func isIn(_ canary: CanaryRecord, of table: TableRecord, _ chain: ChainView) -> Bool {
    if canary.bound >= CanaryRecord.nobodyExcluded { return true }
    let key = vector[Int(canary.slot)]
    guard key.state == .value else { return key.state != .absent }
    // The table's name makes its canary one of other users than another table's.
    let salt = stringHash(chain.text, chain.details(of: table).name, foldingCase: false)
    // The upper half of a product is as good as a remainder, and who is below a bound is below any
    // larger one.
    let mixed = ((key.low ^ salt) &* 0x9E37_79B9_7F4A_7C15) >> 32
    return (mixed &* UInt64(CanaryRecord.nobodyExcluded)) >> 32 < UInt64(canary.bound)
  }

  /// Notes the hits of a table that has more than one, or whose rules have modes of their own.
  @inline(never)
  mutating func noteMatches(
    _ table: TableRecord, at index: Int, mode: UInt32, of chain: ChainView,
    in message: Span<UInt8>, _ progress: inout Progress
  ) {
    var matches = matches(table, of: chain, in: message)
    let hitsAll = table.flags.contains(.hitsAll)
    var isFirst = true
    var hasEnforced = false
    while let rule = matches.next(rows, chain) {
      let record = chain.rule(rule, of: table)
      let isEnforced =
        mode == Mode.enforce.rawValue && record.mode == Mode.enforce.rawValue
        && isIn(record.canary, of: table, chain)
      let isDefault = table.flags.contains(.hasDefault) && rule == Int(table.ruleCount) - 1
      if isDefault, hasEnforced || !isFirst && !isEnforced { return }
      let hit = Hit(
        table: UInt32(truncatingIfNeeded: index), rule: UInt32(truncatingIfNeeded: rule),
        isEnforced: isEnforced)
      note(
        hit, record.verdict, countsForWouldBe: isFirst || hitsAll && !isDefault, &progress)
      // In an enforced table, a rule that is only watched hides no enforced one.
      if !hitsAll, isEnforced || mode != Mode.enforce.rawValue { return }
      hasEnforced = hasEnforced || isEnforced
      isFirst = false
    }
  }

  /// What a candidate says, as if it and all its rules were enforced; `nil` where nothing matches.
  mutating func verdict(
    of table: TableRecord, _ chain: ChainView, in message: Span<UInt8>
  ) -> Verdict? {
    guard table.flags.contains(.hitsAll) else {
      return firstMatch(table, of: chain, in: message).map {
        chain.verdict(chain.rule($0, of: table).verdict)
      }
    }
    var matches = matches(table, of: chain, in: message)
    var strongest: UInt32 = 0
    while let rule = matches.next(rows, chain) {
      let isDefault = table.flags.contains(.hasDefault) && rule == Int(table.ruleCount) - 1
      if isDefault, strongest != 0 { break }
      strongest = max(strongest, chain.rule(rule, of: table).verdict)
    }
    return strongest == 0 ? nil : chain.verdict(strongest)
  }

  /// All rules that every column allows, in their order.
  private mutating func matches(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Matches {
    guard table.ruleCount > 0 else { return Matches(ruleCount: 0, rowCount: 0) }
    if table.isClustered {
      findMatches(
        table, prefetching: (Int(table.rulesOffset), MemoryLayout<RuleRecord>.stride), of: chain, in: message)
      rows.ranks.sort()
      // Rows may give a rule more than one of its bits: it is a hit once.
      rows.ranks.removeRepeated()
      return Matches(collectedCount: rows.ranks.count)
    }
    let rowCount = selectRows(table, of: chain)
    selectListRows(table, of: chain, in: message)
    return Matches(ruleCount: Int(table.ruleCount), rowCount: rowCount)
  }

  /// Finds the ranks of all rules of a clustered table that every column allows: they are in `rows.ranks`, in
  /// no order, some more than once. `records` is where something of each rule lies that is needed next.
  mutating func findMatches(
    _ table: TableRecord, prefetching records: (offset: Int, byteCount: Int), of chain: ChainView,
    in message: Span<UInt8>
  ) {
    let clusters = chain.details(of: table).clusters
    if clusters.sectionCount == 0 {
      findMatchesInClusters(table, of: chain, in: message)
    } else {
      findMatchesInSections(table, clusters, prefetching: records, of: chain, in: message)
    }
  }

  /// Steps through the rules that match: by the rows that were selected last, or, of a clustered
  /// table, those that were collected last.
  struct Matches {
    private let ruleCount: Int
    private let rowCount: Int
    private let isCollected: Bool
    private var word = -1
    private var bits: UInt64 = 0

    init(ruleCount: Int, rowCount: Int) {
      self.ruleCount = ruleCount
      self.rowCount = rowCount
      isCollected = false
    }

    init(collectedCount: Int) {
      ruleCount = collectedCount
      rowCount = 0
      isCollected = true
    }

    /// The next rule; `nil` after the last.
    mutating func next(_ rows: borrowing SelectedRows, _ chain: ChainView) -> Int? {
      if isCollected {
        word += 1
        return word < ruleCount ? Int(rows.ranks[word]) : nil
      }
      while bits == 0 {
        word += 1
        let rest = ruleCount - word * 64
        guard rest > 0 else { return nil }
        // A table without columns has no row that would be clear past the last rule.
        bits = rest >= 64 ? ~0 : (1 << UInt64(rest)) - 1
        for index in 0..<rowCount {
          bits &= chain.load(at: rows.offset(at: index) &+ word &* 8)
          if bits == 0 { break }
        }
        if bits != 0 { bits &= rows.listWord(word, in: chain) }
      }
      defer { bits &= bits - 1 }
      return word * 64 + bits.trailingZeroBitCount
    }
  }
}
