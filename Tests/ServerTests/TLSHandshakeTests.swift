import Foundation
import NIOCore
import NIOEmbedded
import NIOSSL
import NIOTLS
import PosternClient
import Server
import TestSupport
import Testing
@testable import TLS

extension ServerTests {
  /// Handshakes that are never finished, and floods of them.
  @Suite struct TLSHandshakeTests {
    /// The beginning of a record that promises a long hello.
    private static let half: [UInt8] = [22, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]

    /// All that a client says before it is answered.
    private static func hello() throws -> [UInt8] {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.applicationProtocols = ["h2"]
      let context = try NIOSSLContext(configuration: configuration)
      let channel = EmbeddedChannel(handler: try NIOSSLClientHandler(context: context, serverHostname: nil))
      _ = try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none"))
      let bytes = try #require(try channel.readOutbound(as: ByteBuffer.self))
      return Array(bytes.readableBytesView)
    }

    @Test(arguments: [[], half, Array(half.prefix(1))])
    func `half a handshake is ended in time`(bytes: [UInt8]) async throws {
      try await TestTLS.run(tls: { $0.handshakeSeconds = 1 }) { tls in
        let started = Date()
        let socket = try RawSocket(tls.server.address)
        try socket.send(bytes)
        while try !socket.receive().isEmpty {}
        let seconds = Date().timeIntervalSince(started)
        #expect(seconds >= 0.9 && seconds < 10)
        try await tls.expectRefused(.timeout)
        try await tls.expectLoggedOnce("handshakeSeconds")
        // To what stands behind TLS it has never been there.
        #expect(tls.server.server.metrics().connectionsOpened == 0)
      }
    }

    /// A hello that comes byte by byte does not stretch the time.
    @Test func `a slow handshake is ended in time`() async throws {
      try await TestTLS.run(tls: { $0.handshakeSeconds = 1 }) { tls in
        let socket = try RawSocket(tls.server.address)
        let started = Date()
        try socket.send(Self.half)
        while Date().timeIntervalSince(started) < 10, tls.count(.timeout) == 0 {
          try? socket.send([0])
          try await Task.sleep(for: .milliseconds(20))
        }
        try await tls.expectRefused(.timeout)
        #expect(Date().timeIntervalSince(started) < 5)
      }
    }

    @Test func `a client that leaves during the handshake is counted and not logged`() async throws {
      try await TestTLS.run { tls in
        for _ in 0..<5 {
          let socket = try RawSocket(tls.server.address)
          try socket.send(Self.half)
          socket.close()
        }
        for _ in 0..<5 {
          let socket = try RawSocket(tls.server.address)
          try socket.send(Self.hello())
          // Answered by the server, and then reset.
          #expect(try !socket.receive().isEmpty)
          socket.abort()
        }
        try await tls.expectRefused(.gone, times: 10)
        #expect(tls.log.complaints("").isEmpty)
      }
    }

    /// The oldest of too many handshakes gives way, so that those who do finish come in.
    @Test func `a flood of half handshakes does not keep honest clients out`() async throws {
      try await TestTLS.run(tls: { $0.handshakeCountMax = 8 }) { tls in
        var flood: [RawSocket] = []
        for _ in 0..<8 {
          flood.append(try RawSocket(tls.server.address))
          try flood.last!.send(Self.half)
        }
        // Older than an honest handshake takes.
        try await Task.sleep(for: .milliseconds(400))
        for _ in 0..<4 { try await tls.expectAnswer(tls.client()) }
        #expect(tls.count(.crowdedOut) >= 1)
        for _ in 0..<40 {
          flood.append(try RawSocket(tls.server.address))
          try flood.last!.send(Self.half)
        }
        let arrived = try await tls.server.eventually { tls.count(.crowdedOut) >= 40 }
        #expect(arrived)
        try await tls.expectLoggedOnce("handshakeCountMax")
      }
    }

    /// Whether a socket has been ended by the server.
    private static func hasEnded(_ socket: RawSocket) throws -> Bool { try socket.receiveSome()?.isEmpty == true }

