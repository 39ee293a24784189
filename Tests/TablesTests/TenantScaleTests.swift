import AllocationCounter
import Dispatch
import Foundation
import Synchronization
@testable import Tables
import Testing
import Wire

/// 10,000 tenants with three triggers each, in one store.
@Suite(.serialized) struct TenantScaleTests {
  private static let triggers = ["post-login", "pre-user-registration", "credentials-exchange"]

  private static func keys(tenantCount: Int) -> [TableKey] {
    (0..<tenantCount).flatMap { tenant in
      triggers.map { TableKey(tenant: "tenant-\(tenant)", trigger: $0) }
    }
  }

  private static func store(tenantCount: Int) throws -> TableStore {
    let store = TableStore(versionsKept: 2)
    let chain = try VersionedChain.make(version: 1)
    try store.publish(
      Dictionary(uniqueKeysWithValues: keys(tenantCount: tenantCount).map { ($0, chain) }))
    return store
  }

  @Test func `publishing one tenant leaves every other chain and the directory as they are`() throws {
    let store = try Self.store(tenantCount: 10_000)
    let keys = Self.keys(tenantCount: 10_000)
    let before = unsafe store.directory.load(ordering: .relaxed).toOpaque()
    let served = keys.map { store.servedChain($0) }
    let changed = keys[12_345]
    for version in UInt64(2)..<50 {
      try store.publish([changed: try VersionedChain.make(version: version)])
    }
    #expect(unsafe store.directory.load(ordering: .relaxed).toOpaque() == before)
    for (key, chain) in zip(keys, served) where key != changed {
      #expect(store.servedChain(key) === chain)
    }
    #expect(store.servedChain(changed) !== served[12_345])
    #expect(store.reclaim() == 0)
  }

  @Test(.enabled(if: allocations_are_counted()))
  func `a publication allocates as much among 30,000 keys as among 30`() throws {
    let chain = try VersionedChain.make(version: 2)
    func allocations(tenantCount: Int) throws -> UInt64 {
      let store = try Self.store(tenantCount: tenantCount)
      let changes: [TableKey: CompiledChain?] = [TableKey(tenant: "tenant-3", trigger: "post-login"): chain]
      for _ in 0..<4 { try store.publish(changes) }
      let before = allocation_count()
      for _ in 0..<100 { try store.publish(changes) }
      return allocation_count() - before
    }
    #expect(try allocations(tenantCount: 10) == allocations(tenantCount: 10_000))
  }

  @Test func `new keys are put beside the others, and the directory grows by doubling`() throws {
    let store = TableStore()
    let chain = try VersionedChain.make(version: 1)
    var directories: Set<Int> = []
    var capacities: [Int] = []
    for key in Self.keys(tenantCount: 1000) {
      try store.publish([key: chain])
      let directory = unsafe store.directory.load(ordering: .relaxed)
      if directories.insert(unsafe Int(bitPattern: directory.toOpaque())).inserted {
        capacities.append(unsafe directory.takeUnretainedValue().capacity)
      }
    }
    #expect(Set(capacities).count <= 12, "\(capacities)")
    #expect(capacities.max()! <= 4 * 2 * 3000)
  }

  @Test func `a lookup looks at as few entries among 30,000 keys as among 10`() throws {
    func mean(_ counts: [Int]) -> Double { Double(counts.reduce(0, +)) / Double(counts.count) }
    let few = try Self.store(tenantCount: 4).probeCounts
    let many = try Self.store(tenantCount: 10_000).probeCounts
    #expect(many.count == 30_000)
    #expect(mean(many) <= 1.5 && mean(many) <= mean(few) + 0.5, "\(mean(few)), \(mean(many))")
    #expect(many.max()! <= 24, "\(many.max()!)")
    // Loaded one by one it is fuller: half of it at most.
    let store = TableStore()
    let chain = try VersionedChain.make(version: 1)
    for key in Self.keys(tenantCount: 5000) { try store.publish([key: chain]) }
    #expect(mean(store.probeCounts) <= 2, "\(mean(store.probeCounts))")
  }

  @Test func `a loop finds every key while new ones are added`() throws {
    let store = TableStore()
    let chain = try VersionedChain.make(version: 1)
    let keys = Self.keys(tenantCount: 2000)
    for key in keys.prefix(100) { try store.publish([key: chain]) }
    let reading = KeyReading(store, keys.prefix(100).map(StoreLoop.Names.init))
    for key in keys.dropFirst(100) { try store.publish([key: chain]) }
    #expect(reading.stop() == 0, "known keys were not found")
    var loop = StoreLoop(store)
    for key in keys { #expect(loop.reply(key, classIndex: 1)?.tableVersion == 1) }
  }

  /// Measured in a process of its own memory is: this one's share is what the tables add to it.
  @Test(.enabled(if: allocations_are_counted()))
  func `a tenant's small table takes a few kilobytes`() throws {
    let store = TableStore(loopCountMax: 4)
    let keys = Self.keys(tenantCount: 10_000)
    let before = residentByteCount()
    var changes: [TableKey: CompiledChain?] = [:]
    for key in keys { changes[key] = try VersionedChain.make(version: 1) }
    let imageByteCount = changes.values.first!!.byteCount
    try store.publish(changes)
    changes = [:]
    let each = (residentByteCount() - before) / keys.count
    print("tenants: \(each) bytes for a table of 17 rules, \(imageByteCount) of them its image")
    #expect(each < imageByteCount + 1024)
  }
}

/// A loop that looks keys up until it is told to stop.
private final class KeyReading: Sendable {
  private let isRunning = Atomic(true)
  private let missedCount = Atomic(0)
  private let started = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Returns once it reads. Its loop is registered before anyone publishes: ThreadSanitizer does not
  /// see a `Mutex` that is waited for.
  init(_ store: TableStore, _ names: [StoreLoop.Names]) {
    Thread { [self] in
      var loop = StoreLoop(store)
      started.signal()
      while isRunning.load(ordering: .acquiring) {
        for name in names where !loop.write(name, classIndex: 1) {
          missedCount.add(1, ordering: .relaxed)
        }
      }
      ended.signal()
    }.start()
    started.wait()
  }

  func stop() -> Int {
    isRunning.store(false, ordering: .releasing)
    ended.wait()
    return missedCount.load(ordering: .relaxed)
  }
}
