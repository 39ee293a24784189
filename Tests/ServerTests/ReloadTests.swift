import Foundation
import Rules
import Server
import Tables
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct ReloadTests {
    private static func source(_ verdict: String, trigger: String = "post-login") -> String {
      TestTables.source(
        trigger, settings: ["name: \(trigger)"], ["rule", "verdict", "reason"],
        [["all", verdict, "says \(verdict)"]])
    }

    /// Runs a server whose tables are what a reloader finds in a directory of our own.
    private static func run(
      _ body: (TestServer, TableReloader, URL) async throws -> Void
    ) async throws {
      let directory = URL(fileURLWithPath: "/tmp/postern-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(at: directory) }
      try await TestServer.run(tables: TableSet([])) { server in
        let reloader = TableReloader(
          directory: directory.path, triggers: TriggerRegistry.builtIn, store: server.store)
        try await body(server, reloader, directory)
      }
    }

    private static func write(_ text: String, _ directory: URL, _ name: String = "a") throws {
      let file = directory.appendingPathComponent("\(name).table.md")
      try (text + "\n").write(to: file, atomically: true, encoding: .utf8)
    }

    private static func verdict(_ client: RawClient) throws -> Verdict? {
      try client.decide([TestDecision()]).first?.verdict
    }

    @Test func `an edited table decides from its reload on, without a restart`() async throws {
      try await Self.run { server, reloader, directory in
        let client = try server.connect()
        #expect(try client.decide([TestDecision()])[0].flags == .missing)
        #expect(!reloader.isLoaded)
        var versions: Set<UInt64> = []
        for verdict in ["allow", "deny", "mfa", "allow"] {
          try Self.write(Self.source(verdict), directory)
          guard case .published(tables: 1, chains: 1) = reloader.reload() else {
            Issue.record("not published")
            return
          }
          let reply = try client.decide([TestDecision()])[0]
          #expect(reply.verdict.name == verdict)
          versions.insert(reply.tableVersion)
          guard case .unchanged = reloader.reload() else {
            Issue.record("changed")
            return
          }
        }
        #expect(versions.count == 3)
        #expect(reloader.isLoaded)
        #expect(reloader.counts == (4, 0))
      }
    }

    @Test func `a bad edit leaves the old table serving and names file, line and column`()
      async throws
    {
      try await Self.run { server, reloader, directory in
        let client = try server.connect()
        try Self.write(Self.source("deny"), directory)
        _ = reloader.reload()
        try Self.write(Self.source("denied"), directory)
        guard case .refused(let diagnostics) = reloader.reload() else {
          Issue.record("not refused")
          return
        }
        let file = directory.appendingPathComponent("a.table.md").path
        #expect(diagnostics.count == 1)
        #expect(diagnostics[0].description.hasPrefix("\(file):14:9: error: "), "\(diagnostics)")
        #expect(try Self.verdict(client) == .deny)
        #expect(reloader.counts == (1, 1))
        // Looked at again only when it changes again, and then served.
        guard case .unchanged = reloader.reload() else {
          Issue.record("looked at again")
          return
        }
        try Self.write(Self.source("mfa"), directory)
        _ = reloader.reload()
        #expect(try Self.verdict(client) == .mfa)
      }
    }

    @Test func `one bad file leaves the good ones of other triggers to be taken up`() async throws {
      try await Self.run { server, reloader, directory in
        let client = try server.connect()
        try Self.write(Self.source("deny"), directory)
        _ = reloader.reload()
        try Self.write(Self.source("allow"), directory)
        try Self.write(Self.source("perhaps", trigger: "post-challenge"), directory, "b")
        guard case .partly(changed: 1, let diagnostics) = reloader.reload() else {
          Issue.record("not partly")
          return
        }
        #expect(diagnostics.count == 1)
        #expect(try Self.verdict(client) == .allow)
        #expect(try client.decide([TestDecision(trigger: "post-challenge")])[0].flags == .missing)
        #expect(reloader.counts == (2, 1))
      }
    }

    @Test func `a table whose file is gone is not served any more`() async throws {
      try await Self.run { server, reloader, directory in
        let client = try server.connect()
        try Self.write(Self.source("deny"), directory)
        try Self.write(Self.source("allow", trigger: "post-challenge"), directory, "b")
        _ = reloader.reload()
        #expect(try Self.verdict(client) == .deny)
        try FileManager.default.removeItem(at: directory.appendingPathComponent("a.table.md"))
        _ = reloader.reload()
        #expect(try client.decide([TestDecision()])[0].flags == .missing)
        #expect(try client.decide([TestDecision(trigger: "post-challenge")])[0].verdict == .allow)
        // The last one does not go: an empty directory is an accident.
        try FileManager.default.removeItem(at: directory.appendingPathComponent("b.table.md"))
        guard case .refused = reloader.reload() else {
          Issue.record("not refused")
          return
        }
        #expect(try client.decide([TestDecision(trigger: "post-challenge")])[0].verdict == .allow)
      }
    }

    @Test func `a table of an unknown trigger is refused, with what was probably meant`()
      async throws
    {
      try await Self.run { server, reloader, directory in
        try Self.write(Self.source("allow", trigger: "post-logn"), directory)
        guard case .refused(let diagnostics) = reloader.reload() else {
          Issue.record("not refused")
          return
        }
        #expect(diagnostics[0].message.contains("unknown trigger `post-logn`"))
        #expect(diagnostics[0].message.contains("post-login"))
      }
    }

    /// As a Kubernetes configuration map is mounted: every file is a link through `..data`.
    @Test func `a directory swapped behind a link is noticed`() async throws {
      try await Self.run { server, reloader, directory in
        let client = try server.connect()
        let manager = FileManager.default
        let data = directory.appendingPathComponent("..data").path
        for (index, verdict) in ["allow", "deny"].enumerated() {
          let version = directory.appendingPathComponent("..version-\(index)")
          try manager.createDirectory(at: version, withIntermediateDirectories: false)
          try Self.write(Self.source(verdict), version)
          let next = data + "_tmp"
          try manager.createSymbolicLink(
            atPath: next, withDestinationPath: version.lastPathComponent)
          #expect(unsafe rename(next, data) == 0)
          if index == 0 {
            try manager.createSymbolicLink(
              atPath: directory.appendingPathComponent("a.table.md").path,
              withDestinationPath: "..data/a.table.md")
          }
          guard case .published = reloader.reload() else {
            Issue.record("not noticed: \(verdict)")
            return
          }
          #expect(try Self.verdict(client)?.name == verdict)
        }
      }
    }

    @Test func `under a thousand publishes every reply is of one version`() async throws {
      var chains: [CompiledChain] = []
      var verdicts: [UInt64: Verdict] = [:]
      for verdict in Verdict.allCases {
        let set = try TestTables.set(Self.source(verdict.name))
        verdicts[set.tables[0].version] = verdict
        chains.append(try CompiledChain(set.chains[0].plan))
      }
      let versions = verdicts
      try await TestServer.run(tables: TableSet([]), configure: { $0.loops = 2 }) { server in
        let key = TableKey(trigger: "post-login")
        try server.store.publish([key: chains[0]])
        let publisher = Task.detached { [chains] in
          for index in 0..<1000 {
            try server.store.publish([key: chains[index % chains.count]])
            if index % 20 == 0 { try await Task.sleep(for: .milliseconds(1)) }
          }
        }
        let clients = try (0..<4).map { _ in try server.connect() }
        let request = RawRequest.decide(message(Array(repeating: TestDecision(), count: 16)))
        var seen: Set<UInt64> = []
        for _ in 0..<300 {
          let streams = try clients.map { try $0.send(request) }
          for (client, stream) in zip(clients, streams) {
            let replies = try client.response(on: stream).reply().decisions
            #expect(replies.count == 16)
            for reply in replies {
              #expect(reply.verdict == versions[reply.tableVersion])
              #expect(reply.value(of: .reason) == "says \(reply.verdict.name)")
              seen.insert(reply.tableVersion)
            }
          }
          await Task.yield()
        }
        try await publisher.value
        #expect(seen.count >= 2, "no publish was seen")
        #expect(server.store.reclaim() == 0)
      }
    }
  }
}
