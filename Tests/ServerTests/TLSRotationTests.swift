import Foundation
import Logging
import PosternClient
import Server
import TestSupport
import Testing
import TLS

extension ServerTests {
  /// Certificates, keys and roots that change while the server runs.
  @Suite struct TLSRotationTests {
    /// 100 in `ops/test --thorough`.
    private static let rotationCount =
      ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1" ? 100 : 20

    @Test func `no call fails while certificates are rotated by swapped links`() async throws {
      let certificates = try TestCertificates()
      let served = try Generations(certificates)
      try await TestTLS.run(certificates, tls: served.use) { tls in
        let looks = try await withThrowingTaskGroup(of: Int.self) { group in
          let isOver = Flag()
          // One that stays connected, and one that connects for each question.
          group.addTask {
            let client = tls.client()
            var count = 0
            while !isOver.isRaised {
              _ = try await client.decideOrThrow(LoginRequest(trigger: "post-login"))
              count += 1
              await Task.yield()
            }
            await client.close()
            return count
          }
          group.addTask {
            var count = 0
            while !isOver.isRaised {
              try await tls.expectAnswer(tls.client())
              count += 1
            }
            return count
          }
          for number in 1...Self.rotationCount {
            try served.swap(to: number)
            #expect(tls.server.server.tls?.look(force: false) == .loaded, "rotation \(number)")
            let serial = try served.serial(port: tls.port)
            #expect(serial == served.serials[number % 2], "rotation \(number)")
          }
          isOver.raise()
          return try await group.reduce(0, +)
        }
        #expect(looks > Self.rotationCount)
        #expect(tls.server.server.metrics().doors.refusals.allSatisfy { $0.count == 0 })
        #expect(tls.server.server.metrics().doors.tlsLoads == UInt64(Self.rotationCount) + 1)
        #expect(tls.server.server.tls?.look(force: false) == .unchanged)
      }
    }

    /// What is wrong with a file, and what the log says of it.
    @Test(arguments: [
      ("no certificate", "server.pem", "BEGIN CERTIFICATE"), ("", "server.pem", "is empty"),
      ("no key", "server.key", "holds no private key"), ("no root", "ca.pem", "BEGIN CERTIFICATE"),
    ])
    func `a bad file is refused and named, and the last good ones serve`(
      text: String, file: String, complaint: String
    ) async throws {
      let certificates = try TestCertificates()
      try await TestTLS.run(certificates) { tls in
        let path = "\(certificates.directory)/\(file)"
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        let client = tls.client()
        _ = try await client.decideOrThrow(LoginRequest(trigger: "post-login"))
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        guard case .refused(let error)? = tls.server.server.tls?.look(force: false) else {
          return #expect(Bool(false), "it was taken")
        }
        #expect(error.path == path && error.description.contains(complaint), "\(error)")
        #expect(tls.log.lines.contains { $0.level == .error && $0.text.contains(path) })
        #expect(tls.server.server.metrics().doors.tlsLoadsRefused == 1)
        _ = try await client.decideOrThrow(LoginRequest(trigger: "post-login"))
        let text = try OpenSSL.connect(
          port: tls.port, ["-alpn", "h2", "-CAfile", certificates.ca, "-verify_return_error"])
        #expect(file == "ca.pem" || text.contains("Verify return code: 0"))
        // Nothing new is nothing to complain about again.
        #expect(tls.server.server.tls?.look(force: false) == .unchanged)
        try good.write(to: URL(fileURLWithPath: path))
        #expect(tls.server.server.tls?.look(force: false) == .loaded)
        try await tls.expectAnswer(tls.client())
        await client.close()
      }
    }

    @Test func `a key of another certificate is refused`() async throws {
      let certificates = try TestCertificates()
      try await TestTLS.run(certificates) { tls in
        try certificates.issue("other", "DNS:localhost,IP:127.0.0.1")
        let key = try Data(contentsOf: URL(fileURLWithPath: certificates.key("other")))
        try key.write(to: URL(fileURLWithPath: certificates.key("server")))
        guard case .refused(let error)? = tls.server.server.tls?.look(force: false) else {
          return #expect(Bool(false), "it was taken")
        }
        #expect(error.description.contains("is not the key of the certificate"))
        try await tls.expectAnswer(tls.client())
      }
    }

