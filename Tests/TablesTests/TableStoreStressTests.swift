import AllocationCounter
import Dispatch
import Foundation
import Synchronization
import Tables
import Testing
import Wire

/// Loops decide while a writer publishes as fast as it can.
///
/// `POSTERN_STRESS_SECONDS` says for how long; run it under ThreadSanitizer as well.
@Suite(.serialized) struct TableStoreStressTests {
  private static let loopCount = 3
  private static let keys = (0..<6).map { TableKey(tenant: "tenant-\($0 % 3)", trigger: "t\($0)") }
  private static let seconds =
    ProcessInfo.processInfo.environment["POSTERN_STRESS_SECONDS"].flatMap(Double.init) ?? 2
  private static let fewestPublications: UInt64 = 200

  @Test func `every decision is wholly of one version, and versions never go back`() throws {
    let stress = Stress()
    let (ready, ended) = (DispatchGroup(), DispatchGroup())
    for index in 0..<Self.loopCount {
      ready.enter()
      ended.enter()
      Thread {
        stress.read(seed: UInt64(index), Self.keys) { ready.leave() }
        ended.leave()
      }.start()
    }
    // Who makes a reader waits for who publishes, by a `Mutex`: see below.
    ready.wait()
    let start = ContinuousClock.now
    var random = SplitMix64(seed: 99)
    var residentBefore = 0
    var version: UInt64 = 0
    // Longer on a machine that is kept busy by others, until the writer has had its say.
    while ContinuousClock.now - start < .seconds(Self.seconds)
      || version < Self.fewestPublications && ContinuousClock.now - start < .seconds(60)
    {
      version += 1
      if ContinuousClock.now - start < .seconds(Self.seconds / 4) {
        residentBefore = residentByteCount()
      }
      let key = Self.keys.randomElement(using: &random)!
      do {
        if random.below(50) == 0 {
          try stress.store.publish([key: nil])
        } else {
          try stress.store.publish([key: try VersionedChain.make(version: version)])
        }
      } catch TableStore.Failure.readersStalled {
        // A loop without a processor for long: the limit does what it is for.
        Thread.sleep(forTimeInterval: 0.001)
      }
    }
    stress.stop()
    ended.wait()

    let outcome = stress.outcome
    #expect(outcome.mismatches == [])
    #expect(outcome.decisionCount > 1000, "the loops hardly ran")
    #expect(version >= Self.fewestPublications, "the writer hardly ran")
    #expect(stress.store.reclaim() == 0)
    // A sanitizer keeps what is freed.
    if allocations_are_counted() {
      // An image is of about 2 KB; a tenth of them kept would be more than this.
      let kept = residentByteCount() - residentBefore
      #expect(kept < max(4 << 20, Int(version) * 200), "\(version) chains were published")
    }
    print(
      "table store: \(outcome.decisionCount) decisions, \(version) publications, \(Self.seconds) s")
  }
}

/// What the loops and the writer share.
private final class Stress: Sendable {
  struct Outcome {
    var decisionCount = 0
    var mismatches: [String] = []
  }

  let store = TableStore()
  private let isRunning = Atomic(true)
  // Not a `Mutex`: ThreadSanitizer does not see one that is waited for.
  private let lock = NSLock()
  // SAFETY: only read and written while the lock is held.
  nonisolated(unsafe) private var shared = Outcome()

  var outcome: Outcome { lock.withLock { unsafe shared } }

  func stop() { isRunning.store(false, ordering: .releasing) }

  func read(seed: UInt64, _ keys: [TableKey], whenReady ready: () -> Void) {
    lock.lock()
    var loop = StoreLoop(store)
    lock.unlock()
    ready()
    var random = SplitMix64(seed: seed)
    var lastVersions = Array(repeating: UInt64(0), count: keys.count)
    var mismatches: [String] = []
    var decisionCount = 0
    while isRunning.load(ordering: .acquiring), mismatches.isEmpty {
      let index = random.below(keys.count)
      let classIndex = random.below(VersionedChain.classCount)
      guard let reply = loop.reply(keys[index], classIndex: classIndex) else { continue }
      decisionCount += 1
      if reply != VersionedChain.reply(version: reply.tableVersion, classIndex: classIndex) {
        mismatches.append("\(reply) for class \(classIndex)")
      }
      if reply.tableVersion < lastVersions[index] {
        mismatches.append("\(reply.tableVersion) came after \(lastVersions[index])")
      }
      lastVersions[index] = reply.tableVersion
    }
    lock.withLock {
      store.remove(loop.reader)
      unsafe shared.decisionCount += decisionCount
      unsafe shared.mismatches += mismatches
    }
  }
}
