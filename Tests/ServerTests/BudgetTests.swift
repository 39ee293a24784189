import Tables
import Testing
import Wire

@testable import Server

@Suite struct BudgetTests {
  /// The flags of one decision with a budget of a second, where decisions take `cost` nanoseconds.
  private static func flags(cost: UInt64) throws -> ReplyFlags {
    let store = TableStore()
    try TestTables.publish(TestTables.served, to: store)
    let triggers = TriggerRegistry()
    var decider = Decider(
      ServiceSettings(
        triggers: triggers, onMissing: .review, trustedProxies: 0, compressedReplyByteCountMin: 0),
      LoopMetrics(triggerCount: triggers.names.count))
    decider.decisionNanoseconds = cost
    let request = message([TestDecision(budgetMicroseconds: 1_000_000)])
    let reader = store.makeReader()
    var reply = ByteWriter(capacity: 256)
    let isDecided = store.read(reader) { tables in
      let elapsed = try? decider.decideMessage(
        request.span, tables, arrival: monotonicNanoseconds(), into: &reply)
      return elapsed != nil
    }
    #expect(isDecided)
    return try Reply(reading: bytes(of: reply.span).span).decisions[0].flags
  }

  @Test func `a decision that would take longer than its budget is late at once`() throws {
    #expect(try Self.flags(cost: 0) == [])
    #expect(try Self.flags(cost: 500_000_000) == [])
    #expect(try Self.flags(cost: 1_000_000_000) == .late)
  }
}
