import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct HeaderLimitTests {
    private static func headers(count: Int) -> [HeaderField] {
      (0..<count).map { HeaderField("x-header-\($0)", "1") }
    }

    @Test func `header bytes over the limit are refused, and the connection lives on`()
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        // The longest header goes in: it is for the tables to judge.
        let fitting = [HeaderField("akamai-bot", String(repeating: "x", count: 15_000))]
        #expect(try client.exchange(.check("post-login", fitting)).status == 403)
        for door in ["/v1/check/post-login", "/v1/decide", "/v1/ping", "/nothing"] {
          let long = [HeaderField("akamai-bot", String(repeating: "x", count: 16_385))]
          let response = try client.exchange(RawRequest("POST", door, long))
          #expect(response.status == 431, "\(door)")
          #expect(response["postern-error"] == "headersTooLarge", "\(door)")
          #expect(try client.isUsable(), "\(door)")
        }
      }
    }

    @Test func `a path over the limit is refused for its length`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let path = "/v1/check/post-login/" + String(repeating: "a", count: 17_000)
        let response = try client.exchange(RawRequest("GET", path))
        #expect(response.status == 431)
        #expect(try client.isUsable())
      }
    }

    @Test func `more headers than the limit are refused, and the connection lives on`()
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        // Four pseudo-headers count as well.
        #expect(try client.exchange(.check("post-login", Self.headers(count: 60))).status == 200)
        let response = try client.exchange(.check("post-login", Self.headers(count: 61)))
        #expect(response.status == 431)
        #expect(response.text.hasPrefix("headersTooLarge: "))
        #expect(server.decisionCount == 1)
        #expect(try client.isUsable())
      }
    }

    /// 100 KiB on the wire that would be 400 MB of headers: one long entry, named again and again.
    @Test func `a header bomb ends its connection, and no other`() async throws {
      try await TestServer.run { server in
        let other = try server.connect()
        let memory = residentByteCount()
        for _ in 0..<10 {
          let client = try server.connect()
          // Literal with incremental indexing, then its index for the rest of the block.
          let entry: [UInt8] =
            [0x40, 0x01, 0x78, 0x7F] + [0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
          let block =
            RawRequest("GET", "/v1/check/post-login").headerBlock + entry
            + [UInt8](repeating: 0xBE, count: 100_000)
          let parts = block.chunks(of: 16_384)
          let frames = parts.enumerated().map { index, part in
            Frame(
              index == 0 ? .headers : .continuation,
              flags: index == parts.count - 1 ? Frame.endHeaders : 0, stream: 1, part)
          }
          // The server may end the connection while this is still being sent.
          try? client.send(frames)
          client.socket.finishSending()
          _ = try? client.readToEnd()
          #expect(client.responses.isEmpty)
          if let goAway = client.goAway { #expect(goAway.code == 11) }
        }
        #expect(residentByteCount() - memory < 32 << 20)
        #expect(try other.isUsable())
        #expect(server.decisionCount == 1)
      }
    }

    @Test func `a peer that breaks the protocol is told so, and its connection ends`() async throws
    {
      try await TestServer.run { server in
        let other = try server.connect()
        let client = try server.connect()
        // DATA on a stream that was never opened.
        try client.send([Frame(.data, flags: Frame.endStream, stream: 5, [1, 2, 3])])
        try client.readToEnd()
        #expect(client.goAway?.code == 1)
        #expect(try other.isUsable())
      }
    }

    @Test func `what is no HTTP/2 at all ends the connection`() async throws {
      try await TestServer.run { server in
        for text in ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}"] {
          let socket = try RawSocket(server.address)
          try socket.send(Array(text.utf8))
          while try !socket.receive().isEmpty {}
        }
        #expect(try server.connect().isUsable())
      }
    }

    /// libnghttp2 counts reads rather than frames here unless it is told to be lenient.
    @Test func `a header block in several frames may come byte by byte`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let headers = [HeaderField("akamai-user-risk", CapturedHeaders.highRisk)]
        let stream = client.takeStreamID()
        let frames = RawRequest.check("post-login", headers)
          .headerFrames(on: stream, endStream: true, frameByteCount: 100)
        #expect(frames.count >= 3)
        for byte in frames.flatMap(\.bytes) { try client.socket.send([byte]) }
        #expect(try client.response(on: stream).status == 401)
      }
    }
  }
}
