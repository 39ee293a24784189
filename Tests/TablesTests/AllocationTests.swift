import AllocationCounter
import Signals
import Tables
import Testing
import Wire

/// Nothing is allocated from the lookup of a chain to the last byte of its reply.
@Suite(.enabled(if: allocations_are_counted())) struct AllocationTests {
  private static let cycles = 10_000

  @Test func `a decision through the store allocates nothing`() throws {
    let store = TableStore()
    let keys = (0..<4).map { TableKey(tenant: "tenant-\($0)", trigger: "post-login") }
    for (index, key) in keys.enumerated() {
      try store.publish([key: try VersionedChain.make(version: UInt64(index) + 1)])
    }
    var loop = StoreLoop(store)
    let names = (keys + [TableKey(trigger: "unknown")]).map(StoreLoop.Names.init)
    func run(_ count: Int) -> Int {
      var written = 0
      for cycle in 0..<count {
        let isThere = loop.write(
          names[cycle % names.count], classIndex: cycle % VersionedChain.classCount)
        written += isThere ? 1 : 0
      }
      return written
    }
    _ = run(100)
    let before = allocation_count()
    let written = run(Self.cycles)
    #expect(allocation_count() - before == 0)
    #expect(written == Self.cycles * 4 / 5)
  }

  @Test(arguments: UInt64(0)..<40)
  func `evaluating and writing any chain allocates nothing`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let plan = ChainPlan.random(using: &random)
    let chain = try CompiledChain(plan, clusteringFrom: seed % 2 == 0 ? .max : 1)
    let inputs = (0..<16).map { _ in Input(plan.randomValues(using: &random), for: plan.signals) }
    var evaluator = Evaluator()
    var out = ByteWriter(capacity: 1 << 16)
    func run(_ count: Int) {
      for cycle in 0..<count {
        evaluate(chain, inputs[cycle % inputs.count], &evaluator, &out)
      }
    }
    run(inputs.count)
    let before = allocation_count()
    run(Self.cycles / 40)
    #expect(allocation_count() - before == 0, "seed \(seed)")
  }

  private func evaluate(
    _ chain: CompiledChain, _ input: Input, _ evaluator: inout Evaluator, _ out: inout ByteWriter
  ) {
    for slot in input.values.indices { evaluator.vector[slot] = input.values[slot] }
    let decision = evaluator.evaluate(chain.view, in: input.message.span, fallback: .allow)
    out.removeAll()
    chain.view.write(
      decision, of: &evaluator, correlationID: 0, in: input.message.span, to: &out)
  }

  @Test func `the counter counts`() {
    let before = allocation_count()
    let array = Array(repeating: before, count: 1000)
    #expect(array.count == 1000)
    #expect(allocation_count() > before)
  }
}
