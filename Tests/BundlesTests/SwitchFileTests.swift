import Bundles
import Foundation
import Rules
import Tables
import Testing
import Wire

/// What is killed and pinned survives the process, or the start is refused.
@Suite struct SwitchFileTests {
  private static let login = TableKey(tenant: "", trigger: "post-login")
  private static let other = TableKey(tenant: "acme", trigger: "post-login")

  private static func chain(_ verdict: Verdict) throws -> CompiledChain {
    let rule = RulePlan(name: "all", number: 1, verdict: verdict, outputs: [])
    let table = TablePlan(name: "one", version: 1, mode: .enforce, columns: [], rules: [rule])
    return try CompiledChain(ChainPlan(signals: [], tables: [table], onLate: .mfa))
  }

  private static func verdict(_ store: TableStore, _ key: TableKey) -> Verdict? {
    let reader = store.makeReader()
    defer { store.remove(reader) }
    let names = Array((key.tenant + key.trigger).utf8)
    let tenantByteCount = key.tenant.utf8.count
    let tenant = ByteRange(offset: 0, count: tenantByteCount)
    let trigger = ByteRange(offset: tenantByteCount, count: key.trigger.utf8.count)
    return store.read(reader) { tables in
      guard let chain = tables.chain(tenant: tenant, trigger: trigger, in: names.span) else { return nil }
      var evaluator = Evaluator()
      return evaluator.evaluate(chain, in: ByteWriter().span, fallback: .review).verdict
    }
  }

  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory.path)
  }

  /// A store with a killed trigger, a killed table and a pinned version.
  private static func operated() throws -> TableStore {
    let store = TableStore(versionsKept: 3)
    try store.publish([login: chain(.deny), other: chain(.deny)])
    try store.publish([login: chain(.allow)])
    _ = try store.rollBack(login)
    try store.kill(login, table: "one")
    try store.kill(other)
    return store
  }

  @Test func `switches are restored as they were kept`() throws {
    try withDirectory { directory in
      let file = SwitchFile(in: try Fixture.state(directory))
      #expect(try file.load().isEmpty)
      try file.save(Self.operated())
      let store = TableStore(versionsKept: 3)
      try store.restore(try file.load())
      #expect(store.switchCounts == (1, 1, 1))
      #expect(Self.verdict(store, Self.login) == .deny, "the pinned version")
      #expect(store.reports { $0 == Self.other }.map(\.served) == [nil])
      try store.publish([Self.login: Self.chain(.mfa), Self.other: Self.chain(.mfa)])
      #expect(Self.verdict(store, Self.login) == .deny, "a publication does not unpin")
      #expect(store.switchCounts == (1, 1, 1), "nor unkill")
      let reader = store.makeReader()
      let names = Array("acmepost-login".utf8)
      let isServed = store.read(reader) { tables in
        tables.chain(
          tenant: ByteRange(offset: 0, count: 4), trigger: ByteRange(offset: 4, count: 10),
          in: names.span) != nil
      }
      #expect(!isServed, "a killed trigger answers as one without tables")
      #expect(try store.resume(Self.login) == 2)
      #expect(Self.verdict(store, Self.login) == .mfa)
      try store.unkill(Self.login, table: "one")
      try store.unkill(Self.other)
      try file.save(store)
      #expect(try file.load().isEmpty)
    }
  }

  /// The file as an older version has written it: images of the format before, under a right digest.
  @Test func `a pinned version of another format is dropped, said so, and the kills hold`() throws {
    try withDirectory { directory in
      let file = SwitchFile(in: try Fixture.state(directory))
      try file.save(Self.operated())
      let url = URL(fileURLWithPath: file.path)
      let lines = try String(contentsOf: url, encoding: .utf8).split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      var chains = try #require(
        JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [[String: Any]])
      let pinned = try #require(chains.firstIndex { $0["pinnedImage"] != nil })
      let text = try #require(chains[pinned]["pinnedImage"] as? String)
      var image = try #require(Data(base64Encoded: text))
      image[4] -= 1
      chains[pinned]["pinnedImage"] = image.base64EncodedString()
      let json = try JSONSerialization.data(withJSONObject: chains)
      let heading = "postern-switches 1 \(ContentDigest(of: Array(json)).hexadecimal)\n"
      try (Data(heading.utf8) + json).write(to: url)

      let kept = try file.load()
      #expect(kept.map(\.pinFault) == [.otherFormat(ImageError.ownFormat - 1), nil])
      #expect(kept.allSatisfy { $0.pinned == nil })
      let store = TableStore(versionsKept: 3)
      try store.restore(kept)
      #expect(store.switchCounts == (1, 1, 0), "one trigger and one table are killed, none is pinned")
      try store.publish([Self.login: Self.chain(.mfa), Self.other: Self.chain(.mfa)])
      #expect(store.reports { $0 == Self.login }[0].isPinLost)
      #expect(!store.reports { $0 == Self.other }[0].isPinLost)
      try store.unkill(Self.login, table: "one")
      #expect(Self.verdict(store, Self.login) == .mfa, "the newest version is served")
      #expect(try store.resume(Self.login) == 1)
      #expect(!store.reports { $0 == Self.login }[0].isPinLost)
      #expect(throws: TableStore.OperationFailure.nothingToUndo) { try store.resume(Self.login) }
    }
  }

  @Test func `every flipped bit and every truncation is refused`() throws {
    try withDirectory { directory in
      let file = SwitchFile(in: try Fixture.state(directory))
      try file.save(Self.operated())
      let url = URL(fileURLWithPath: file.path)
      let whole = try Data(contentsOf: url)
      for count in 0..<whole.count {
        try whole.prefix(count).write(to: url)
        #expect(throws: BundleError.self, "\(count) bytes") { try file.load() }
      }
      for place in whole.indices {
        var flipped = whole
        flipped[place] ^= 1 << UInt8(place % 8)
        try flipped.write(to: url)
        #expect(throws: BundleError.self, "byte \(place)") { try file.load() }
      }
      try whole.write(to: url)
      #expect(try file.load().count == 2)
    }
  }

  @Test func `a file that cannot be written leaves the one before`() throws {
    try withDirectory { directory in
      let file = SwitchFile(in: try Fixture.state(directory))
      try file.save(Self.operated())
      try FileManager.default.createDirectory(
        atPath: file.path + ".new", withIntermediateDirectories: false)
      #expect(throws: BundleError.self) { try file.save(TableStore()) }
      #expect(try file.load().count == 2)
      #expect(throws: BundleError.self) { try StateDirectory("/dev/null/state").take() }
      #expect(throws: BundleError.self) { try SwitchFile(in: StateDirectory("/dev/null")).load() }
    }
  }
}
