import Foundation
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct VectorTests {
    @Test func `every invalid request is refused as documented, and the connection lives on`()
      async throws
    {
      let vectors = try RequestVector.load("invalid")
      let statuses = try RequestVector.statuses()
      #expect(vectors.count >= 40)
      try await TestServer.run { server in
        let client = try server.connect()
        for (index, vector) in vectors.enumerated() {
          let words = try #require(vector.expected.first).split(separator: " ").map(String.init)
          let response = try client.exchange(.decide(vector.bytes))
          #expect(response.status == statuses[words[0]], "\(vector)")
          let refusal = try response.refusal()
          #expect(["\(refusal.code)", "@", "\(refusal.offset)"] == words, "\(vector)")
          #expect(response["postern-error"] == words[0], "\(vector)")
          #expect(response["postern-error-offset"] == words[2], "\(vector)")
          #expect(response["content-type"] == "application/vnd.postern.v1", "\(vector)")
          #expect(server.decisionCount == UInt64(index), "\(vector) decided something")
          #expect(try client.isUsable(), "\(vector)")
        }
        #expect(server.server.metrics().flags.allSatisfy { $0.count == 0 })
      }
    }

    @Test func `every valid request is answered`() async throws {
      let vectors = try RequestVector.load("valid")
      #expect(vectors.count >= 15)
      let known = TriggerRegistry.builtIn
      try await TestServer.run { server in
        let client = try server.connect()
        for vector in vectors {
          let decisions = vector.expected.filter { $0.hasPrefix("decision ") }
          let triggers = decisions.map { line in
            String(line.components(separatedBy: "trigger=\"")[1].prefix { $0 != "\"" })
          }
          let response = try client.exchange(.decide(vector.bytes))
          if triggers.allSatisfy(known.contains) {
            #expect(response.status == 200, "\(vector)")
            #expect(try response.reply().decisions.count == decisions.count, "\(vector)")
          } else {
            #expect(response.status == 404, "\(vector)")
            #expect(response["postern-error"] == "unknownTrigger", "\(vector)")
          }
        }
      }
    }

    @Test func `a message cut at any byte is refused there`() async throws {
      let whole = message([TestDecision(correlationID: 7, userRisk: "status=0;score=92")])
      try await TestServer.run { server in
        let client = try server.connect()
        for count in 0..<whole.count {
          let response = try client.exchange(.decide(Array(whole[..<count])))
          #expect(response.status == 400)
          #expect(try response.refusal().code == .truncated, "cut at \(count)")
          #expect(try response.refusal().offset == count, "cut at \(count)")
        }
        #expect(server.decisionCount == 0)
        #expect(try client.exchange(.decide(whole)).reply().decisions[0].verdict == .mfa)
        #expect(server.refusalCount(.truncated) == UInt64(whole.count))
      }
    }
  }
}
