import EdgeProof
import PosternClient
import Server
import TLS
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct EdgeProofTests {
    private func counts(_ server: TestServer) -> [String] {
      server.server.metrics().edgeProofs.map { "\($0.mode) \($0.outcome) \($0.count)" }
    }

    @Test func `every outcome is counted, and explained to who asks`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        let wrong = try TestProof.wrong()
        let replies = try client.decide(
          wrong.map { TestDecision(flags: .explain, proof: $0.parts) })
        for (reply, wrong) in zip(replies, wrong) {
          let lines = reply.outputs.filter { $0.kind == .explanation }.map(\.value)
          let start = "edge proof \(wrong.outcome.name) (require): "
          #expect(lines.count { $0.hasPrefix(start) } == 1, "\(wrong.name): \(lines)")
          #expect(reply.provenance == wrong.outcome, "\(wrong.name)")
        }
        let tally = Dictionary(grouping: wrong, by: \.outcome)
        let expected = EdgeProofOutcome.allCases.compactMap { outcome in
          tally[outcome].map { "require \(outcome.name) \($0.count)" }
        }
        #expect(counts(server) == expected)
        let proven = try client.decide([
          TestDecision(flags: .explain, proof: try TestProof.parts()), TestDecision(flags: []),
        ])
        #expect(
          proven[0].outputs.contains { $0.value.hasPrefix("edge proof g2o (require): proven") })
        #expect(!proven[1].outputs.contains { $0.kind == .explanation })
        #expect(proven.map(\.provenance) == [.g2o, .missing])
      }
    }

    @Test func `where it is observed, all is decided as if it were proven, and said`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings(.observe) } _: { server in
        let client = try server.connect()
        for captured in CapturedHeaders.all {
          let decision = TestDecision(bot: captured.bot, userRisk: captured.userRisk)
          let reply = try client.decide([decision])[0]
          #expect(reply.verdict == captured.verdict)
          #expect(reply.flags.contains(.unproven))
          #expect(reply.provenance == .missing)
          #expect(!reply.flags.contains(.unverifiedSignal))
        }
        let proven = try client.decide([TestDecision(proof: try TestProof.parts())])[0]
        #expect(proven.flags.isEmpty)
        let answer = try client.exchange(.check("post-login", [HeaderField("postern-explain", "1")]))
        #expect(answer["postern-provenance"] == "missing")
        let lines = answer.text
        #expect(lines.contains("edge proof missing (observe): "))
        #expect(lines.contains("observed only"))
        #expect(
          counts(server) == ["observe g2o 1", "observe missing \(CapturedHeaders.all.count + 1)"])
      }
    }

    @Test func `where it is off, nothing is verified`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        for wrong in try TestProof.wrong() {
          let reply = try client.decide([
            TestDecision(flags: .explain, userRisk: CapturedHeaders.highRisk, proof: wrong.parts)
          ])[0]
          #expect(reply.verdict == .mfa)
          #expect(reply.flags.isSubset(of: .invalidSignal))
          #expect(!reply.outputs.contains { $0.value.hasPrefix("edge proof") })
        }
        #expect(counts(server).isEmpty)
      }
    }

    @Test func `in a batch each decision has its own proof`() async throws {
      try await TestServer.run {
        $0.edgeProof = try! TestProof.settings()
        $0.edgeProof.replayCapacity = 64
      } _: { server in
        let client = try server.connect()
        let (one, other) = (try TestProof.parts(), try TestProof.parts())
        let proofs = [one, [], other, one, [(.edgeSecret, TestProof.secret)], other, []]
        let replies = try client.decide(proofs.map { TestDecision(proof: $0) })
        #expect(
          replies.map { $0.flags.contains(.unproven) } == [false, true, false, true, false, true, true])
        #expect(replies.map(\.verdict) == [.allow, .deny, .allow, .deny, .allow, .deny, .deny])
      }
    }

    @Test func `a decision that is late uses no proof up, and a used one does not prove it`() async throws {
      try await TestServer.run {
        $0.edgeProof = try! TestProof.settings()
        $0.edgeProof.replayCapacity = 4096
      } _: { server in
        let client = try server.connect()
        let proofs = try (0..<1024).map { _ in try TestProof.parts() }
        let late = try client.decide(
          proofs.map { TestDecision(budgetMicroseconds: 1, proof: $0) })
        #expect(late[1023].flags == .late)
        let again = try client.decide([TestDecision(proof: proofs[1023])])
        #expect(again[0].flags.isEmpty)
        let replayed = try client.decide(
          proofs.map { _ in TestDecision(budgetMicroseconds: 1, proof: proofs[1023]) })[1023]
        #expect(replayed.flags == [.late, .unproven, .unverifiedSignal])
        #expect(replayed.verdict == .deny)
        #expect(replayed.provenance == .replayed)
      }
    }

    @Test func `each tenant has its own mode, within one message too`() async throws {
      let table = { TestTables.source("post-login", tenant: $0, ["akamaiUserRisk.score", "verdict"],
        [["unverified", "deny"], ["-", "allow"]]) }
      let set = try TestTables.set(table("shop"), table("bank"), table(""))
      try await TestServer.run(tables: set) {
        $0.edgeProof = try! TestProof.settings(.off)
        $0.edgeProof.tenants = ["shop": .require, "bank": .observe]
      } _: { server in
        let client = try server.connect()
        let tenants = ["shop", "bank", "", "shop", "shop", "", "bank", "shop"]
        for _ in 0..<2 {
          let replies = try client.decide(tenants.map { TestDecision(tenant: $0) })
          #expect(replies.map(\.verdict) == tenants.map { $0 == "shop" ? .deny : .allow })
          #expect(replies.map { $0.flags.contains(.unproven) } == tenants.map { !$0.isEmpty })
        }
        #expect(counts(server) == ["observe missing 4", "require missing 8"])
      }
    }

    @Test func `settings change while connections are open, also of a tenant that is known`()
      async throws
    {
      try await TestServer.run { $0.loops = 2 } _: { server in
        let clients = try (0..<4).map { _ in try server.connect() }
        let new = try TestProof.key("v2", "the next secret")
        func verdicts(_ key: G2OKey? = nil) throws -> [Verdict] {
          try clients.map {
            try $0.decide([TestDecision(proof: try TestProof.parts(key: key))])[0].verdict
          }
        }
        func all(_ verdict: Verdict) -> [Verdict] { clients.map { _ in verdict } }
        #expect(try verdicts(new) == all(.allow))
        try await server.server.use(TestProof.settings())
        #expect(try verdicts(new) == all(.deny))
        #expect(try verdicts() == all(.allow))
        var both = try TestProof.settings()
        both.g2o?.keys.append(new)
        try await server.server.use(both)
        #expect(try verdicts() == all(.allow))
        #expect(try verdicts(new) == all(.allow))
        both.g2o?.keys.removeFirst()
        try await server.server.use(both)
        #expect(try verdicts() == all(.deny))
        var bad = both
        bad.g2o?.keys = []
        await #expect(throws: EdgeProofError.keys(.noKeys)) { try await server.server.use(bad) }
        #expect(try verdicts(new) == all(.allow))
      }
    }

    @Test func `signatures stay remembered when settings change`() async throws {
      var settings = try TestProof.settings()
      settings.replayCapacity = 64
      try await TestServer.run { $0.edgeProof = settings } _: { server in
        let client = try server.connect()
        let proof = try TestProof.parts()
        #expect(try client.decide([TestDecision(proof: proof)])[0].verdict == .allow)
        settings.g2o?.keys.append(try TestProof.key("v2", "another secret"))
        try await server.server.use(settings)
        #expect(try client.decide([TestDecision(proof: proof)])[0].verdict == .deny)
      }
    }

    @Test func `a check has its proof in headers, their names as configured`() async throws {
      try await TestServer.run {
        $0.edgeProof = try! TestProof.settings()
        $0.edgeProof.headers.g2oData = "x-data"
        $0.edgeProof.headers.target = "x-original-uri"
      } _: { server in
        let client = try server.connect()
        let parts = try TestProof.parts()
        let renamed = [
          HeaderField("x-data", parts[0].value), HeaderField("x-akamai-g2o-auth-sign", parts[1].value),
          HeaderField("x-original-uri", parts[2].value),
        ]
        #expect(try client.exchange(.check("post-login", renamed)).status == 200)
        #expect(try client.exchange(.check("post-login", parts.headers)).status == 403)
        let secret = [HeaderField("x-edge-secret", TestProof.secret)]
        #expect(try client.exchange(.check("post-login", secret)).status == 200)
        let lookAlike = [HeaderField("x_edge_secret", TestProof.secret)]
        #expect(try client.exchange(.check("post-login", lookAlike)).status == 403)
      }
    }

    @Test func `the target of a check is what follows the trigger, where no header says it`()
      async throws
    {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        let headers = Array(try TestProof.parts().headers.prefix(2))
        #expect(try client.exchange(.check("post-login" + TestProof.target, headers)).status == 200)
        #expect(try client.exchange(.check("post-login/login", headers)).status == 403)
        #expect(try client.exchange(.check("post-login", headers)).status == 403)
      }
    }

    @Test func `the sign-string takes its parts from the request`() async throws {
      try await TestServer.run {
        $0.edgeProof = try! TestProof.settings()
        $0.edgeProof.g2o?.signString = SignString([.method, .scheme, .hostHeader, .url, .clientAddress])
      } _: { server in
        let client = try server.connect()
        let signed = try TestProof.parts(target: "POSThttpsid.example/login203.0.113.9")
        let headers = signed.headers.prefix(2) + [
          HeaderField("x-forwarded-uri", "/login"), HeaderField("x-forwarded-proto", "https"),
          HeaderField("x-forwarded-method", "POST"), HeaderField("x-forwarded-host", "id.example"),
          HeaderField("x-forwarded-for", "198.51.100.1, 203.0.113.9"),
        ]
        #expect(try client.exchange(.check("post-login", Array(headers))).status == 200)
        for index in 2..<headers.count {
          var less = Array(headers)
          less.remove(at: index)
          #expect(try client.exchange(.check("post-login", less)).status == 403)
        }
      }
    }

    @Test func `a peer is trusted by a name in its certificate, and by no other`() async throws {
      var settings = EdgeProofSettings()
      settings.mode = .require
      settings.trustedPeerNames = [try #require(PeerNamePattern("spiffe://postern.test/client"))]
      try await TestTLS.run(configure: { $0.edgeProof = settings }) { tls in
        try tls.certificates.issue("other", "URI:spiffe://postern.test/other,DNS:localhost")
        let (client, other) = (tls.client(), tls.client("other"))
        func verdict(_ client: PosternClient) async throws -> Verdict {
          try await client.decideOrThrow(LoginRequest(trigger: "post-login")).verdict
        }
        var verdicts = [try await verdict(client), try await verdict(other)]
        #expect(verdicts == [.allow, .deny])
        // Connections that are open are held to new settings at once.
        settings.trustedPeerNames = [try #require(PeerNamePattern("dns:localhost"))]
        try await tls.server.server.use(settings)
        verdicts = [try await verdict(client), try await verdict(other)]
        #expect(verdicts == [.deny, .allow])
        #expect(counts(tls.server) == ["require peerCertificate 2", "require missing 2"])
        #expect(tls.server.server.metrics().doors.handshakes == 2)
        await client.close()
        await other.close()
      }
    }

    /// Without a client CA nobody has verified what a certificate says.
    @Test func `names count only where certificates are verified`() async throws {
      var settings = EdgeProofSettings()
      settings.mode = .require
      settings.trustedPeerNames = [try #require(PeerNamePattern("spiffe://postern.test/client"))]
      try await TestTLS.run(tls: { $0.clientCA = nil }, configure: { $0.edgeProof = settings }) { tls in
        let reply = try await tls.ask(tls.client())
        #expect(reply.verdict == .deny)
        #expect(reply.flags.contains(.unproven))
      }
    }

    @Test func `a trusted peer needs nothing else, over TCP and over a unix socket`() async throws {
      var settings = EdgeProofSettings()
      settings.mode = .require
      settings.trustedPeers = [AddressBlock("127.0.0.0/8")!]
      let path = "/tmp/postern-\(UInt32.random(in: 0 ... .max)).sock"
      for listen in [ListenAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: path)] {
        settings.trustsLocalPeers = false
        try await TestServer.run {
          $0.edgeProof = settings
          $0.listen = [listen]
        } _: { server in
          let client = try server.connect()
          let isTCP = listen != .unix(path: path)
          let verdict = try client.decide([TestDecision()])[0].verdict
          #expect(verdict == (isTCP ? .allow : .deny))
          settings.trustsLocalPeers = true
          try await server.server.use(settings)
          #expect(try client.decide([TestDecision()])[0].verdict == .allow)
          #expect(counts(server).contains("require trustedPeer \(isTCP ? 2 : 1)"))
        }
      }
    }
  }
}
