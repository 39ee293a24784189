import Bundles
import Foundation
import Rules
import Tables
import Testing
import Wire

/// What is served through good and bad bundles.
@Suite struct ServedBundleTests {
  @Test func `a bundle is served, and every bad one after it changes nothing`() throws {
    let key = PrivateKey()
    let store = TableStore()
    let reloader = BundleReloader(
      policy: BundlePolicy(trusting: [key.publicKey]), store: store, now: { 2_000 })
    #expect(reloader.offer(try signed("deny", 5, by: key)).isPublished)
    #expect(try verdict(store) == .deny)

    let next = try Fixture.bundle("revoke", serial: 6)
    let bad: [(BundleError.Reason, [UInt8])] = [
      (.unsigned, next),
      (.unknownKey, try Fixture.signed(next, by: PrivateKey())),
      (.olderSerial, try Fixture.signed(try Fixture.bundle("revoke", serial: 4), by: key)),
      (.reusedSerial, try Fixture.signed(try Fixture.bundle("revoke", serial: 5), by: key)),
      (.expired, try Fixture.signed(try Fixture.bundle("revoke", serial: 6, expires: 1_999), by: key)),
      (
        .wrongEnvironment,
        try Fixture.signed(try Fixture.bundle("revoke", serial: 6, environment: "x"), by: key)
      ),
      (.truncated, Array(try Fixture.signed(next, by: key).dropLast())),
    ]
    for (reason, bytes) in bad {
      guard case .refused(let error) = reloader.offer(BundleBytes(bytes)) else {
        Issue.record("\(reason) was not refused")
        continue
      }
      #expect(error.reason == reason)
      #expect(reloader.counts.refused[reason] == 1)
      #expect(try verdict(store) == .deny, "the old tables serve")
      guard case .refusedBefore = reloader.offer(BundleBytes(bytes)) else {
        Issue.record("\(reason) was counted again")
        continue
      }
    }
    #expect(reloader.offer(try signed("revoke", 6, by: key)).isPublished)
    #expect(try verdict(store) == .revoke)
    #expect(reloader.counts.published == 2)
    #expect(reloader.counts.refusedTotal == UInt64(bad.count))
  }

