import Signals
import Tables
import Wire

/// Tables of these rules and columns.
let cycleTables = [(rules: 10, columns: 4), (rules: 64, columns: 8), (rules: 1000, columns: 12)]

func cycleName(_ table: (rules: Int, columns: Int)) -> String {
  "cycle/\(table.rules) rules x \(table.columns) columns"
}

/// The same with what the server counts of each decision.
func countedName(_ name: String) -> String { name + ", counted" }

/// Bytes to bytes without a network: read a request, look its chain up, fill, evaluate, write; with and
/// without the counters of tables, rules and verdicts that a server keeps.
func measureCycles(_ meter: inout Meter) throws {
  let logins = try RandomLogins(seed: 2)
  for table in cycleTables where meter.isWanted(countedName(cycleName(table))) {
    let plan = RandomChain.plan(
      ruleCount: table.rules, columnCount: table.columns, seed: UInt64(table.rules))
    let store = TableStore()
    try store.publish([
      TableKey(tenant: "tenant-1", trigger: "post-login"): try CompiledChain(plan)
    ])
    var loop = CycleLoop(store)
    let message = logins.message
    let name = cycleName(table)
    let benchmarks = [name, countedName(name)].map { Meter.Benchmark(name: $0) }
    meter.measureInTurns(benchmarks, runs: 100 * RandomLogins.count) { benchmark, runs in
      var checksum: UInt64 = 0
      for _ in 0..<runs / RandomLogins.count {
        checksum = checksum &* 31 &+ loop.decide(message.span, counts: benchmark == 1)
      }
      return checksum
    }
  }
}

/// What an event loop has: a reader, an evaluator, counters, and memory for one request and one reply.
private struct CycleLoop: ~Copyable {
  private let store: TableStore
  private let reader: LoopReader
  private var evaluator = Evaluator()
  private var request = DecisionRequest()
  private var reply = ByteWriter(capacity: 1 << 18)
  private var tally = CountTally()

  init(_ store: TableStore) {
    self.store = store
    reader = store.makeReader()
  }

  /// Answers a message. Returns something of the reply.
  mutating func decide(_ message: Span<UInt8>, counts: Bool) -> UInt64 {
    reply.removeAll()
    reply.beginMessage(.reply)
    tally.removeAll()
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
          guard let place, let published = tables.published(at: place)
          else { preconditionFailure("the chain was published") }
          let chain = published.view
          evaluator.vector.fill(from: &request, in: message, reading: chain.schema)
          let decision = evaluator.evaluate(chain, in: message, fallback: .allow)
          chain.write(
            decision, of: &evaluator, correlationID: request.correlationID, in: message, to: &reply)
          if counts { tally.append(decision, of: &evaluator, by: published) }
          count += 1
        }
        tally.commit()
        return count
      } catch {
        preconditionFailure("our own message was refused: \(error)")
      }
    }
    reply.finishMessage(decisionCount: count)
    return UInt64(reply.count)
  }
}
