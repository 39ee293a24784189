import Wire

/// What all loops have counted of one published chain, since it was published.
public struct ChainStatistics: Equatable, Sendable {
  public struct Rule: Equatable, Sendable {
    /// Counted from 1 in the table's source; 0 is the default.
    public var number: Int
    /// Empty where the rule has none.
    public var name: String
    public var verdict: Verdict
    /// Hits that were enforced.
    public var enforced: UInt64
    /// Hits that were not: those of an audited or advised table.
    public var wouldBe: UInt64
  }

  public struct Table: Equatable, Sendable {
    public var name: String
    /// Digest of its source.
    public var version: UInt64
    public var mode: Mode
    /// Whom it is enforced for; `nil` where that is everybody that `mode` is for.
    public var canary: CanaryPlan?
    /// Decisions whose verdict it gave.
    public var decided: UInt64
    /// In the order of their numbers; none of a shadow.
    public var rules: [Rule]
    /// Of a shadow, beside what it runs.
    public var shadow: ShadowMatrix?

    public var enforced: UInt64 { rules.reduce(0) { $0 &+ $1.enforced } }
    public var wouldBe: UInt64 { rules.reduce(0) { $0 &+ $1.wouldBe } }
  }

  public var key: TableKey
  /// Of the publication.
  public var serial: UInt64
  public var decisions: UInt64
  /// In the order of the chain.
  public var tables: [Table]

  init(key: TableKey, serial: UInt64, _ compiled: CompiledChain, _ counts: ChainCounts) {
    let chain = compiled.view
    self.key = key
    self.serial = serial
    decisions = counts.sum(at: 0)
    tables = []
    for index in 0..<chain.tableCount {
      let table = chain.table(index)
      let isLive = index < chain.liveTableCount
      tables.append(
        Table(
          name: chain.name(of: table), version: chain.details(of: table).version,
          mode: chain.mode(table.mode), canary: chain.canary(of: table),
          decided: counts.sum(at: 1 + index),
          rules: isLive ? Self.rules(of: index, chain, counts) : [],
          shadow: isLive ? nil : Self.matrix(of: index, chain, counts)))
    }
  }

  private static func rules(of index: Int, _ chain: ChainView, _ counts: ChainCounts) -> [Rule] {
    let table = chain.table(index)
    let start = counts.start(ofTable: index)
    var rules: [Rule] = []
    for bit in 0..<Int(table.ruleCount) {
      let rule = chain.rule(bit, of: table)
      rules.append(
        Rule(
          number: Int(rule.number), name: String(repairing: chain.text.extracting(rule.name)),
          verdict: chain.verdict(rule.verdict), enforced: counts.sum(at: start + 2 * bit),
          wouldBe: counts.sum(at: start + 2 * bit + 1)))
    }
    return rules.sorted { $0.number < $1.number }
  }

  private static func matrix(
    of index: Int, _ chain: ChainView, _ counts: ChainCounts
  ) -> ShadowMatrix {
    let start = counts.start(ofTable: index)
    return ShadowMatrix(
      (0..<ShadowMatrix.count).map { counts.sum(at: start + $0) },
      liveTable: chain.shadowedTable(index).map { chain.name(of: chain.table($0)) })
  }
}
