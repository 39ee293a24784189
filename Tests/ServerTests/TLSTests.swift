import EdgeProof
import Foundation
import PosternClient
import Server
import TestSupport
import Testing
import TLS

extension ServerTests {
  /// TLS over real sockets: who is let in, and how everybody else is refused.
  @Suite struct TLSTests {
    @Test func `a client with a certificate of the CA is answered over TLS 1.3`() async throws {
      try await TestTLS.run { tls in
        try await tls.expectAnswer(tls.client())
        try await tls.expectAnswer(tls.client(host: "localhost"))
        let metrics = tls.server.server.metrics()
        #expect(metrics.doors.handshakes == 2)
        #expect(metrics.doors.refusals.allSatisfy { $0.count == 0 })
        #expect(metrics.doors.certificateDays.map(\.certificate) == ["server", "client-ca"])
        #expect(metrics.doors.certificateDays.allSatisfy { (89..<3651).contains($0.days) })
      }
    }

    @Test func `ALPN has h2, and who does not offer it is refused`() async throws {
      try await TestTLS.run(tls: { $0.clientCA = nil }) { tls in
        let text = try OpenSSL.connect(port: tls.port, ["-alpn", "http/1.1,h2"])
        #expect(text.contains("ALPN protocol: h2"))
        #expect(text.contains("TLSv1.3"))
        _ = try OpenSSL.connect(port: tls.port, ["-alpn", "http/1.1"])
        _ = try OpenSSL.connect(port: tls.port, [])
        try await tls.expectRefused(.noHTTP2, times: 2)
        try await tls.expectLoggedOnce("by ALPN")
      }
    }

    @Test func `without a client CA nobody is asked for a certificate`() async throws {
      try await TestTLS.run(tls: { $0.clientCA = nil }) { tls in
        try await tls.expectAnswer(tls.client(nil))
      }
    }

    @Test func `a client without a certificate is refused`() async throws {
      try await TestTLS.run { tls in
        #expect(await tls.refusal(of: tls.client(nil)).contains("asks for a client certificate"))
        try await tls.expectRefused(.noCertificate)
        try await tls.expectLoggedOnce("tls.clientCA")
      }
    }

    @Test func `a certificate of another CA is refused`() async throws {
      let strangers = try TestCertificates()
      try await TestTLS.run { tls in
        for _ in 0..<3 { #expect(await tls.refusal(of: tls.client(by: strangers)) != "") }
        try await tls.expectRefused(.unknownCA, times: 3)
        try await tls.expectLoggedOnce("add its root")
      }
    }

    /// What a server shows to everybody must not let anybody in who has stolen only that.
    @Test func `a certificate that is for servers only is no client's`() async throws {
      try await TestTLS.run { tls in
        #expect(await tls.refusal(of: tls.client("server")) != "")
        try await tls.expectRefused(.unknownCA)
      }
    }

    @Test func `an expired certificate is refused`() async throws {
      try await TestTLS.run { tls in
        try tls.certificates.issue("old", "URI:spiffe://postern.test/client", days: -1)
        #expect(await tls.refusal(of: tls.client("old")) != "")
        try await tls.expectRefused(.expiredCertificate)
        try await tls.expectLoggedOnce("renew it")
      }
    }

    @Test(arguments: [
      "spiffe://postern.test/client", "spiffe://postern.test/*", "uri:spiffe://postern.test/client",
    ])
    func `a client whose name is listed is let in`(name: String) async throws {
      try await TestTLS.run(tls: { try! $0.allow([name]) }) { tls in
        try await tls.expectAnswer(tls.client())
      }
    }

    @Test(arguments: [
      ("DNS:gateway.test", "dns:Gateway.test"), ("IP:10.0.0.7", "ip:10.0.0.7"),
      ("IP:2001:db8::7", "ip:2001:db8::7"), ("URI:urn:gateway", "uri:urn:gateway"),
      ("DNS:other.test,DNS:gateway.test", "dns:gateway.test"),
    ])
    func `host names, addresses and URIs are names`(has: String, listed: String) async throws {
      try await TestTLS.run(tls: { try! $0.allow(["dns:nobody.test", listed]) }) { tls in
        try tls.certificates.issue("named", has)
        try await tls.expectAnswer(tls.client("named"))
        #expect(await tls.refusal(of: tls.client()) != "")
        try await tls.expectRefused(.nameNotAllowed)
      }
    }

    /// No name that merely resembles a listed one lets anybody in.
    @Test func `a name that resembles a listed one is refused`() async throws {
      let listed = [
        "dns:gateway.test", "ip:10.0.0.7", "spiffe://postern.test/client",
        "spiffe://postern.test/team/*",
      ]
      let resembling = [
        "DNS:gateway.test.evil", "DNS:evil-gateway.test", "DNS:*.test", "URI:dns:gateway.test",
        "URI:gateway.test", "IP:10.0.0.8", "DNS:10.0.0.7", "URI:spiffe://postern.test/client/more",
        "URI:spiffe://postern.test.evil/client", "URI:spiffe://postern.test/team/../client",
        "URI:spiffe://postern.test/team/", "URI:spiffe://postern.test/team//x",
        "URI:spiffe://postern.test/team/a,URI:spiffe://postern.test/team/b", "email:gateway.test",
        "URI:spiffe://POSTERN.test/client", "otherName:1.2.3.4;UTF8:gateway.test",
      ]
      try await TestTLS.run(tls: { try! $0.allow(listed) }) { tls in
        for (index, names) in resembling.enumerated() {
          try tls.certificates.issue("named", names)
          #expect(await tls.refusal(of: tls.client("named")) != "", "\(names)")
          try await tls.expectRefused(.nameNotAllowed, times: UInt64(index) + 1)
        }
        try await tls.expectLoggedOnce("tls.clients")
        #expect(tls.server.decisionCount == 0)
        try tls.certificates.issue("named", "URI:spiffe://postern.test/team/a")
        try await tls.expectAnswer(tls.client("named"))
      }
    }

    @Test(arguments: ["-tls1_1", "-tls1_2"])
    func `an older version is refused`(version: String) async throws {
      try await TestTLS.run(tls: { $0.clientCA = nil }) { tls in
        let text = try OpenSSL.connect(
          port: tls.port, [version, "-alpn", "h2", "-cipher", "DEFAULT@SECLEVEL=0"])
        #expect(text.contains("alert protocol version"))
        try await tls.expectRefused(.oldVersion)
        try await tls.expectLoggedOnce("tls.versionMin")
      }
    }

    @Test func `TLS 1.2 is spoken where a setting says so, and 1.1 is not`() async throws {
      try await TestTLS.run(
        tls: {
          $0.clientCA = nil
          $0.versionMin = .tls12
        }
      ) { tls in
        let spoken = try OpenSSL.connect(port: tls.port, ["-tls1_2", "-alpn", "h2"])
        #expect(spoken.contains("ALPN protocol: h2"))
        // Neither without forward secrecy nor without authenticated encryption (RFC 9113 9.2.2).
        let weak = try OpenSSL.connect(
          port: tls.port, ["-tls1_2", "-alpn", "h2", "-cipher", "ECDHE-ECDSA-AES128-SHA:AES128-GCM-SHA256"])
        #expect(weak.contains("alert handshake failure"))
        let old = try OpenSSL.connect(
          port: tls.port, ["-tls1_1", "-alpn", "h2", "-cipher", "DEFAULT@SECLEVEL=0"])
        #expect(old.contains("alert protocol version"))
        #expect(tls.count(.oldVersion) == 1)
      }
    }

    @Test func `what else goes wrong is logged in BoringSSL's words, without places of its sources`() async throws {
      try await TestTLS.run(tls: { $0.clientCA = nil }) { tls in
        let text = try OpenSSL.connect(port: tls.port, ["-alpn", "h2", "-groups", "P-384"])
        #expect(text.contains("alert handshake failure"))
        try await tls.expectRefused(.other)
        try await tls.expectLoggedOnce("detail=NO_SHARED_GROUP")
      }
    }

    @Test func `plain text on a door with TLS is refused`() async throws {
      try await TestTLS.run { tls in
        for text in ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\0\0\0"] {
          let socket = try RawSocket(tls.server.address)
          try socket.send(Array(text.utf8))
          while try !socket.receive().isEmpty {}
        }
        try await tls.expectRefused(.notTLS, times: 3)
        try await tls.expectLoggedOnce("speaks no tls")
        try await tls.expectAnswer(tls.client())
      }
    }

