import Rules
import Tables
import Wire

/// One version of the table that the simulated server decides by, and the oracle for it: the meaning
/// of its rows, written by hand.
struct TableVersion: Sendable {
  let index: Int
  let scoreMin: Int
  let botScoreMin: Int
  let risky: Verdict
  let bot: Verdict
  let unknown: Verdict
  let unverified: Verdict
  let onLate: Verdict
  let chain: CompiledChain
  /// The digest that replies name it by.
  let digest: UInt64

  static let all: [TableVersion] = (0..<10).map { TableVersion(index: $0) }

  private init(index: Int) {
    var random = SplitMix64(seed: UInt64(0x7AB1E + index))
    self.index = index
    scoreMin = 1 + random.below(100)
    botScoreMin = 1 + random.below(100)
    risky = random.pick(Verdict.allCases)
    bot = random.pick(Verdict.allCases)
    unknown = random.pick(Verdict.allCases)
    onLate = random.pick(Verdict.allCases)
    unverified = random.pick(Verdict.allCases)
    let source = """
      ---
      trigger: post-login
      hitPolicy: FIRST
      mode: enforce
      onLate: \(onLate.name)
      ---
      # Version \(index)
      ## Rules
      | rule | akamaiUserRisk.score | akamaiBot.botScore | session.mfaRequired | verdict | reason |
      |---|---|---|---|---|---|
      | r1 | >= \(scoreMin) | - | - | \(risky.name) | v\(index) |
      | r2 | - | >= \(botScoreMin) | - | \(bot.name) | v\(index) |
      | r3 | - | - | true | mfa | v\(index) |
      | r4 | invalid | - | - | deny | v\(index) |
      | r5 | absent | - | - | \(unknown.name) | v\(index) |
      | r6 | unverified | - | - | \(unverified.name) | v\(index) |
      | r7 | - | - | - | allow | v\(index) |
      """
    let (table, diagnostics) = TableReader.read(source, file: "simulated.table.md")
    guard let table, let plan = ChainCompiler.compile([table]).plan,
      let chain = try? CompiledChain(plan)
    else { preconditionFailure("\(diagnostics)") }
    self.chain = chain
    digest = table.version
  }

  /// Which row decides a login, and what it says.
  func decision(of login: Login) -> (rule: UInt32, verdict: Verdict) {
    if login.isUnproven { return login.mfaRequired == true ? (3, .mfa) : (6, unverified) }
    if case .value(let score) = login.score, score >= scoreMin { return (1, risky) }
    if let score = login.botScore, score >= botScoreMin { return (2, bot) }
    if login.mfaRequired == true { return (3, .mfa) }
    if login.score == .invalid { return (4, .deny) }
    if login.score == .absent { return (5, unknown) }
    return (7, .allow)
  }
}
