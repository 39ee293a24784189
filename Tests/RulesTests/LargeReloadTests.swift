import Foundation
import Synchronization
import Tables
import Testing
import Wire

@testable import Rules

/// What changes while a large chain is compiled.
@Suite struct LargeReloadTests {
  /// Tenant `a` has a large table, whose layout waits until it is let through, and `b` a small one.
  private final class Server: Sendable {
    private static let patience = DispatchTimeInterval.seconds(20)

    let directory: URL
    let store = TableStore()
    let reloader: TableReloader
    let outcome = Mutex<TableReloader.Outcome?>(nil)
    private let entered: DispatchSemaphore
    private let opened: DispatchSemaphore
    private let ended = DispatchSemaphore(value: 0)

    init(_ directory: URL) {
      let (entered, opened) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      (self.directory, self.entered, self.opened) = (directory, entered, opened)
      reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store
      ) { (plan) throws(ImageError) in
        if plan.tables[0].rules.count >= 1_000 {
          entered.signal()
          _ = opened.wait(timeout: .now() + Server.patience)
        }
        return try CompiledChain(plan)
      }
    }

    func write(_ tenant: String, _ verdict: String) throws {
      try servedTable(tenant: tenant, verdict: verdict, ruleCount: tenant == "a" ? 2_000 : 1)
        .write(to: directory, tenant)
    }

    /// Loads what is there; returns when `a` is being compiled.
    func begin() throws {
      Thread.detachNewThread { [self] in
        let outcome = reloader.reload()
        self.outcome.withLock { $0 = outcome }
        ended.signal()
      }
      try #require(entered.wait(timeout: .now() + Self.patience) == .success)
    }

    /// Lets `a` through, as often as it is compiled; returns when all is done.
    func end() throws -> TableReloader.Outcome? {
      for _ in 0..<3 { opened.signal() }
      try #require(ended.wait(timeout: .now() + Self.patience) == .success)
      return outcome.withLock { $0 }
    }

    func verdict(_ tenant: String) -> Verdict? {
      guard let chain = store.servedChain(TableKey(tenant: tenant, trigger: "post-login")) else { return nil }
      return chain.view.content(ofRule: 0, ofTable: 0).verdict
    }

    /// How often something was published for a tenant.
    func versionCount(_ tenant: String) -> Int {
      store.versions(of: TableKey(tenant: tenant, trigger: "post-login"))?.count ?? 0
    }
  }

  private func withServer(_ body: (Server) throws -> Void) throws {
    try withDirectory { directory in
      let server = Server(directory)
      try server.write("b", "deny")
      #expect(server.reloader.reload().isPublished)
      try server.write("a", "deny")
      try server.begin()
      #expect(server.verdict("b") == .deny)
      try body(server)
    }
  }

  @Test func `an edit of one tenant does not wait for another's large table`() throws {
    try withServer { server in
      #expect(server.reloader.reload().isUnchanged, "the large one is in hands")
      try server.write("b", "mfa")
      #expect(!server.reloader.look().isPublished)
      #expect(server.reloader.look().isPublished)
      #expect(server.verdict("b") == .mfa)
      #expect(server.verdict("a") == nil, "not compiled yet")
      #expect(try server.end()?.isPublished == true)
      #expect(server.verdict("a") == .deny)
      #expect(server.reloader.reload().isUnchanged)
    }
  }

  @Test func `a look leaves large tables to whoever compiles them beside it`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(directory: directory.path, triggers: ["post-login"], store: store)
      try servedTable(tenant: "a", verdict: "deny", ruleCount: 2_000).write(to: directory, "a")
      #expect(reloader.look().isUnchanged && !reloader.hasLarge)
      #expect(reloader.look().isUnchanged && reloader.hasLarge)
      #expect(!reloader.isLoaded)
      #expect(reloader.compileLarge().isPublished && reloader.isLoaded)
      #expect(!reloader.hasLarge && reloader.compileLarge().isUnchanged && reloader.look().isUnchanged)
      // Beside a small one, which is published at once.
      try servedTable(tenant: "a", verdict: "mfa", ruleCount: 2_000).write(to: directory, "a")
      try servedTable(tenant: "b", verdict: "mfa").write(to: directory, "b")
      #expect(reloader.look().isUnchanged)
      #expect(reloader.look().isPublished && reloader.hasLarge)
      #expect(store.servedChain(TableKey(tenant: "b", trigger: "post-login")) != nil)
      #expect(reloader.compileLarge().isPublished && reloader.counts.published == 3)
    }
  }

  @Test func `a large table that is edited while it is compiled is served as it is then`() throws {
    try withServer { server in
      try server.write("a", "mfa")
      #expect(server.reloader.reload().isUnchanged, "whoever compiles takes it too")
      #expect(server.verdict("a") == nil)
      #expect(try server.end()?.isPublished == true)
      #expect(server.verdict("a") == .mfa)
      #expect(server.versionCount("a") == 1, "what was edited away is not served in between")
      #expect(server.reloader.reload().isUnchanged)
    }
  }

  @Test func `a large table that is edited to and fro is compiled once`() throws {
    try withServer { server in
      for verdict in ["mfa", "deny"] {
        try server.write("a", verdict)
        #expect(server.reloader.reload().isUnchanged)
      }
      #expect(try server.end()?.isPublished == true)
      #expect(server.verdict("a") == .deny && server.versionCount("a") == 1)
      #expect(server.reloader.reload().isUnchanged)
    }
  }

  @Test func `a large table that goes bad while it is compiled is not served until it is right`() throws {
    try withServer { server in
      try servedTable(tenant: "a", verdict: "perhaps").write(to: server.directory, "a")
      #expect(server.reloader.reload().isRefused)
      _ = try server.end()
      #expect(server.verdict("a") == nil)
      #expect(server.reloader.reload().isUnchanged)
      try server.write("a", "deny")
      #expect(server.reloader.reload().isPublished)
      #expect(server.verdict("a") == .deny)
    }
  }

  @Test func `a large table that is taken away or made small while it is compiled is not served`() throws {
    try withServer { server in
      try FileManager.default.removeItem(at: server.directory.appendingPathComponent("a.table.md"))
      #expect(server.reloader.reload().isPublished)
      _ = try server.end()
      #expect(server.verdict("a") == nil)
    }
    try withServer { server in
      try servedTable(tenant: "a", verdict: "review").write(to: server.directory, "a")
      #expect(server.reloader.reload().isPublished)
      #expect(server.verdict("a") == .review)
      _ = try server.end()
      #expect(server.verdict("a") == .review && server.versionCount("a") == 1)
    }
  }

  @Test func `a large table compiled beside a file of any chain is served when that is gone`() throws {
    try withServer { server in
      try "no table".write(to: server.directory, "c")
      #expect(server.reloader.reload().isRefused)
      _ = try server.end()
      #expect(server.verdict("a") == nil, "nothing is taken up")
      try FileManager.default.removeItem(at: server.directory.appendingPathComponent("c.table.md"))
      #expect(server.reloader.reload().isPublished)
      #expect(server.verdict("a") == .deny)
    }
  }
}
