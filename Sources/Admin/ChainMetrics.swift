import Tables
import Wire

/// What the published chains have counted, as far as it is exported.
struct ChainMetrics {
  struct Rule {
    var key: TableKey
    var table: String
    var rule: Int
    var enforced: UInt64
    var wouldBe: UInt64
  }

  struct Shadow {
    var key: TableKey
    var table: String
    var live: String
    var shadow: String
    var count: UInt64
  }

  /// Rules with hits, in the order of key, chain and number.
  var rules: [Rule] = []
  /// Rules with hits beyond `ruleCountMax`.
  var rulesCut = 0
  /// What candidates said beside what is live, of at most `ruleCountMax` candidates.
  var shadows: [Shadow] = []
  let ruleCountMax: Int
  let switches: (killedTriggers: Int, killedTables: Int, pinned: Int)

  /// - Parameter ruleCountMax: how many rules are exported; each is up to two series of samples.
  init(_ store: TableStore, ruleCountMax: Int) {
    self.ruleCountMax = ruleCountMax
    switches = store.switchCounts
    var shadowCount = 0
    for chain in store.statistics() {
      for table in chain.tables {
        if let matrix = table.shadow, shadowCount < ruleCountMax {
          shadowCount += 1
          for outcome in matrix.outcomes {
            shadows.append(
              Shadow(
                key: chain.key, table: table.name, live: outcome.live?.name ?? "none",
                shadow: outcome.shadow?.name ?? "none", count: outcome.count))
          }
        }
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
