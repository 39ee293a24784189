import Foundation
import Synchronization
import Tables
import Testing
import Wire

@testable import Rules

@Suite struct TableReloaderTests {
  @Test func `a look leaves alone what is still being written`() throws {
    try withDirectory { directory in
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: TableStore())
      try servedTable(verdict: "allow").write(to: directory)
      #expect(!reloader.look().isPublished, "the first look only takes note")
      #expect(reloader.look().isPublished)
      #expect(!reloader.look().isPublished, "nothing has changed")

      try servedTable(verdict: "mfa").write(to: directory)
      #expect(!reloader.look().isPublished)
      // Written on: the stamp has moved again, so the next look waits as well.
      try servedTable(verdict: "review").write(to: directory)
      #expect(!reloader.look().isPublished)
      #expect(reloader.look().isPublished)
      #expect(reloader.counts.published == 2)
    }
  }

  @Test func `a forced load waits for nothing`() throws {
    try withDirectory { directory in
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: TableStore())
      try servedTable(verdict: "allow").write(to: directory)
      #expect(reloader.reload(force: true).isPublished)
      #expect(reloader.reload(force: true).isPublished)
    }
  }

  @Test func `a chain that there was no memory for is tried again, and no other`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let attempts = Mutex(0)
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store
      ) { (plan) throws(ImageError) in
        let isSecond = plan.tables[0].rules[0].verdict == .deny
        if isSecond, attempts.withLock({ $0 += 1; return $0 }) < 3 { throw .noMemory(byteCount: 7) }
        return try CompiledChain(plan)
      }
      try servedTable(tenant: "a", verdict: "allow").write(to: directory, "a")
      try servedTable(tenant: "b", verdict: "deny").write(to: directory, "b")
      _ = reloader.look()
      guard case .partly(changed: 1, let problems) = reloader.look() else {
        Issue.record("not partly")
        return
      }
      #expect(problems.count == 1 && problems[0].message.hasSuffix("or make the tables smaller; it is tried again"))
      #expect(store.servedChain(key("b")) == nil)
      guard case .refused = reloader.look() else {
        Issue.record("not tried again")
        return
      }
      #expect(reloader.look().isPublished && store.servedChain(key("b")) != nil)
      #expect(!reloader.look().isPublished, "nothing is left to do")
      #expect(attempts.withLock { $0 } == 3 && store.versions(of: key("a"))?.count == 1)
    }
  }

  @Test func `a reload recompiles the chains of changed files and touches no other`() throws {
    try withDirectory { directory in
      let store = TableStore(versionsKept: 8)
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      for tenant in ["a", "b", "c"] {
        try servedTable(tenant: tenant, verdict: "allow").write(to: directory, "\(tenant)")
      }
      #expect(reloader.reload().isPublished)
      let before = [key("a"), key("b"), key("c")].map { store.servedChain($0) }
      try servedTable(tenant: "b", verdict: "deny").write(to: directory, "b")
      guard case .published(tables: 3, chains: 3) = reloader.reload() else {
        Issue.record("not published")
        return
      }
      #expect(store.servedChain(key("a")) === before[0])
      #expect(store.servedChain(key("b")) !== before[1])
      #expect(store.servedChain(key("c")) === before[2])
      #expect(store.versions(of: key("a"))?.count == 1)
      // Not even a forced load makes what has not changed anew.
      #expect(reloader.reload(force: true).isPublished)
      #expect(store.versions(of: key("b"))?.count == 2)
    }
  }

  @Test func `a file that was cut off in its last line holds back its own chain`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      for tenant in ["a", "b"] {
        try servedTable(tenant: tenant, verdict: "allow").write(to: directory, tenant)
      }
      #expect(reloader.reload().isPublished)
      let before = [key("a"), key("b")].map { store.servedChain($0) }
      try String(servedTable(tenant: "a", verdict: "deny").dropLast()).write(to: directory, "a", isCut: true)
      try servedTable(tenant: "b", verdict: "mfa").write(to: directory, "b")
      guard case .partly(changed: 1, let problems) = reloader.reload() else {
        Issue.record("not partly")
        return
      }
      #expect(problems.contains { $0.message.contains("may have been cut off") }, "\(problems)")
      #expect(store.servedChain(key("a")) === before[0])
      #expect(store.servedChain(key("b")) !== before[1])
    }
  }

  @Test func `a bad file holds back its own tenant and trigger only`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      for tenant in ["a", "b"] {
        try servedTable(tenant: tenant, verdict: "allow").write(to: directory, "\(tenant)")
      }
      _ = reloader.reload()
      let before = [key("a"), key("b")].map { store.servedChain($0) }
      // The good second table of `a` waits for the bad first one; `b` does not.
      try servedTable(tenant: "a", verdict: "perhaps").write(to: directory, "a")
      try servedTable(tenant: "a", verdict: "mfa", order: 200).write(to: directory, "a2")
      try servedTable(tenant: "b", verdict: "mfa").write(to: directory, "b")
      guard case .partly(changed: 1, let problems) = reloader.reload() else {
        Issue.record("not partly")
        return
      }
      #expect(problems.count == 1 && problems[0].file.hasSuffix("/a.table.md"), "\(problems)")
      #expect(store.servedChain(key("a")) === before[0])
      #expect(store.servedChain(key("b")) !== before[1])
      #expect(reloader.counts == (2, 1))
      #expect(!reloader.reload().isPublished, "it is not read again until it changes")
      #expect(reloader.counts == (2, 1))

      try servedTable(tenant: "a", verdict: "deny").write(to: directory, "a")
      guard case .published(tables: 3, chains: 2) = reloader.reload() else {
        Issue.record("not published")
        return
      }
      let chain = try #require(store.servedChain(key("a")))
      let tableCount = chain.view.tableCount
      #expect(tableCount == 2)
    }
  }

  @Test func `a bad file that was never good holds back the chain that its front matter names`()
    throws
  {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      try servedTable(tenant: "a", verdict: "allow").write(to: directory, "a")
      try servedTable(tenant: "a", verdict: "perhaps", order: 200).write(to: directory, "a2")
      try servedTable(tenant: "b", verdict: "allow").write(to: directory, "b")
      guard case .partly(changed: 1, let problems) = reloader.reload() else {
        Issue.record("not partly")
        return
      }
      #expect(Set(problems.map { $0.file.suffix(11) }) == ["a2.table.md"])
      #expect(store.servedChain(key("a")) == nil, "half of a chain is not served")
      #expect(store.servedChain(key("b")) != nil)
    }
  }

  /// A chain is never served without a table because that one says nothing of itself.
  @Test(arguments: ["", "no table", "---\ntriger: post-login\n---\n", "---\nmode: [\n---\n", "\u{0}"])
  func `a bad file that may belong to any chain holds back all, until it is right or gone`(
    text: String
  ) throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      try servedTable(verdict: "allow").write(to: directory, "steps")
      try text.write(to: directory, "guard")
      for force in [false, true] {
        guard case .refused(let problems) = reloader.reload(force: force) else {
          Issue.record("not refused")
          return
        }
        #expect(problems.allSatisfy { $0.file.hasSuffix("/guard.table.md") })
        #expect(problems.last?.message.contains("may belong to any trigger") == true, "\(problems)")
        #expect(store.servedChain(key("")) == nil && !reloader.isLoaded)
      }
      guard case .unchanged = reloader.reload() else {
        Issue.record("said again, though nothing has changed")
        return
      }
      try servedTable(verdict: "deny", order: 1).write(to: directory, "guard")
      #expect(reloader.reload().isPublished)
      #expect(served(by: store) == ["guard", "steps"])

      // In a running server: under another name, and broken.
      try FileManager.default.removeItem(at: directory.appendingPathComponent("guard.table.md"))
      try text.write(to: directory, "sentry")
      try servedTable(verdict: "mfa").write(to: directory, "steps")
      guard case .refused = reloader.reload() else {
        Issue.record("not refused")
        return
      }
      #expect(served(by: store) == ["guard", "steps"])
      try FileManager.default.removeItem(at: directory.appendingPathComponent("sentry.table.md"))
      #expect(reloader.reload().isPublished)
      #expect(served(by: store) == ["steps"])
    }
  }

  private static func model(_ output: String) -> String {
    """
    <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
    <decision id="d" name="Grade"><decisionTable><input><inputExpression><text>Born</text></inputExpression></input>
    <output name="\(output)"/><rule><inputEntry><text>&lt; date("2000-01-01")</text></inputEntry>
    <outputEntry><text>"x"</text></outputEntry></rule></decisionTable></decision></definitions>
    """
  }

  @Test func `a decision model among the tables is told and holds back none, unless it may be a spoilt table`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(directory: directory.path, triggers: ["post-login"], store: store)
      func write(_ text: String, _ name: String) throws {
        try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
      }
      try servedTable(verdict: "deny").write(to: directory)
      try write(Self.model("grade"), "grade.table.dmn")
      try write(Self.model("grade"), "other.dmn")
      guard case .partly(let changed, let problems) = reloader.reload() else {
        Issue.record("not published")
        return
      }
      #expect(changed == 1 && problems.count == 1)
      #expect(problems[0].description.contains("grade.table.dmn:2:1: error: a decision model"), "\(problems)")
      #expect(reloader.isLoaded && reloader.counts.refused == 1)
      // What is left of a login table by a tool that drops extensions.
      try write(Self.model("verdict"), "grade.table.dmn")
      try servedTable(verdict: "mfa").write(to: directory)
      #expect(reloader.reload().isRefused)
      #expect(TableDirectory.models(in: directory.path).map { $0.split(separator: "/").last } == ["other.dmn"])
      let set = TableDirectory.load(directory.path)
      #expect(set.chains.isEmpty && set.diagnostics.hasErrors)
    }
  }

  @Test func `a bad file that names another chain holds back both`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      try servedTable(tenant: "a", verdict: "allow").write(to: directory, "one")
      _ = reloader.reload()
      let before = store.servedChain(key("a"))
      try servedTable(tenant: "b", verdict: "perhaps").write(to: directory, "one")
      guard case .refused = reloader.reload() else {
        Issue.record("not refused")
        return
      }
      #expect(before != nil && store.servedChain(key("a")) === before)
      try servedTable(tenant: "b", verdict: "mfa").write(to: directory, "one")
      #expect(reloader.reload().isPublished)
      #expect(store.servedChain(key("a")) == nil && store.servedChain(key("b")) != nil)
    }
  }

  @Test func `two tables that cannot be in one chain hold back that chain`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      try servedTable(tenant: "a", verdict: "allow").write(to: directory, "one")
      try servedTable(tenant: "a", verdict: "mfa").write(to: directory, "two")
      try servedTable(tenant: "b", verdict: "mfa").write(to: directory, "three")
      guard case .partly(changed: 1, let problems) = reloader.reload() else {
        Issue.record("not partly")
        return
      }
      #expect(problems.contains { $0.message.contains("order 100") }, "\(problems)")
      try FileManager.default.removeItem(at: directory.appendingPathComponent("two.table.md"))
      #expect(reloader.reload().isPublished)
      #expect(store.servedChain(key("a")) != nil)
    }
  }

  /// The names of the default tenant's tables.
  @Test func `a small chain does not wait for a large one`() throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      // By their names, the large one would be first.
      try servedTable(tenant: "a", verdict: "deny", ruleCount: 20_000).write(to: directory, "a")
      try servedTable(tenant: "b", verdict: "deny").write(to: directory, "b")
      let sawSmallAlone = Mutex(false)
      let (small, large) = (key("b"), key("a"))
      Thread.detachNewThread {
        while store.servedChain(small) == nil { usleep(200) }
        sawSmallAlone.withLock { $0 = store.servedChain(large) == nil }
      }
      #expect(reloader.reload().isPublished)
      #expect(sawSmallAlone.withLock { $0 })
      #expect(store.servedChain(large) != nil)
    }
  }

  /// A mode that is set right changes neither a file's size nor when it was written.
  @Test(arguments: ["one.table.md", "names.txt"])
  func `a file that nobody might read is read when that is set right`(name: String) throws {
    try withDirectory { directory in
      let store = TableStore()
      let reloader = TableReloader(
        directory: directory.path, triggers: ["post-login"], store: store)
      try servedTable(verdict: "allow").write(to: directory)
      #expect(reloader.reload().isPublished)
      let before = store.servedChain(key(""))
      let listing = servedTable(verdict: "deny")
        .replacingOccurrences(of: "mode: enforce\n", with: "mode: enforce\nlists:\n  names: names.txt\n")
        .replacingOccurrences(of: "| -       |", with: "| in names |")
      try (listing + "\n| - | - | allow |\n").write(to: directory)
      try "someone\n".write(
        to: directory.appendingPathComponent("names.txt"), atomically: false, encoding: .utf8)
      let file = directory.appendingPathComponent(name).path
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
      #expect(asNobody { reloader.reload(force: $0) }.isRefused)
      #expect(asNobody { reloader.reload(force: $0) }.isUnchanged, "said once")
      #expect(store.servedChain(key("")) === before)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      #expect(reloader.reload().isPublished)
      #expect(store.servedChain(key("")) !== before)
      #expect(reloader.reload().isUnchanged)
    }
  }

  #if os(Linux)
    @Test func `a file whose reading fails is read again at the next look`() throws {
      try withDirectory { directory in
        let reloader = TableReloader(
          directory: directory.path, triggers: ["post-login"], store: TableStore())
        // Nothing lies at its beginning: EIO.
        let file = directory.appendingPathComponent("one.table.md")
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/proc/self/mem")
        for _ in 0..<3 { #expect(reloader.reload().isRefused) }
        try FileManager.default.removeItem(at: file)
        try servedTable(verdict: "allow").write(to: directory)
        #expect(reloader.reload().isPublished)
        #expect(reloader.reload().isUnchanged)
      }
    }
  #endif

  /// What `body` gives where a file's mode counts, which stops nobody who is root.
  private func asNobody<R>(_ body: (Bool) -> R) -> R {
    let user = geteuid()
    if user == 0 { seteuid(65_534) }
    defer { if user == 0 { seteuid(user) } }
    return body(false)
  }

  private func served(by store: TableStore) -> [String]? {
    store.reports { $0 == key("") }.first?.served?.tables.map(\.name)
  }

  private func key(_ tenant: String) -> TableKey {
    TableKey(tenant: tenant, trigger: "post-login")
  }
}