  @Test func `only chains that differ are published, and those that are gone are removed`() throws {
    let store = TableStore()
    let reloader = BundleReloader(policy: Fixture.insecure, store: store)
    let a = Fixture.source("deny", tenant: "a")
    let b = Fixture.source("deny", tenant: "b")
    #expect(reloader.offer(BundleBytes(try Fixture.bundle(serial: 1, sources: [a, b]))).changed == 2)
    #expect(
      reloader.offer(BundleBytes(try Fixture.bundle(serial: 2, sources: [a, b]))).changed == 0)
    let new = try Fixture.bundle(serial: 3, sources: [a, Fixture.source("review", tenant: "b")])
    #expect(reloader.offer(BundleBytes(new)).changed == 1)
    #expect(try verdict(store, tenant: "a") == .deny)
    #expect(try verdict(store, tenant: "b") == .review)
    #expect(reloader.offer(BundleBytes(try Fixture.bundle(serial: 4, sources: [b]))).changed == 2)
    #expect(try verdict(store, tenant: "a") == nil)
    #expect(try verdict(store, tenant: "b") == .deny)
  }

  @Test func `tenants that share an image keep it when one of them leaves`() throws {
    let store = TableStore()
    let reloader = BundleReloader(policy: Fixture.insecure, store: store)
    let chain = try Fixture.chains([Fixture.source("deny")])[0]
    func bundle(_ serial: UInt64, _ tenants: [String]) throws -> BundleBytes {
      let chains = tenants.map { tenant in
        var copy = chain
        copy.key.tenant = tenant
        return copy
      }
      return BundleBytes(try BundleDraft(serial: serial, created: 1, chains: chains).encoded())
    }
    #expect(reloader.offer(try bundle(1, ["a", "b", "c"])).changed == 3)
    #expect(reloader.offer(try bundle(2, ["b", "c"])).changed == 1)
    store.reclaim()
    #expect(try verdict(store, tenant: "a") == nil)
    #expect(try verdict(store, tenant: "b") == .deny)
    #expect(try verdict(store, tenant: "c") == .deny)
  }

  @Test func `the last good bundle serves after a restart without a source`() throws {
    try Fixture.withDirectory { directory in
      let key = PrivateKey()
      let policy = BundlePolicy(trusting: [key.publicKey])
      let kept = LastGoodStore(in: try Fixture.state(directory.appendingPathComponent("state").path))
      let first = BundleReloader(policy: policy, store: TableStore(), lastGood: kept)
      #expect(try first.restore() == nil)
      #expect(first.offer(try signed("deny", 5, by: key)).isPublished)
      #expect(!first.offer(try signed("revoke", 4, by: key)).isPublished)

      let store = TableStore()
      let second = BundleReloader(policy: policy, store: store, lastGood: kept)
      #expect(try second.restore()?.isPublished == true)
      #expect(try verdict(store) == .deny)
      // Going back is refused after a restart too.
      #expect(!second.offer(try signed("revoke", 4, by: key)).isPublished)

    }
  }

  @Test func `a kept bundle that is damaged is not taken for none`() throws {
    try Fixture.withDirectory { directory in
      let kept = LastGoodStore(in: try Fixture.state(directory.appendingPathComponent("state").path))
      let whole = try Fixture.bundle(serial: 5)
      var bent = whole
      bent[200] ^= 1
      let damaged: [([UInt8], BundleError.Reason)] = [
        (bent, .badDigest), (Array(whole.dropLast(9)), .truncated), (Array(whole.prefix(9)), .truncated),
        ([], .truncated),
      ]
      for (bytes, reason) in damaged {
        try Data(bytes).write(to: URL(fileURLWithPath: kept.path))
        let reloader = BundleReloader(policy: Fixture.insecure, store: TableStore(), lastGood: kept)
        // Nothing that it says is to be believed, its serial included.
        let error = #expect(throws: BundleError.self) { try reloader.restore() }
        #expect(error?.reason == reason)
        #expect(error?.message.contains("`\(kept.path)`") == true)
        #expect(error?.message.contains("remove the file to give up the protection") == true)
      }
      try FileManager.default.removeItem(atPath: kept.path)
      let reloader = BundleReloader(policy: Fixture.insecure, store: TableStore(), lastGood: kept)
      #expect(try reloader.restore() == nil)
      #expect(reloader.offer(BundleBytes(try Fixture.bundle(serial: 4))).isPublished)
    }
  }

  @Test(arguments: [BundleError.Reason.expired, .unknownKey, .wrongEnvironment, .unknownTrigger])
  func `a kept bundle that is refused after a restart still rules out older ones`(
    reason: BundleError.Reason
  ) throws {
    try Fixture.withDirectory { directory in
      let (old, key) = (PrivateKey(), PrivateKey())
      let kept = LastGoodStore(in: try Fixture.state(directory.appendingPathComponent("state").path))
      let last = try Fixture.bundle(
        serial: 5, expires: reason == .expired ? 1_999 : nil,
        environment: reason == .wrongEnvironment ? "staging" : "",
        sources: [
          Fixture.source("deny", trigger: reason == .unknownTrigger ? "checkout" : "post-login")
        ])
      try kept.save(
        BundleBytes(try Fixture.signed(last, by: reason == .unknownKey ? old : key)))

      let store = TableStore()
      var policy = BundlePolicy(trusting: [key.publicKey])
      policy.triggers = ["post-login"]
      let reloader = BundleReloader(policy: policy, store: store, lastGood: kept, now: { 2_000 })
      guard case .refused(let error)? = try reloader.restore() else {
        Issue.record("it was restored")
        return
      }
      #expect(error.reason == reason)
      guard case .refused(let older) = reloader.offer(try signed("revoke", 4, by: key)) else {
        Issue.record("an older one was served")
        return
      }
      #expect(older.reason == .olderSerial)
      guard case .refused(let other) = reloader.offer(try signed("revoke", 5, by: key)) else {
        Issue.record("another one of its serial was served")
        return
      }
      #expect(other.reason == .reusedSerial)
      #expect(try verdict(store) == nil)
      if reason == .unknownKey {
        let again = BundleBytes(try Fixture.signed(last, by: key))
        #expect(reloader.offer(again).isPublished, "the same one, signed by another key")
      }
      #expect(reloader.offer(try signed("review", 6, by: key)).isPublished)
      #expect(try verdict(store) == .review)
    }
  }

  @Test func `a bundle that cannot be kept is served all the same, and said so`() throws {
    try Fixture.withDirectory { directory in
      let store = TableStore()
      let kept = LastGoodStore(in: try Fixture.state(directory.path))
      try FileManager.default.createDirectory(
        atPath: kept.path + ".new", withIntermediateDirectories: false)
      let reloader = BundleReloader(policy: Fixture.insecure, store: store, lastGood: kept)
      guard case .published(_, let failure) = reloader.offer(BundleBytes(try Fixture.bundle())) else {
        Issue.record("not published")
        return
      }
      #expect(failure != nil)
      #expect(try verdict(store) == .deny)
    }
  }

  private func signed(_ verdict: String, _ serial: UInt64, by key: PrivateKey) throws -> BundleBytes {
    BundleBytes(try Fixture.signed(try Fixture.bundle(verdict, serial: serial), by: key))
  }
}

extension BundleReloader.Outcome {
  var isPublished: Bool {
    if case .published = self { true } else { false }
  }

  var changed: Int? {
    if case .published(let publication, _) = self { publication.changed } else { nil }
  }
}

/// What the published tables say to a high risk; `nil` where there are none.
func verdict(_ store: TableStore, tenant: String = "") throws -> Verdict? {
  let key = TableKey(tenant: tenant, trigger: "post-login")
  let table = try #require(TableReader.read(Fixture.source("deny"), file: "t").table)
  var input = DecisionInput()
  input.signals = [DecisionInput.Entry(signal: table.inputs[0], value: .number(95))]
  let encoded = EncodedInput(input, for: table.inputs, of: key)
  let names = Array("\(tenant)post-login".utf8)
  let reader = store.makeReader()
  defer { store.remove(reader) }
  var evaluator = Evaluator()
  return try store.read(reader) { tables -> Result<Verdict?, WireError> in
    let count = tenant.utf8.count
    guard
      let chain = tables.chain(
        tenant: ByteRange(offset: 0, count: count),
        trigger: ByteRange(offset: count, count: names.count - count), in: names.span)
    else { return .success(nil) }
    do throws(WireError) {
      try encoded.fill(&evaluator.vector, reading: chain.schema)
    } catch {
      return .failure(error)
    }
    return .success(
      evaluator.evaluate(chain, in: encoded.bytes.span, fallback: .allow).verdict)
  }.get()
}
