import Foundation
import PosternClient
import Server
import TestSupport
import Testing
import TLS

extension ServerTests {
  /// The client's side of TLS, and what moves over it.
  @Suite struct TLSClientTests {
    @Test func `a certificate for another name is refused by the client`() async throws {
      let certificates = try TestCertificates()
      try certificates.issue("server", "DNS:elsewhere.test,IP:127.0.0.2")
      try await TestTLS.run(certificates) { tls in
        for host in ["localhost", "127.0.0.1"] {
          let why = await tls.refusal(of: tls.client(host: host))
          #expect(why.contains("for another name"), "\(host): \(why)")
        }
        #expect(tls.server.decisionCount == 0)
      }
    }

    @Test func `a client that speaks TLS to a plain door is told so`() async throws {
      let certificates = try TestCertificates()
      try await TestServer.run { server in
        guard case .tcp(_, let port) = server.server.addresses[0] else { return }
        var configuration = PosternClient.Configuration(
          endpoint: .tls(host: "127.0.0.1", port: port), onFailure: .deny)
        configuration.deadline = .seconds(20)
        configuration.tls = TLSFiles(ca: certificates.ca)
        let client = PosternClient(configuration)
        let outcome = await client.decide(LoginRequest(trigger: "post-login"))
        #expect(outcome.verdict == .deny)
        #expect(outcome.failure.map { "\($0)" }?.contains("speaks no tls there") == true)
        await client.close()
      }
    }

    @Test(arguments: [
      (TLSFiles(ca: "/nonexistent/ca.pem"), "cannot read `/nonexistent/ca.pem`"),
      (TLSFiles(ca: "/dev/null"), "`/dev/null` is no file"),
      (TLSFiles(certificate: "/nonexistent/x.pem"), "needs both"),
      (TLSFiles(certificate: #filePath, key: #filePath), "holds no certificate"),
    ])
    func `a client's file that is wrong is named`(files: TLSFiles, complaint: String) async throws {
      var configuration = PosternClient.Configuration(
        endpoint: .tls(host: "127.0.0.1", port: 1), onFailure: .deny)
      configuration.deadline = .seconds(20)
      configuration.tls = files
      let client = PosternClient(configuration)
      let outcome = await client.decide(LoginRequest(trigger: "post-login"))
      #expect(outcome.verdict == .deny)
      #expect(outcome.failure.map { "\($0)" }?.contains(complaint) == true)
      await client.close()
    }

    @Test func `a client takes up new files when it connects anew`() async throws {
      try await TestTLS.run(tls: { try! $0.allow(["spiffe://postern.test/next"]) }) { tls in
        try tls.certificates.issue("next", "URI:spiffe://postern.test/next")
        let client = tls.client()
        let request = LoginRequest(trigger: "post-login")
        #expect(await client.decide(request).failure != nil)
        for (from, to) in [("next.pem", "client.pem"), ("next.key", "client.key")] {
          let directory = tls.certificates.directory
          try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(from)"))
            .write(to: URL(fileURLWithPath: "\(directory)/\(to)"))
        }
        let answered = try await Self.eventually { await client.decide(request).failure == nil }
        #expect(answered)
        await client.close()
      }
    }

    /// Replies of many records, several at once, over a connection that is read late.
    @Test func `large replies come whole over TLS`() async throws {
      try await TestTLS.run { tls in
        let client = tls.client()
        var request = LoginRequest(trigger: "post-login", explains: true)
        request.context.userID = String(repeating: "u", count: 200)
        let requests = [LoginRequest](repeating: request, count: 256)
        try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<24 {
            group.addTask { try await client.decideOrThrow(requests).decisions.count }
          }
          for try await count in group { #expect(count == 256) }
        }
        await client.close()
      }
    }

    @Test func `a server that stops answers what came over TLS, and says good-bye`() async throws {
      try await TestTLS.run(configure: { $0.drainSeconds = 10 }) { tls in
        let client = tls.client()
        let request = LoginRequest(trigger: "post-login")
        _ = try await client.decideOrThrow(request)
        let asking = Task {
          var count = 0
          // Until the server is gone: no call that it took is lost.
          while true {
            switch await client.decide(request).failure {
            case nil: count += 1
            case .connectionFailed: return count
            case .some(let failure): throw failure
            }
          }
        }
        try await Task.sleep(for: .milliseconds(200))
        let started = Date()
        await tls.server.stop()
        #expect(Date().timeIntervalSince(started) < 8)
        #expect(try await asking.value > 0)
        #expect(tls.log.complaints("did not drain").isEmpty)
        await client.close()
      }
    }

    private static func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
      for _ in 0..<3000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
      }
      return false
    }
  }
}
