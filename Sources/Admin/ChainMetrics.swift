import Tables

/// What the published chains have counted, as far as it is exported.
struct ChainMetrics {
  struct Rule {
    var key: TableKey
    var table: String
    var rule: Int
    var enforced: UInt64
    var wouldBe: UInt64
  }

  /// Rules with hits, in the order of key, chain and number.
  var rules: [Rule] = []
  /// Rules with hits beyond `ruleCountMax`.
  var rulesCut = 0
  let ruleCountMax: Int
  let switches: (killedTriggers: Int, killedTables: Int, pinned: Int)

  /// - Parameter ruleCountMax: how many rules are exported; each is up to two series of samples.
  init(_ store: TableStore, ruleCountMax: Int) {
    self.ruleCountMax = ruleCountMax
    switches = store.switchCounts
    for chain in store.statistics() {
      for table in chain.tables {
        for rule in table.rules where rule.enforced > 0 || rule.wouldBe > 0 {
          guard rules.count < ruleCountMax else {
            rulesCut += 1
            continue
          }
          rules.append(
            Rule(
              key: chain.key, table: table.name, rule: rule.number, enforced: rule.enforced,
              wouldBe: rule.wouldBe))
        }
      }
    }
  }
}
