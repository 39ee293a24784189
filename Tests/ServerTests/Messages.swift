import TestSupport
import Wire

/// One decision of a message, in plain terms.
struct TestDecision {
  var trigger = "post-login"
  var tenant = ""
  var correlationID: UInt64 = 0
  var budgetMicroseconds: UInt32 = 0
  var flags: RequestFlags = []
  var bot: String?
  var userRisk: String?
  var userID: String?
  var mfaRequired: Bool?
  var methods: [String]?
  var custom: [(name: String, value: CustomValue)] = []
  /// What may prove it.
  var proof: [(field: Field, value: String)] = []
}

/// The request message of some decisions.
func message(_ decisions: [TestDecision]) -> [UInt8] {
  var writer = RequestWriter()
  for decision in decisions {
    writer.beginDecision(
      tenant: Array(decision.tenant.utf8).span, trigger: Array(decision.trigger.utf8).span,
      correlationID: decision.correlationID, budgetMicroseconds: decision.budgetMicroseconds,
      flags: decision.flags)
    if let bot = decision.bot { writer.append(.akamaiBot, bytes: Array(bot.utf8).span) }
    if let risk = decision.userRisk { writer.append(.akamaiUserRisk, bytes: Array(risk.utf8).span) }
    if let user = decision.userID { writer.append(.userID, bytes: Array(user.utf8).span) }
    if let required = decision.mfaRequired { writer.append(.sessionMFARequired, boolean: required) }
    if let methods = decision.methods { writer.append(.authenticationMethods, list: methods) }
    for part in decision.proof { writer.append(part.field, bytes: Array(part.value.utf8).span) }
    for custom in decision.custom { writer.append(custom: custom.name, custom.value) }
    writer.endDecision()
  }
  writer.finish()
  return bytes(of: writer.bytes.span)
}

func bytes(of span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

extension RawResponse {
  /// The reply in the body.
  func reply() throws -> Reply { try Reply(reading: body.span) }

  /// The refusal in the body.
  func refusal() throws -> ErrorMessage { try ErrorMessage(reading: body.span) }
}

extension RawClient {
  func decide(_ decisions: [TestDecision]) throws -> [DecisionReply] {
    try exchange(.decide(message(decisions))).reply().decisions
  }

  /// Whether the connection still answers a good request.
  func isUsable() throws -> Bool {
    let reply = try decide([TestDecision(correlationID: 77)])
    return reply.map(\.correlationID) == [77] && reply[0].verdict == .allow
  }
}
