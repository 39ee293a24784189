import Foundation
import Rules
import Signals
import Tables
import Wire

/// The same table over the same logins as `loadtest/node/inprocess.mjs`, for a comparison.
struct TableComparison {
  /// A login as the other side reads it, and the rule that was found here, counted from 1.
  private struct Login: Codable {
    var userRisk: String?
    var bot: String?
    var rule: UInt32
  }

  struct Unusable: Error, CustomStringConvertible {
    var description: String
  }

  private let chain: CompiledChain
  private let logins: RandomLogins

  init(table file: String) throws {
    let set = TableDirectory.load(files: [file])
    guard let chain = set.chains.first, !set.diagnostics.contains(where: { $0.severity == .error })
    else { throw Unusable(description: set.diagnostics.first?.description ?? "\(file): no table") }
    self.chain = try CompiledChain(chain.plan)
    logins = try RandomLogins(seed: 3)
  }

  /// Both headers scanned, which finds their pairs, and the scores read; both scanned and the table
  /// evaluated. The other side's `scan` does as much: items of lists are left alone.
  func measure(_ meter: inout Meter) {
    let message = logins.message
    var separators = SeparatorOffsets()
    var bot = BotHeader()
    var userRisk = UserRiskHeader()
    meter.measure("compare/scan") { run in
      let request = logins.requests[run % RandomLogins.count]
      var sum: UInt64 = 0
      if let range = request.request.value(of: .akamaiUserRisk) {
        userRisk.scan(message.span, range, &separators)
        sum &+= UInt64(userRisk.value(of: .score)?.count ?? 0)
      }
      if let range = request.request.value(of: .akamaiBot) {
        bot.scan(message.span, range)
        sum &+= bot.score(in: message.span).number.bitPattern
      }
      return sum
    }
    var evaluator = Evaluator()
    meter.measure("compare/scan and evaluate") { run in
      evaluator.vector.fill(
        from: &logins.requests[run % RandomLogins.count].request, in: message.span,
        reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
      return UInt64(decision.verdict.rawValue) << 32 | UInt64(evaluator.hits.count)
    }
  }

  /// Writes the logins with the rules that were found.
  func writeLogins(to file: String) throws {
    let message = logins.message
    var evaluator = Evaluator()
    var reply = ByteWriter()
    let found = try logins.requests.map { login in
      evaluator.vector.fill(from: &login.request, in: message.span, reading: chain.view.schema)
      let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
      reply.removeAll()
      reply.beginMessage(.reply)
      chain.view.write(decision, of: &evaluator, correlationID: 0, in: message.span, to: &reply)
      reply.finishMessage(decisionCount: 1)
      func text(_ field: Field) -> String? {
        login.request.value(of: field).map {
          String(decoding: message[$0.start..<$0.end], as: UTF8.self)
        }
      }
      return Login(
        userRisk: text(.akamaiUserRisk), bot: text(.akamaiBot),
        rule: try Reply(reading: reply.span).decisions[0].rule)
    }
    try JSONEncoder().encode(found).write(to: URL(fileURLWithPath: file))
  }
}
