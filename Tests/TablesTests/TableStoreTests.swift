import Tables
import Testing
import Wire

@Suite struct TableStoreTests {
  private let key = TableKey(trigger: "post-login")

  private func version(_ loop: inout StoreLoop, _ key: TableKey) -> UInt64? {
    guard let reply = loop.reply(key, classIndex: 3) else { return nil }
    #expect(reply == VersionedChain.reply(version: reply.tableVersion, classIndex: 3))
    return reply.tableVersion
  }

  @Test func `a published chain is read, its replacement too, and nothing once it is removed`()
    throws
  {
    let store = TableStore()
    var loop = StoreLoop(store)
    #expect(version(&loop, key) == nil)
    for number in UInt64(1)...3 {
      try store.publish([key: try VersionedChain.make(version: number)])
      #expect(version(&loop, key) == number)
    }
    try store.publish([key: nil])
    #expect(version(&loop, key) == nil)
    try store.publish([key: try VersionedChain.make(version: 9)])
    #expect(version(&loop, key) == 9)
  }

  @Test func `many tenants' keys are told apart`() throws {
    let store = TableStore()
    var loop = StoreLoop(store)
    let keys = (0..<500).map { TableKey(tenant: "tenant-\($0 / 5)", trigger: "trigger-\($0 % 5)") }
    for (index, key) in keys.enumerated() {
      try store.publish([key: try VersionedChain.make(version: UInt64(index) + 1)])
    }
    for (index, key) in keys.enumerated() { #expect(version(&loop, key) == UInt64(index) + 1) }
    for unknown in [
      TableKey(trigger: "trigger-0"), TableKey(tenant: "tenant-0", trigger: "trigger-5"),
      TableKey(tenant: "tenant-100", trigger: "trigger-0"), TableKey(tenant: "", trigger: ""),
      TableKey(tenant: "tenant-0trigger-0", trigger: ""),
      TableKey(tenant: "trigger-0", trigger: "tenant-0"),
      TableKey(tenant: "Tenant-0", trigger: "trigger-0"),
    ] { #expect(version(&loop, unknown) == nil) }
  }

  @Test func `one publication may add, replace and remove`() throws {
    let store = TableStore()
    var loop = StoreLoop(store)
    let other = TableKey(trigger: "other")
    let third = TableKey(tenant: "t", trigger: "third")
    try store.publish([
      key: try VersionedChain.make(version: 1), other: try VersionedChain.make(version: 2),
    ])
    try store.publish([
      key: try VersionedChain.make(version: 3), other: nil,
      third: try VersionedChain.make(version: 4), TableKey(trigger: "never there"): nil,
    ])
    #expect(version(&loop, key) == 3)
    #expect(version(&loop, other) == nil)
    #expect(version(&loop, third) == 4)
    #expect(store.reclaim() == 0)
  }

  @Test func `what is replaced is freed at once when no loop reads`() throws {
    let store = TableStore()
    var loop = StoreLoop(store)
    weak let first = try publish(1, store)
    #expect(version(&loop, key) == 1)
    weak let second = try publish(2, store)
    #expect(first == nil)
    #expect(second != nil)
    try store.publish([key: nil])
    #expect(second == nil)
  }

  @Test func `what a loop may still read is kept until it leaves`() throws {
    let store = TableStore()
    let reader = store.makeReader()
    weak let first = try publish(1, store)
    var second: Weak?
    store.read(reader) { _ in
      _ = try? store.publish([key: nil])
      second = Weak(try? publish(2, store))
      _ = try? store.publish([key: nil])
      #expect(first != nil)
      #expect(second?.chain != nil)
      #expect(store.reclaim() == 2)
    }
    #expect(first != nil)
    #expect(store.reclaim() == 0)
    #expect(first == nil)
    #expect(second?.chain == nil)
  }

  @Test func `a loop that came later keeps nothing of before`() throws {
    let store = TableStore()
    let (early, late) = (store.makeReader(), store.makeReader())
    try publish(1, store)
    store.read(early) { _ in try? _ = publish(2, store) }
    store.read(late) { _ in #expect(store.reclaim() == 0) }
  }

  @Test func `a section reads one chain while others are published`() throws {
    let store = TableStore()
    try publish(1, store)
    let reader = store.makeReader()
    let names = StoreLoop.Names(key)
    store.read(reader) { tables in
      guard
        let before = tables.chain(
          tenant: names.tenant, trigger: names.trigger, in: names.bytes.span)
      else { preconditionFailure("it was published above") }
      try? _ = publish(2, store)
      let onLate = before.onLate
      #expect(onLate == .review)
    }
  }

  @Test func `a removed loop holds nothing up`() throws {
    let store = TableStore()
    let reader = store.makeReader()
    store.remove(reader)
    try publish(1, store)
    // Not a loop of the store any more: its section is not waited for.
    store.read(reader) { _ in
      try? _ = publish(2, store)
      #expect(store.reclaim() == 0)
    }
  }

  @Test func `a loop that never leaves stops publishing and keeps what is published`() throws {
    let store = TableStore()
    let stuck = store.makeReader()
    var loop = StoreLoop(store)
    let odd = try publish(1, store)
    let even = try VersionedChain.make(version: 2)
    var published: UInt64 = 1
    var failure: TableStore.Failure?
    store.read(stuck) { _ in
      while failure == nil, published < 3 * UInt64(TableStore.retiredCountMax) {
        do throws(TableStore.Failure) {
          try store.publish([key: published % 2 == 0 ? even : odd])
          published += 1
        } catch {
          failure = error
        }
      }
      #expect(store.reclaim() == TableStore.retiredCountMax)
    }
    #expect(failure == .readersStalled)
    #expect(published == 1 + UInt64(TableStore.retiredCountMax))
    // The last one of an even count.
    #expect(version(&loop, key) == 2)
    try publish(7, store)
    #expect(version(&loop, key) == 7)
    #expect(store.reclaim() == 0)
  }

  @Test func `a refused publication changes nothing`() throws {
    let store = TableStore()
    let stuck = store.makeReader()
    var loop = StoreLoop(store)
    let other = TableKey(trigger: "other")
    let chain = try VersionedChain.make(version: 1)
    store.read(stuck) { _ in
      for _ in 0...TableStore.retiredCountMax { _ = try? store.publish([key: chain]) }
      #expect(throws: TableStore.Failure.readersStalled) {
        try store.publish([key: nil, other: chain])
      }
    }
    #expect(version(&loop, key) == 1)
    #expect(version(&loop, other) == nil)
  }

  @Test func `more keys than may wait can be published and replaced at once`() throws {
    let store = TableStore()
    let keys = (0..<TableStore.retiredCountMax + 10).map { TableKey(trigger: "t\($0)") }
    for number in UInt64(1)...2 {
      let chain = try VersionedChain.make(version: number)
      try store.publish(Dictionary(uniqueKeysWithValues: keys.map { ($0, chain) }))
    }
    var loop = StoreLoop(store)
    #expect(version(&loop, keys[0]) == 2)
    #expect(version(&loop, keys[keys.count - 1]) == 2)
    #expect(store.reclaim() == 0)
  }

  @Test func `a store frees what is published when it goes`() throws {
    var store: TableStore? = TableStore()
    weak let chain = try publish(1, store!)
    #expect(chain != nil)
    store = nil
    #expect(chain == nil)
  }

  @Test func `sections must not be nested`() async {
    await #expect(processExitsWith: .failure) {
      let store = TableStore()
      let reader = store.makeReader()
      store.read(reader) { _ in store.read(reader) { _ in } }
    }
  }

  @discardableResult
  private func publish(_ version: UInt64, _ store: TableStore) throws -> CompiledChain {
    let chain = try VersionedChain.make(version: version)
    try store.publish([key: chain])
    return chain
  }
}

private struct Weak {
  weak var chain: CompiledChain?

  init(_ chain: CompiledChain?) { self.chain = chain }
}
