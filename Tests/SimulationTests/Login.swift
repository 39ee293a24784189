import TestSupport
import Wire

/// One login to decide on, in plain terms.
struct Login {
  enum Score: Equatable {
    case absent, invalid, value(Int)
  }

  var tenant = ""
  var trigger = "post-login"
  var correlationID: UInt64
  /// 0 for no limit.
  var budgetMicroseconds: UInt32 = 0
  var score: Score
  var botScore: Int?
  var mfaRequired: Bool?
  /// What it says for proof that the edge sent it; `nil` for nothing.
  var secret: String?

  init(correlationID: UInt64, using random: inout SplitMix64) {
    self.correlationID = correlationID
    score = random.pick([.absent, .invalid, .value(random.below(101)), .value(random.below(101))])
    if random.chance(50) { botScore = random.below(101) }
    if random.chance(50) { mfaRequired = random.chance(50) }
    if random.chance(30) { tenant = "acme" }
    // Nobody publishes tables for this one.
    if random.chance(10) { trigger = "post-challenge" }
    if random.chance(70) { secret = random.chance(70) ? World.secret : "0123456789abcdeF" }
    if random.chance(40) { budgetMicroseconds = random.pick([1, 50, 1_000, 20_000]) }
  }

  /// What its tenant, where it asks, is told of its proof.
  var provenance: EdgeProofOutcome? {
    guard tenant == World.provingTenant else { return nil }
    guard let secret else { return .missing }
    return secret == World.secret ? .sharedSecret : .unknownSecret
  }

  /// Whether its tenant asks for a proof that is not there.
  var isUnproven: Bool { provenance?.isProven == false }

  var userRisk: String? {
    switch score {
    case .absent: nil
    case .invalid: "status=0;score=101"
    case .value(let score): "uuid=\(correlationID);status=0;score=\(score);risk=unp:432/H"
    }
  }

  var bot: String? { botScore.map { "Unknown Bot (7B0E):monitor:Behavior Anomaly:\($0):strict" } }

  func write(to writer: inout RequestWriter) {
    writer.beginDecision(
      tenant: Array(tenant.utf8).span, trigger: Array(trigger.utf8).span,
      correlationID: correlationID, budgetMicroseconds: budgetMicroseconds)
    if let bot { writer.append(.akamaiBot, bytes: Array(bot.utf8).span) }
    if let userRisk { writer.append(.akamaiUserRisk, bytes: Array(userRisk.utf8).span) }
    if let mfaRequired { writer.append(.sessionMFARequired, boolean: mfaRequired) }
    if let secret { writer.append(.edgeSecret, bytes: Array(secret.utf8).span) }
    writer.endDecision()
  }

  /// As a request to `/v1/check`.
  var check: RawRequest {
    var headers = [HeaderField("postern-correlation-id", "\(correlationID)")]
    if let bot { headers.append(HeaderField("akamai-bot", bot)) }
    if let userRisk { headers.append(HeaderField("akamai-user-risk", userRisk)) }
    if let mfaRequired {
      headers.append(HeaderField("postern-session-mfa-required", "\(mfaRequired)"))
    }
    if budgetMicroseconds > 0 {
      headers.append(HeaderField("postern-budget-us", "\(budgetMicroseconds)"))
    }
    if let secret { headers.append(HeaderField(Field.edgeSecret.name, secret)) }
    if !tenant.isEmpty { headers.append(HeaderField("postern-tenant", tenant)) }
    return .check(trigger, headers)
  }
}
