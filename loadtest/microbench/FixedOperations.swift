import Signals
import Tables
import Wire

/// The steps of a decision on inputs that never change, for counting instructions: run one `calls`
/// times and twice as often, and the difference belongs to the calls alone.
enum FixedOperation: String, CaseIterable {
  /// Both Akamai headers, 372 and 81 bytes.
  case scan
  /// The signals of a ten-rule table, from the same headers: scanned, and each value worked out.
  case fill
  /// A request message of one decision with both headers and context.
  case decode
  /// Values to a verdict: 64 rules x 8 columns.
  case evaluate
  /// A verdict to a reply message.
  case encode

  /// Does it `calls` times. Returns something of the results, so that none can be left out.
  func run(calls: Int) throws -> UInt64 {
    switch self {
    case .scan: try Self.scan(calls)
    case .fill: try Self.fill(calls)
    case .decode: try Self.decode(calls)
    case .evaluate: try Self.decide(calls, writes: false)
    case .encode: try Self.decide(calls, writes: true)
    }
  }

  private static func scan(_ calls: Int) throws -> UInt64 {
    let fixtures = try HeaderFixture.all()
    let values = [fixtures.userRisk, fixtures.bot].map { Array($0.utf8) }
    let message = values[0] + values[1]
    let userRiskRange = ByteRange(offset: 0, count: values[0].count)
    let botRange = ByteRange(offset: values[0].count, count: values[1].count)
    var separators = SeparatorOffsets()
    var bot = BotHeader()
    var userRisk = UserRiskHeader()
    var sum: UInt64 = 0
    for _ in 0..<calls {
      userRisk.scan(message.span, userRiskRange, &separators)
      bot.scan(message.span, botRange)
      sum &+= UInt64(userRisk.value(of: .score)?.count ?? 0) &+ bot.score(in: message.span).number.bitPattern
    }
    return sum
  }

  /// One login, always the same.
  private static func message() throws -> [UInt8] {
    let fixtures = try HeaderFixture.all()
    var writer = RequestWriter()
    writer.beginDecision(
      tenant: Array("tenant-1".utf8).span, trigger: Array("post-login".utf8).span, correlationID: 1)
    writer.append(.akamaiUserRisk, bytes: Array(fixtures.userRisk.utf8).span)
    writer.append(.akamaiBot, bytes: Array(fixtures.bot.utf8).span)
    writer.append(.requestIP, bytes: Array("203.0.113.7".utf8).span)
    writer.append(.requestCountry, bytes: Array("FR".utf8).span)
    writer.append(.statsLoginsCount, number: 7)
    writer.endDecision()
    writer.finish()
    return [UInt8](copying: writer.bytes.span)
  }

  private static func fill(_ calls: Int) throws -> UInt64 {
    let message = try message()
    var request = DecisionRequest()
    var reader = try RequestReader(message.span)
    guard try reader.next(into: &request) else { preconditionFailure("it has one decision") }
    let registry = SignalRegistry()
    var names: [UInt8] = []
    let slots = [
      "akamaiUserRisk.standing", "akamaiUserRisk.score", "akamaiUserRisk.risk.vpn.level",
      "akamaiUserRisk.allow", "akamaiBot.botScore", "akamaiBot.botCategory",
      "akamaiBot.botScoreResponseSegment",
    ].map { SlotDescriptor(registry[$0]!, names: &names) }
    let schema = SchemaView(slots: slots.span, names: names.span)
    var vector = SignalVector()
    var sum: UInt64 = 0
    for _ in 0..<calls {
      vector.fill(from: &request, in: message.span, reading: schema)
      sum &+= vector[1].low &+ vector[6].low
    }
    return sum
  }

  private static func decode(_ calls: Int) throws -> UInt64 {
    let message = try message()
    var request = DecisionRequest()
    var sum: UInt64 = 0
    for _ in 0..<calls {
      var reader = try RequestReader(message.span)
      while try reader.next(into: &request) { sum &+= UInt64(request.present) }
    }
    return sum
  }

  /// With `writes`, of decisions that were made before: only the replies are written.
  private static func decide(_ calls: Int, writes: Bool) throws -> UInt64 {
    let message = try message()
    let chain = try CompiledChain(RandomChain.plan(ruleCount: 64, columnCount: 8, seed: 64))
    var request = DecisionRequest()
    var reader = try RequestReader(message.span)
    guard try reader.next(into: &request) else { preconditionFailure("it has one decision") }
    var evaluator = Evaluator()
    evaluator.vector.fill(from: &request, in: message.span, reading: chain.view.schema)
    var reply = ByteWriter(capacity: 4096)
    let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
    var sum: UInt64 = 0
    for call in 0..<calls {
      if writes {
        reply.removeAll()
        reply.beginMessage(.reply)
        chain.view.write(
          decision, of: &evaluator, correlationID: UInt64(call), in: message.span, to: &reply)
        reply.finishMessage(decisionCount: 1)
        sum &+= UInt64(reply.count)
      } else {
        let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
        sum &+= UInt64(decision.verdict.rawValue) &+ UInt64(evaluator.hits.count)
      }
    }
    return sum
  }
}
