import Server
import TestSupport
import Testing

extension ServerTests {
  /// The rules of HTTP/2 for a server, each over a connection of its own.
  @Suite struct ConformanceTests {
    /// The error codes of RFC 9113 7.
    enum Code {
      static let none: UInt32 = 0
      static let protocolError: UInt32 = 1
      static let flowControl: UInt32 = 3
      static let streamClosed: UInt32 = 5
      static let frameSize: UInt32 = 6
      static let refused: UInt32 = 7
      static let compression: UInt32 = 9
    }

    static let all =
      connectionCases + stateCases + frameCases + settingsCases + flowControlCases + messageCases
      + compressionCases

    @Test func `a server keeps to every rule, and after each case answers another client`()
      async throws
    {
      #expect(Self.all.count >= 140)
      #expect(Set(Self.all.map(\.name)).count == Self.all.count)
      try await TestServer.run { server in try Self.runAll(server.address) }
    }

    @Test func `in TLS a server keeps to every rule as well`() async throws {
      try await TestTLS.run { server in
        try await TLSTunnel.run(to: server) { tunnel in try Self.runAll(tunnel.address) }
        // Each case and the other client had a connection of its own.
        let handshakes = server.server.server.metrics().doors.handshakes
        #expect(handshakes == UInt64(Self.all.count + 1))
      }
    }

    private static func runAll(_ address: RawSocket.Address) throws {
      let other = try RawClient(address)
      for one in all {
        do {
          try one.run(address)
        } catch {
          Issue.record("\(one.name): \(error)")
        }
        #expect(try other.exchange(.ping).status == 200, "\(one.name)")
      }
    }

    // MARK: Frames that the cases are made of

    static let block = RawRequest.ping.headerBlock
    static let whole = Frame.endStream | Frame.endHeaders

    /// A request without a body.
    static func get(_ stream: UInt32) -> Frame { Frame(.headers, flags: whole, stream: stream, block) }

    /// The header of a request with a body.
    static func post(_ stream: UInt32, _ headers: [HeaderField] = []) -> Frame {
      Frame(
        .headers, flags: Frame.endHeaders, stream: stream,
        RawRequest("POST", "/v1/ping", headers).headerBlock)
    }

    static func data(_ stream: UInt32, _ payload: [UInt8] = [1, 2, 3], last: Bool = true) -> Frame {
      Frame(.data, flags: last ? Frame.endStream : 0, stream: stream, payload)
    }

    /// A request whose header block is these bytes.
    static func block(_ bytes: [UInt8], stream: UInt32 = 1) -> Frame {
      Frame(.headers, flags: whole, stream: stream, bytes)
    }

    /// A request of these fields and no others.
    static func fields(_ fields: [(String, String)]) -> Frame {
      block(fields.flatMap { HeaderField($0.0, $0.1).encoded })
    }
  }
}
