import EdgeProof
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Where proof is required, nothing that is done to it, or to the headers, makes the verdict milder.
  @Suite struct EdgeProofStrictnessTests {
    static let triggers = ["post-login", "pre-user-registration"]

    @Test func `no wrong proof is better than the right one, by message`() async throws {
      #expect(ExampleHeaders.all.count >= 22)
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        for example in ExampleHeaders.all {
          for trigger in Self.triggers {
            let proven = try client.decide([example.decision(trigger, try TestProof.parts())])[0]
            #expect(!proven.flags.contains(.unproven), "\(example.file)")
            let wrong = try TestProof.wrong()
            let replies = try client.decide(wrong.map { example.decision(trigger, $0.parts) })
            for (reply, wrong) in zip(replies, wrong) {
              #expect(reply.verdict >= proven.verdict, "\(example.file), \(wrong.name)")
              #expect(reply.wouldBe >= proven.wouldBe, "\(example.file), \(wrong.name)")
              #expect(reply.flags.isSuperset(of: [.unproven, .unverifiedSignal]), "\(wrong.name)")
            }
          }
        }
      }
    }

    @Test func `no wrong proof is better than the right one, by check`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        for example in ExampleHeaders.all {
          let good = example.headers + (try TestProof.parts()).headers
          let proven = try client.exchange(.check("post-login", good))
          let verdict = try #require(Verdict(name: proven["postern-verdict"] ?? ""))
          // HTTP/2 itself refuses a value that ends in a space.
          for wrong in try TestProof.wrong() where wrong.name != "an empty key id" {
            let headers = example.headers + wrong.parts.headers
            let response = try client.exchange(.check("post-login", headers))
            if wrong.name == "a target twice" {
              // It would be the path twice as well.
              #expect(response["postern-error"] == "duplicateField")
              continue
            }
            let other = try #require(Verdict(name: response["postern-verdict"] ?? ""), "\(wrong.name)")
            #expect(other >= verdict, "\(example.file), \(wrong.name)")
            #expect(response["postern-flags"] == "unverifiedSignal, unproven", "\(wrong.name)")
          }
        }
      }
    }

    /// Who asks sets the budget: with the shipped tables `onLate` is milder than what is due without proof.
    @Test func `to be late is no way around the proof`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        let wrong = try TestProof.wrong()
        var lateCount = 0
        for example in ExampleHeaders.all {
          for trigger in Self.triggers {
            let inTime = try client.decide(wrong.map { example.decision(trigger, $0.parts) })
            let late = try client.decide(
              wrong.map { wrong in
                var decision = example.decision(trigger, wrong.parts)
                decision.budgetMicroseconds = 1
                return decision
              })
            for (late, inTime) in zip(late, inTime) {
              #expect(late.verdict >= inTime.verdict, "\(example.file)")
              #expect(late.flags.contains(.unproven))
              #expect(late.provenance == inTime.provenance)
              if late.flags.contains(.late) { lateCount += 1 }
            }
          }
        }
        #expect(lateCount > ExampleHeaders.all.count * wrong.count)
        var proven = TestDecision(budgetMicroseconds: 1, proof: try TestProof.parts())
        proven.flags = .explain
        let reply = try client.decide([proven])[0]
        #expect(reply.verdict == .mfa)
        #expect(reply.flags == .late)
        #expect(reply.provenance == .g2o)
        let forged = try client.exchange(.check("post-login", [HeaderField("postern-budget-us", "1")]))
        #expect(forged["postern-verdict"] == "deny")
        #expect(forged["postern-flags"] == "late, unverifiedSignal, unproven")
      }
    }

    /// Where it is stronger than what the tables say, it holds; who only observes verifies nothing late.
    @Test func `the stronger of both holds for what is late and without proof`() async throws {
      let source = """
        ---
        trigger: post-login
        hitPolicy: FIRST
        mode: enforce
        onLate: revoke
        ---
        ## Rules
        | rule | akamaiUserRisk.score | verdict |
        |---|---|---|
        | unproven | unverified | deny |
        | other | - | allow |
        """
      let watched = source.replacing("mode: enforce", with: "mode: audit").replacing("deny", with: "revoke")
        .replacing("trigger:", with: "order: 1\ntrigger:")
      let tables = try TestTables.set(
        source.replacing("onLate: revoke", with: "onLate: deny").replacing("| deny |", with: "| mfa |"), watched)
      for mode in [EdgeProofMode.require, .observe] {
        try await TestServer.run(tables: tables) {
          $0.edgeProof = try! TestProof.settings(mode)
        } _: { server in
          let reply = try server.connect().decide([TestDecision(budgetMicroseconds: 1)])[0]
          #expect(reply.verdict == .deny)
          #expect(reply.wouldBe == (mode == .require ? .revoke : .deny))
          #expect(reply.rule == 0)
          #expect(reply.flags == (mode == .require ? [.late, .unproven] : .late))
          #expect(reply.provenance == (mode == .require ? .missing : nil))
        }
      }
    }

    @Test func `to leave the headers out is no way around the proof`() async throws {
      try await TestServer.run { $0.edgeProof = try! TestProof.settings() } _: { server in
        let client = try server.connect()
        for trigger in Self.triggers {
          var strongest = Verdict.allow
          for example in ExampleHeaders.all {
            let proof = try TestProof.parts()
            strongest = max(
              strongest, try client.decide([example.decision(trigger, proof)])[0].verdict)
          }
          #expect(strongest == .deny)
          #expect(try client.decide([TestDecision(trigger: trigger)])[0].verdict >= strongest)
        }
      }
    }

    @Test(arguments: ["post-login-revoke", "post-login-review"])
    func `nor by the tables that can be served instead`(table: String) async throws {
      try await TestServer.run(tables: TestTables.alternative(table)) {
        $0.edgeProof = try! TestProof.settings()
      } _: { server in
        let client = try server.connect()
        for example in ExampleHeaders.all {
          let replies = try client.decide([
            example.decision("post-login", try TestProof.parts()), example.decision("post-login", []),
          ])
          #expect(replies[1].verdict >= replies[0].verdict, "\(example.file)")
        }
      }
    }

    /// Else it could have one path proven, and another decided.
    @Test(arguments: [true, false])
    func `who is no proxy proves the path that it asks about`(isProxy: Bool) async throws {
      try await TestServer.run {
        $0.edgeProof = try! TestProof.settings()
        if !isProxy { $0.forwardedFrom = [] }
      } _: { server in
        let client = try server.connect()
        let proven = try client.exchange(.check("post-login", TestProof.parts().headers))
        #expect(proven["postern-flags"]?.contains("unproven") != true)
        let other = try client.exchange(.check("post-login/admin", TestProof.parts().headers))
        #expect((other["postern-flags"]?.contains("unproven") == true) == !isProxy)
        #expect(server.server.metrics().ignoredForwardedHeaders == (isProxy ? 0 : 1))
      }
    }

    @Test func `a replay is no better than the request that was`() async throws {
      try await TestServer.run {
        $0.edgeProof = try! TestProof.settings()
        $0.edgeProof.replayCapacity = 4096
        $0.loops = 2
      } _: { server in
        for example in ExampleHeaders.all {
          let proof = try TestProof.parts()
          let clients = try (0..<3).map { _ in try server.connect() }
          let replies = try clients.map { try $0.decide([example.decision("post-login", proof)])[0] }
          #expect(!replies[0].flags.contains(.unproven))
          for reply in replies.dropFirst() {
            #expect(reply.flags.contains(.unproven))
            #expect(reply.verdict >= replies[0].verdict, "\(example.file)")
          }
        }
        let counts = server.server.metrics().edgeProofs.map { "\($0.outcome) \($0.count)" }
        #expect(
          counts == ["g2o \(ExampleHeaders.all.count)", "replayed \(2 * ExampleHeaders.all.count)"])
      }
    }
  }
}
