import Signals
import Tables
import Wire

/// Decides a few requests by a chain that nobody vouches for.
enum Probing {
  static func decide(by chain: CompiledChain) {
    var evaluator = Evaluator()
    for message in messages {
      var request = DecisionRequest()
      guard var reader = try? RequestReader(message.span),
        (try? reader.next(into: &request)) == true
      else { preconditionFailure("no message of ours") }
      evaluator.vector.fill(from: &request, in: message.span, reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .review)
      var reply = ByteWriter()
      reply.beginMessage(.reply)
      chain.view.write(
        decision, of: &evaluator, correlationID: 1, answering: [.explain, .parts], in: message.span,
        to: &reply)
      reply.finishMessage(decisionCount: 1)
    }
  }

  private static let messages: [[UInt8]] = [
    message(nil, nil, nil),
    message("Unknown Bot (7B0E):monitor:Behavior Anomaly,Other:60:strict", "status=0;score=92", "10.1.2.3"),
    message("x", "score=1;score=2", "2001:db8::1"),
    message(
      "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots",
      "status=2;score=30;risk=unp:394089/M|ugp:AU/L;trust=utp:weekday_1;general=aci:1", "::"),
  ]

  private static func message(_ bot: String?, _ risk: String?, _ address: String?) -> [UInt8] {
    var writer = RequestWriter()
    let trigger = Array("post-login".utf8)
    writer.beginDecision(tenant: Span(), trigger: trigger.span, correlationID: 1)
    if let bot { writer.append(.akamaiBot, bytes: Array(bot.utf8).span) }
    if let risk { writer.append(.akamaiUserRisk, bytes: Array(risk.utf8).span) }
    if let address { writer.append(.requestIP, bytes: Array(address.utf8).span) }
    writer.append(.sessionMFARequired, boolean: true)
    writer.append(.authenticationMethods, list: ["pwd", "mfa"])
    writer.append(custom: "shop.total", .number(12.5))
    writer.endDecision()
    writer.finish()
    return [UInt8](copying: writer.bytes.span)
  }
}