    /// However fast it connects: none of its handshakes is old enough to give way to its own.
    @Test func `a source with most of the handshakes gives way to others, which are spared`() async throws {
      try await TestTLS.run(tls: { $0.handshakeCountMax = 8 }) { tls in
        func connect(_ count: Int, from host: UInt8) throws -> [RawSocket] {
          try (0..<count).map { _ in
            let socket = try RawSocket(tls.server.address, from: host)
            try socket.send(Self.half)
            return socket
          }
        }
        let flood = try connect(8, from: 2)
        let others = try connect(3, from: 3) + connect(1, from: 4)
        #expect(try await tls.server.eventually { try flood.prefix(4).allSatisfy(Self.hasEnded) })
        #expect(try !(flood.suffix(4) + others).contains(where: Self.hasEnded))
        // It has its half, and gets no more of them.
        let more = try connect(4, from: 2)
        #expect(try await tls.server.eventually { tls.count(.crowdedOut) == 8 })
        #expect(try await tls.server.eventually { try (flood + more).count(where: Self.hasEnded) == 8 })
        #expect(try !others.contains(where: Self.hasEnded))
      }
    }

    @Test func `a source may be allowed all handshakes`() async throws {
      let settings: (inout TLSSettings) -> Void = {
        $0.handshakeCountMax = 8
        $0.handshakeSourcePercent = 100
      }
      try await TestTLS.run(tls: settings) { tls in
        let flood = try (0..<8).map { _ in try RawSocket(tls.server.address, from: 2) }
        let other = try RawSocket(tls.server.address, from: 3)
        #expect(try await tls.server.eventually { try (flood + [other]).contains(where: Self.hasEnded) })
        // The newcomer, unless the oldest had grown old by then.
        #expect(try Self.hasEnded(other) || Self.hasEnded(flood[0]))
        #expect(tls.count(.crowdedOut) == 1)
      }
    }

    /// Else it would go on taking a descriptor for as long as TLS waits for a good-bye.
    @Test(arguments: [half, []])
    func `a handshake that gives way is closed at once`(bytes: [UInt8]) async throws {
      try await TestTLS.run(tls: { $0.handshakeCountMax = 1 }) { tls in
        let unfinished = try RawSocket(tls.server.address)
        try unfinished.send(bytes)
        try await Task.sleep(for: .milliseconds(400))
        #expect(tls.count(.crowdedOut) == 0)
        let newcomer = try RawSocket(tls.server.address)
        let started = Date()
        while try !unfinished.receive().isEmpty {}
        #expect(Date().timeIntervalSince(started) < 2)
        #expect(tls.count(.crowdedOut) == 1)
        newcomer.close()
      }
    }