    @Test func `TLS on a plain door is refused, beside one that speaks it`() async throws {
      try await TestTLS.run(configure: { $0.plainListen = [.tcp(host: "127.0.0.1", port: 0)] }) { tls in
        guard case .tcp(_, let port) = tls.server.server.addresses[1] else { return }
        #expect(try RawClient(.tcp(port: port)).isUsable())
        let text = try OpenSSL.connect(port: port, ["-alpn", "h2"])
        #expect(text.contains("wrong version number"))
        try await tls.expectRefused(.tlsOnPlainDoor)
        try await tls.expectLoggedOnce("on a door without it")
        try await tls.expectAnswer(tls.client())
      }
    }

    @Test func `every reason for a refusal is in the documentation`() throws {
      let text = try String(
        contentsOf: TestTables.repository.appendingPathComponent("ops/tls.md"), encoding: .utf8)
      for reason in TLSRefusal.allCases {
        #expect(text.contains("| `\(reason.rawValue)` |"), "\(reason)")
      }
    }

    @Test func `a client that distrusts the server's certificate is told apart`() async throws {
      let strangers = try TestCertificates()
      try await TestTLS.run(tls: { $0.clientCA = nil }) { tls in
        let text = try OpenSSL.connect(
          port: tls.port, ["-alpn", "h2", "-verify_return_error", "-CAfile", strangers.ca])
        #expect(text.contains("certificate verify failed"))
        #expect(await tls.refusal(of: tls.client(trusting: strangers)).contains("name its root as the ca"))
        try await tls.expectRefused(.refusedByClient, times: 2)
      }
    }

    @Test func `a resumed session is held to what holds now`() async throws {
      try await TestTLS.run(
        tls: { try! $0.allow(["spiffe://postern.test/client"]) }, configure: { $0.idleSeconds = 1 }
      ) { tls in
        let session = tls.certificates.directory + "/session"
        func connect(_ more: [String]) throws -> String {
          try OpenSSL.connect(
            port: tls.port,
            ["-alpn", "h2", "-cert", tls.certificates.certificate("client"), "-key"]
              + [tls.certificates.key("client")] + more)
        }
        // It sends nothing and waits for tickets; the server ends what stays silent.
        _ = try connect(["-sess_out", session, "-ign_eof"])
        let resumed = try connect(["-sess_in", session])
        #expect(resumed.contains("Reused, TLSv1.3"))
        #expect(tls.server.server.tls?.look(force: true) == .loaded)
        #expect(try connect(["-sess_in", session]).contains("New, TLSv1.3"), "new files, new tickets")
      }
    }
  }
}

extension TLSSettings {
  /// Lets in who has one of these names.
  mutating func allow(_ names: [String]) throws {
    clients = try names.map { try #require(PeerNamePattern($0)) }
  }
}
