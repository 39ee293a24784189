import Signals
import Tables
import Wire

/// Bytes to bytes without a network: read a request, look its chain up, fill, evaluate, write.
func measureCycles(_ meter: inout Meter) throws {
  let logins = try RandomLogins(seed: 2)
  for (ruleCount, columnCount) in [(10, 4), (64, 8), (1000, 12)] {
    let plan = RandomChain.plan(
      ruleCount: ruleCount, columnCount: columnCount, seed: UInt64(ruleCount))
    let store = TableStore()
    try store.publish([
      TableKey(tenant: "tenant-1", trigger: "post-login"): try CompiledChain(plan)
    ])
    var loop = CycleLoop(store)
    let message = logins.message
    meter.measure(
      "cycle/\(ruleCount) rules x \(columnCount) columns", runs: 100,
      callsPerRun: RandomLogins.count
    ) { _ in loop.decide(message.span) }
  }
}

/// What an event loop has: a reader, an evaluator, and memory for one request and one reply.
private struct CycleLoop: ~Copyable {
  private let store: TableStore
  private let reader: LoopReader
  private var evaluator = Evaluator()
  private var request = DecisionRequest()
  private var reply = ByteWriter(capacity: 1 << 18)

  init(_ store: TableStore) {
    self.store = store
    reader = store.makeReader()
  }

  /// Answers a message. Returns something of the reply.
  mutating func decide(_ message: Span<UInt8>) -> UInt64 {
    reply.removeAll()
    reply.beginMessage(.reply)
    let count = store.read(reader) { tables in
      do {
        var requests = try RequestReader(message)
        var count = 0
        var place: PublicationPlace?
        while try requests.next(into: &request) {
          // As the server does it: names that repeat are not looked up again.
          if !request.repeatsRoute {
            place = tables.place(tenant: request.tenant, trigger: request.trigger, in: message)
          }
          guard let place, let chain = tables.chain(at: place)
          else { preconditionFailure("the chain was published") }
          evaluator.vector.fill(from: &request, in: message, reading: chain.schema)
          let decision = evaluator.evaluate(chain, in: message, fallback: .allow)
          chain.write(
            decision, of: &evaluator, correlationID: request.correlationID, in: message, to: &reply)
          count += 1
        }
        return count
      } catch {
        preconditionFailure("our own message was refused: \(error)")
      }
    }
    reply.finishMessage(decisionCount: count)
    return UInt64(reply.count)
  }
}