    /// As many as may be under way at once, on whichever of the two loops. A minute of herds with
    /// `POSTERN_THOROUGH=1`.
    @Test func `the handshakes of a herd that comes at once are not broken up`() async throws {
      let isThorough = ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1"
      let end = ContinuousClock.now + .seconds(isThorough ? 60 : 2)
      try await TestTLS.run(tls: { $0.handshakeCountMax = 128 }, configure: { $0.loops = 2 }) { tls in
        var count: UInt64 = 0
        repeat {
          try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
              group.addTask {
                let client = tls.client()
                try await tls.expectAnswer(client)
                await client.close()
              }
            }
            try await group.waitForAll()
          }
          count += 64
        } while ContinuousClock.now < end
        #expect(tls.server.server.metrics().doors.handshakes == count)
        #expect(tls.count(.crowdedOut) == 0)
      }
    }

    @Test(arguments: ["h2", "http/1.1"])
    func `nothing is kept of a connection that has ended`(protocolName: String) throws {
      let certificates = try TestCertificates()
      let settings = TLSSettings(
        certificate: certificates.certificate("server"), key: certificates.key("server"))
      let doors = try TLSDoors(settings, .quiet, TLSCounts(.quiet)) { Int64(Date().timeIntervalSince1970) }
      weak var gate: HandshakeGate?
      weak var tls: NIOSSLServerHandler?
      do {
        let channel = EmbeddedChannel()
        try doors.addHandlers(to: channel, doors.makeQueue(countMax: 1))
        gate = try channel.pipeline.syncOperations.handler(type: HandshakeGate.self)
        tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
        channel.pipeline.fireChannelActive()
        // Admitted, or refused.
        let context = try channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        context.fireUserInboundEventTriggered(
          TLSUserEvent.handshakeCompleted(negotiatedProtocol: protocolName))
        channel.pipeline.fireChannelInactive()
        _ = try? channel.finish(acceptAlreadyClosed: true)
      }
      #expect(gate == nil && tls == nil)
    }

    /// BoringSSL has looked at its dates by its own, and does not for a session that goes on.
    @Test func `a certificate counts by the server's clock when its client is let in`() throws {
      let certificates = try TestCertificates()
      var settings = TLSSettings(
        certificate: certificates.certificate("server"), key: certificates.key("server"))
      settings.clientCA = certificates.ca
      let now = Int64(Date().timeIntervalSince1970)
      // The certificates last for some days.
      for (clock, isLetIn) in [(now, true), (now + 400 * 86_400, false), (now - 400 * 86_400, false)] {
        let counts = TLSCounts(.quiet)
        let doors = try TLSDoors(settings, .quiet, counts) { clock }
        let server = EmbeddedChannel()
        try doors.addHandlers(to: server, doors.makeQueue(countMax: 1))
        server.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        let client = try CarriedTLSClient(certificates)
        for _ in 0..<3 {
          // One that was refused says so by an error.
          _ = try? server.writeInbound(ByteBuffer(bytes: client.takeSealed()))
          while let buffer = try server.readOutbound(as: ByteBuffer.self) {
            _ = try? client.open(Array(buffer.readableBytesView))
          }
        }
        #expect(counts.handshakes == (isLetIn ? 1 : 0))
        let refused = counts.refusals.filter { $0.count > 0 }.map(\.name)
        #expect(refused == (isLetIn ? [] : [TLSRefusal.expiredCertificate.rawValue]))
        server.abandon()
      }
    }

    @Test func `a handshake that is under way at the end is finished, and what it brings is answered`()
      async throws
    {
      try await TestTLS.run(configure: { $0.drainSeconds = 10 }) { tls in
        let socket = try RawSocket(tls.server.address)
        let client = try CarriedTLSClient(tls.certificates)
        try socket.send(client.takeSealed())
        var finished: [UInt8] = []
        while finished.isEmpty {
          let sealed = try socket.receive()
          try #require(!sealed.isEmpty)
          #expect(try client.open(sealed).isEmpty)
          finished = try client.takeSealed()
        }
        client.say(Frame.preface + Frame.settings().bytes + RawRequest.ping.frames(on: 1).flatMap(\.bytes))
        let rest = try finished + client.takeSealed()
        let stopping = Task { await tls.server.stop() }
        try await Task.sleep(for: .milliseconds(300))
        try socket.send(rest)
        var (received, answer): ([UInt8], [UInt8]) = ([], [])
        while answer.isEmpty {
          let sealed = try socket.receive()
          guard !sealed.isEmpty else { break }
          received += try client.open(sealed)
          while let frame = Frame.take(from: &received) {
            if frame.kind == .data { answer += frame.payload }
          }
        }
        #expect(answer == Array("pong\n".utf8))
        socket.close()
        await stopping.value
      }
    }

    @Test func `a connection is told to connect anew after its time`() async throws {
      try await TestTLS.run(tls: { $0.connectionSeconds = 1 }) { tls in
        let client = tls.client()
        let end = Date().addingTimeInterval(20)
        while tls.server.server.metrics().doors.handshakes < 3, Date() < end {
          #expect(try await client.decideOrThrow(LoginRequest(trigger: "post-login")).verdict == .allow)
          try await Task.sleep(for: .milliseconds(20))
        }
        #expect(tls.server.server.metrics().doors.handshakes == 3)
        await client.close()
      }
    }
  }
}