    @Test func `a key that everybody may read is refused`() async throws {
      let certificates = try TestCertificates()
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o644], ofItemAtPath: certificates.key("server"))
      let error = await #expect(throws: ServerError.self) {
        try await TestTLS.run(certificates) { _ in }
      }
      #expect(error?.description.contains("chmod o-rw") == true)
    }

    @Test func `a certificate that has ended does not replace one that has not`() async throws {
      let certificates = try TestCertificates()
      try await TestTLS.run(certificates) { tls in
        try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", days: -1)
        guard case .refused(let error)? = tls.server.server.tls?.look(force: false) else {
          return #expect(Bool(false), "it was taken")
        }
        #expect(error.description.contains("has ended"))
        try await tls.expectAnswer(tls.client())
      }
    }

    @Test func `a certificate that has not begun, and roots that have ended, replace nothing`() async throws {
      let certificates = try TestCertificates()
      let roots = URL(fileURLWithPath: certificates.directory + "/roots.pem")
      try Data(contentsOf: URL(fileURLWithPath: certificates.ca)).write(to: roots)
      try await TestTLS.run(certificates, tls: { $0.clientCA = roots.path }) { tls in
        func refusal() -> String {
          guard case .refused(let error)? = tls.server.server.tls?.look(force: false) else { return "" }
          return error.description
        }
        try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", days: 9, inAMonth: true)
        #expect(refusal().contains("has not begun"))
        try await tls.expectAnswer(tls.client())
        try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", days: 9)
        #expect(refusal() == "")
        try certificates.issue("ended", "DNS:ended", days: -1)
        try Data(contentsOf: URL(fileURLWithPath: certificates.certificate("ended"))).write(to: roots)
        #expect(refusal().contains("no root that holds now"))
        try await tls.expectAnswer(tls.client())
      }
    }

    @Test func `a certificate that ends soon is told of, and so are its days`() async throws {
      let certificates = try TestCertificates()
      try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", days: 3)
      try await TestTLS.run(certificates) { tls in
        try await tls.expectLoggedOnce("ends soon")
        let days = try #require(tls.server.server.metrics().doors.certificateDays.first?.days)
        #expect((2.9...3).contains(days))
        let ends = try #require(tls.server.server.tls).ends
        #expect(ends.map(\.path).contains(certificates.certificate("server")))
        #expect(ends.allSatisfy { !$0.isFatal && $0.description.contains(" days; renew it") })
      }
      try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", days: -1)
      try await TestTLS.run(certificates) { tls in
        let days = try #require(tls.server.server.metrics().doors.certificateDays.first?.days)
        #expect((-1.1...(-0.9)).contains(days))
        let ends = try #require(tls.server.server.tls).ends.filter(\.isFatal)
        #expect(ends.map(\.path) == [certificates.certificate("server")])
        #expect(ends.first?.description.contains("has ended; put a renewed one there") == true)
        #expect(await tls.refusal(of: tls.client()).contains("certificate has ended"))
      }
    }

    @Test func `a root that is taken away lets nobody in any more`() async throws {
      let (certificates, others) = (try TestCertificates(), try TestCertificates())
      let roots = URL(fileURLWithPath: certificates.directory + "/roots.pem")
      try Data(contentsOf: URL(fileURLWithPath: certificates.ca)).write(to: roots)
      try await TestTLS.run(certificates, tls: { $0.clientCA = roots.path }) { tls in
        #expect(await tls.refusal(of: tls.client(by: others)) != "")
        let both = try Data(contentsOf: URL(fileURLWithPath: certificates.ca))
          + Data(contentsOf: URL(fileURLWithPath: others.ca))
        try both.write(to: roots)
        #expect(tls.server.server.tls?.look(force: false) == .loaded)
        try await tls.expectAnswer(tls.client(by: others))
        try Data(contentsOf: URL(fileURLWithPath: others.ca)).write(to: roots)
        #expect(tls.server.server.tls?.look(force: false) == .loaded)
        #expect(await tls.refusal(of: tls.client()) != "")
        try await tls.expectAnswer(tls.client(by: others))
        #expect(tls.count(.unknownCA) == 2)
      }
    }

    @Test func `a file that could not be read once is read at the next look, unchanged`() async throws {
      let certificates = try TestCertificates()
      try await TestTLS.run(certificates) { tls in
        let path = "\(certificates.directory)/ca.pem"
        let others = try TestCertificates()
        try Data(contentsOf: URL(fileURLWithPath: others.ca)).write(to: URL(fileURLWithPath: path))
        withoutDescriptors {
          guard case .refused? = tls.server.server.tls?.look(force: false) else {
            return #expect(Bool(false), "it was taken")
          }
        }
        #expect(tls.server.server.tls?.look(force: false) == .loaded)
        #expect(await tls.refusal(of: tls.client()) != "")
        #expect(tls.server.server.tls?.look(force: false) == .unchanged)
      }
    }
  }
}

/// Two pairs of certificate and key behind a link that is swapped, as Kubernetes mounts a secret.
private struct Generations {
  private let certificates: TestCertificates
  /// Of the two certificates, as OpenSSL prints them.
  let serials: [String]

  init(_ certificates: TestCertificates) throws {
    self.certificates = certificates
    var serials: [String] = []
    for name in ["0", "1"] {
      try certificates.issue(name, "DNS:localhost,IP:127.0.0.1", days: 90)
      let folder = "\(certificates.directory)/generation-\(name)"
      let files = FileManager.default
      try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
      try files.moveItem(atPath: certificates.certificate(name), toPath: folder + "/tls.crt")
      try files.moveItem(atPath: certificates.key(name), toPath: folder + "/tls.key")
      serials.append(try OpenSSL.serial(of: folder + "/tls.crt"))
    }
    self.serials = serials
    try swap(to: 0)
  }

  @Sendable func use(_ settings: inout TLSSettings) {
    settings.certificate = certificates.directory + "/data/tls.crt"
    settings.key = certificates.directory + "/data/tls.key"
  }

  func swap(to number: Int) throws {
    let new = certificates.directory + "/data.new"
    try FileManager.default.createSymbolicLink(
      atPath: new, withDestinationPath: "generation-\(number % 2)")
    let status = unsafe rename(new, certificates.directory + "/data")
    #expect(status == 0)
  }

  /// Of the certificate that the server shows.
  func serial(port: Int) throws -> String {
    let text = try OpenSSL.connect(
      port: port,
      ["-alpn", "h2", "-showcerts", "-cert", certificates.certificate("client"), "-key"]
        + [certificates.key("client")])
    let begin = try #require(text.range(of: "-----BEGIN CERTIFICATE-----"))
    let end = try #require(text.range(of: "-----END CERTIFICATE-----\n"))
    let file = certificates.directory + "/shown.pem"
    try String(text[begin.lowerBound..<end.upperBound])
      .write(toFile: file, atomically: true, encoding: .utf8)
    return try OpenSSL.serial(of: file)
  }
}
