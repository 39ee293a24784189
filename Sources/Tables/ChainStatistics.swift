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
    /// Decisions whose verdict it gave.
    public var decided: UInt64
    /// In the order of their numbers.
    public var rules: [Rule]

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
      var rules: [Rule] = []
      for bit in 0..<Int(table.ruleCount) {
        let rule = chain.rule(bit, of: table)
        let place = counts.index(table: index, rule: bit)
        rules.append(
          Rule(
            number: Int(rule.number), name: String(repairing: chain.text.extracting(rule.name)),
            verdict: chain.verdict(rule.verdict), enforced: counts.sum(at: place),
            wouldBe: counts.sum(at: place + 1)))
      }
      tables.append(
        Table(
          name: chain.name(of: table), version: table.version, mode: chain.mode(table.mode),
          decided: counts.sum(at: 1 + index), rules: rules.sorted { $0.number < $1.number }))
    }
  }
}
