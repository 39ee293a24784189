import Bundles
import Foundation
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
    guard let chain = store.servedChain(key) else { return nil }
    var evaluator = Evaluator()
    return evaluator.evaluate(chain.view, in: ByteWriter().span, fallback: .review).verdict
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
      let file = SwitchFile(directory: directory)
      #expect(try file.load().isEmpty)
      try file.save(Self.operated())
      let store = TableStore(versionsKept: 3)
      try store.restore(try file.load())
      #expect(store.switchCounts == (1, 1, 1))
      #expect(Self.verdict(store, Self.login) == .deny, "the pinned version")
      #expect(store.servedChain(Self.other) == nil)
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

  @Test func `every flipped bit and every truncation is refused`() throws {
    try withDirectory { directory in
      let file = SwitchFile(directory: directory)
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
      let file = SwitchFile(directory: directory)
      try file.save(Self.operated())
      try FileManager.default.createDirectory(
        atPath: file.path + ".new", withIntermediateDirectories: false)
      #expect(throws: BundleError.self) { try file.save(TableStore()) }
      #expect(try file.load().count == 2)
      #expect(throws: BundleError.self) {
        try SwitchFile(directory: "/dev/null/state").save(TableStore())
      }
      #expect(throws: BundleError.self) { try SwitchFile(directory: "/dev/null").load() }
    }
  }
}
