import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Rows of the attack table that are floods: what is sent is cheap, and too much.
  @Suite struct FloodTests {
    private static let ping = RawRequest.ping

    @Test func `requests reset as fast as they are made end the connection`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .rapidReset).run(on: server) { client in
          for _ in 0..<20 {
            try client.send(
              (0..<100).flatMap { _ in
                let stream = client.takeStreamID()
                return Self.ping.frames(on: stream) + [.reset(stream)]
              })
          }
        }
      }
    }

    @Test(arguments: ResetPrimitive.allCases)
    func `a peer that makes the server reset its streams is sent away`(primitive: ResetPrimitive)
      async throws
    {
      try await TestServer.run { server in
        // Before it is enough: each is reset for itself, and the connection stays.
        let client = try server.connect()
        let stream = client.takeStreamID()
        try client.send(primitive.frames(on: stream))
        // Some are answered first.
        while client.responses[stream]?.resetCode == nil { try client.receive() }
        #expect(try client.isUsable(), "\(primitive)")
        client.socket.close()
        // The library reports some of them and only resets for others.
        let other = try server.connect()
        let hostile = try server.connect()
        // One burst after the other: all at once would be more streams than may be open.
        for _ in 0..<20 {
          try? hostile.send((0..<20).flatMap { _ in primitive.frames(on: hostile.takeStreamID()) })
          _ = try? hostile.isUsable()
        }
        hostile.socket.finishSending()
        try hostile.readToEnd()
        #expect(hostile.goAway?.code == 11, "\(primitive)")
        let count = server.offenceCount(.inducedReset) + server.offenceCount(.invalidFrame)
        #expect(count == 1, "\(primitive)")
        #expect(try other.isUsable(), "\(primitive)")
      }
    }

    /// What could be made to reset streams without end as well, and is no stream's affair here.
    private enum Ender: String, CaseIterable {
      case windowUpdateOfNothing, ownParent, shortPriority, dataBehindTheEnd, headersBehindTheEnd

      func frames(on stream: UInt32) -> [Frame] {
        let request = ping.frames(on: stream)
        let parent = (0..<4).map { UInt8(truncatingIfNeeded: stream >> (24 - 8 * $0)) } + [16]
        return switch self {
        case .windowUpdateOfNothing:
          RawRequest("POST", "/v1/ping").headerFrames(on: stream, endStream: false)
            + [.windowUpdate(stream, 0)]
        case .ownParent:
          [
            Frame(
              .headers, flags: Frame.endHeaders | Frame.endStream | 0x20, stream: stream,
              parent + ping.headerBlock)
          ]
        case .shortPriority: [Frame(.priority, stream: stream, Array(parent.dropLast()))]
        case .dataBehindTheEnd: request + [Frame(.data, stream: stream, [1])]
        case .headersBehindTheEnd: request + request
        }
      }
    }

    @Test(arguments: Ender.allCases)
    private func `a connection does not outlive what is an error of the connection`(ender: Ender)
      async throws
    {
      try await TestServer.run { server in
        let other = try server.connect()
        let hostile = try server.connect()
        try hostile.send(ender.frames(on: hostile.takeStreamID()))
        hostile.socket.finishSending()
        try hostile.readToEnd()
        #expect(hostile.goAway.map { $0.code != 0 } == true, "\(ender)")
        #expect(try other.isUsable(), "\(ender)")
      }
    }

    @Test func `continuations without end end the connection`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .continuationFlood).run(on: server) { client in
          let block = Self.ping.headerBlock
          try client.send([Frame(.headers, flags: Frame.endStream, stream: 1, block)])
          for _ in 0..<100 {
            try client.send(Array(repeating: Frame(.continuation, stream: 1), count: 100))
          }
        }
      }
    }

    /// 144 KiB on the wire that would be half a gigabyte of headers.
    @Test func `a header bomb is not unpacked`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .headerBomb).run(on: server) { client in
          // A long entry for the dynamic table, then its index again and again.
          let value = [UInt8](repeating: 0x61, count: 3967)
          let entry: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0x80, 0x1E] + value
          let block =
            Self.ping.headerBlock + entry + [UInt8](repeating: 0xBE, count: 144 << 10)
          let parts = block.chunks(of: 16_384)
          for (index, part) in parts.enumerated() {
            try client.send([
              Frame(
                index == 0 ? .headers : .continuation,
                flags: index == parts.count - 1 ? Frame.endHeaders : 0, stream: 1, part)
            ])
          }
        }
      }
    }

    @Test func `a bomb in the trailers is not unpacked either`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .headerBomb).run(on: server) { client in
          let request = RawRequest("POST", "/v1/ping", body: [1])
          try client.send(request.headerFrames(on: 1, endStream: false))
          // `accept-encoding: gzip, deflate`, from the static table.
          let block = [UInt8](repeating: 0x90, count: 16_384)
          try client.send([
            Frame(.data, stream: 1, [1]), Frame(.headers, flags: Frame.endStream, stream: 1, block),
          ])
        }
      }
    }

    @Test(arguments: [Frame.ping(7), .settings([(id: 4, value: 65_535)]), .settings()])
    func `control frames without requests end the connection`(frame: Frame) async throws {
      try await TestServer.run { server in
        try Attack(offence: .controlFlood).run(on: server) { client in
          for _ in 0..<10 { try client.send(Array(repeating: frame, count: 30)) }
        }
      }
    }

    @Test func `data frames without data end the connection`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .emptyData).run(on: server) { client in
          let request = RawRequest("POST", "/v1/ping", body: [1])
          try client.send(request.headerFrames(on: 1, endStream: false))
          try client.send(Array(repeating: Frame(.data, stream: 1), count: 1000))
        }
      }
    }

    @Test(arguments: [
      Frame.windowUpdate(0, 1).bytes, Frame.unknown(type: 0x77, [1, 2, 3, 4]),
      Frame(.priority, stream: 0x7FFF_FFFF, [0, 0, 0, 0, 200]).bytes, Frame.ping(flags: 1).bytes,
      Frame.unknown(type: 0x10, stream: 0, [0, 0, 0, 1, 0x75]),
    ])
    func `frames that carry no request end the connection`(bytes: [UInt8]) async throws {
      try await TestServer.run { server in
        try Attack(offence: .glitch).run(on: server) { client in
          for _ in 0..<110 {
            try client.socket.send(Array(repeatElement(bytes, count: 100).joined()))
          }
        }
      }
    }

    /// The peer opens its window byte by byte: each update costs the server a frame.
    @Test func `a window opened by one again and again ends the connection`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .glitch, settings: [(id: 4, value: 0)]).run(on: server) { client in
          let decisions = (0..<1024).map {
            TestDecision(correlationID: $0, flags: .explain, userRisk: "status=0;score=92")
          }
          try client.send(.decide(message(decisions)))
          client.opensWindows = false
          for _ in 0..<120 {
            try client.send(Array(repeating: .windowUpdate(1, 1), count: 100))
            // What it has asked for, so that its socket holds nothing back.
            while client.responses[1]?.body.isEmpty != false { try client.receiveFrame() }
          }
        }
      }
    }
  }
}
