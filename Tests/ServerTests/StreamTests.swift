import Foundation
import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct StreamTests {
    @Test func `a request that comes byte by byte is answered`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest.decide(
          message([TestDecision(correlationID: 9, userRisk: CapturedHeaders.highRisk)]))
        for byte in request.frames(on: 1, frameByteCount: 50).flatMap(\.bytes) {
          try client.socket.send([byte])
        }
        let reply = try client.response(on: 1).reply()
        #expect(reply.decisions.map(\.verdict) == [.mfa])
      }
    }

    @Test func `a hundred streams with interleaved frames are each answered for themselves`()
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        var parts: [[Frame]] = (0..<100).map { index in
          let captured = CapturedHeaders.all[index % CapturedHeaders.all.count]
          let decision = TestDecision(
            correlationID: UInt64(index), bot: captured.bot, userRisk: captured.userRisk)
          return RawRequest.decide(message([decision]))
            .frames(on: UInt32(2 * index + 1), frameByteCount: 200)
        }
        // Streams must be opened in order; from there on one frame of each in turn.
        while parts.contains(where: { !$0.isEmpty }) {
          try client.send(parts.compactMap(\.first))
          for index in parts.indices where !parts[index].isEmpty { parts[index].removeFirst() }
        }
        for index in 0..<100 {
          let reply = try client.response(on: UInt32(2 * index + 1)).reply()
          #expect(reply.decisions.map(\.correlationID) == [UInt64(index)])
          let captured = CapturedHeaders.all[index % CapturedHeaders.all.count]
          #expect(reply.decisions[0].verdict == captured.verdict)
        }
      }
    }

    @Test func `as many streams as the limit may be open, one more ends the connection`()
      async throws
    {
      try await TestServer.run(configure: { $0.http2.concurrentStreams = 4 }) { server in
        let client = try server.connect()
        #expect(client.settings[3] == 4)
        let request = RawRequest.decide(message([TestDecision()]))
        let streams: [UInt32] = [1, 3, 5, 7]
        for stream in streams {
          try client.send(request.headerFrames(on: stream, endStream: false))
        }
        for stream in streams { try client.send(request.dataFrames(on: stream)) }
        for stream in streams { #expect(try client.response(on: stream).status == 200) }
        for stream in streams + [9] {
          try client.send(request.headerFrames(on: stream + 8, endStream: false))
        }
        try client.readToEnd()
        #expect(client.goAway?.code == 1)
        #expect(try server.connect().isUsable())
      }
    }

    @Test func `a stream reset in the middle leaves the connection as it was`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest.decide(message([TestDecision(bot: CapturedHeaders.ownBot)]))
        for _ in 0..<100 {
          let stream = client.takeStreamID()
          try client.send(request.headerFrames(on: stream, endStream: false))
          try client.send([
            Frame(.data, stream: stream, Array(request.body[..<30])), .reset(stream),
          ])
        }
        #expect(server.decisionCount == 0)
        #expect(try client.isUsable())
      }
    }

    @Test func `a request and its reset in one read are no request`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest.decide(message([TestDecision(bot: CapturedHeaders.aggressiveBot)]))
        var frames: [Frame] = []
        var streams: [UInt32] = []
        for index in 0..<40 {
          let stream = client.takeStreamID()
          frames += request.frames(on: stream)
          if index % 2 == 0 { frames.append(.reset(stream)) } else { streams.append(stream) }
        }
        try client.send(frames)
        for stream in streams {
          #expect(try client.response(on: stream).reply().decisions.map(\.verdict) == [.deny])
        }
        #expect(client.responses.count == streams.count || server.decisionCount > 20)
        #expect(try client.isUsable())
      }
    }

    @Test func `a reply larger than a frame and than the window arrives as it is read`()
      async throws
    {
      try await TestServer.run { server in
        // A window of 1,000 bytes a stream.
        let client = try server.connect(settings: [(id: 4, value: 1000)])
        let decisions = (0..<1024).map {
          TestDecision(correlationID: UInt64($0), userRisk: CapturedHeaders.highRisk)
        }
        let response = try client.exchange(.decide(message(decisions)))
        #expect(response.body.count > 65_535)
        let reply = try response.reply()
        #expect(reply.decisions.map(\.correlationID) == (0..<1024).map { UInt64($0) })
      }
    }

    /// The server neither reads on nor keeps what cannot be sent.
    @Test(.enabled(if: givesMemoryBack))
    func `a client that never reads is not read from for ever`() async throws {
      try await TestServer.run { server in
        let other = try server.connect()
        // Windows so large that only the socket holds replies back.
        let client = try server.connect(settings: [(id: 4, value: 0x7FFF_FFFF)])
        try client.send([.windowUpdate(0, 0x7FFF_0000)])
        let bot = "Unknown Bot (A1):monitor:" + String(repeating: "x", count: 200)
        let body = message((0..<900).map { TestDecision(correlationID: $0, bot: bot) })
        let before = residentByteCount()
        var sent = 0
        var waits = 0
        // 240 streams, which are allowed, with 60 MB of requests: more than sockets hold.
        for _ in 0..<240 where waits < 100 {
          let frames = RawRequest.decide(body).frames(on: client.takeStreamID())
          var rest = frames.flatMap(\.bytes)[...]
          while !rest.isEmpty, waits < 100 {
            let count = try client.socket.sendSome(rest)
            sent += count
            rest = rest.dropFirst(count)
            waits = count == 0 ? waits + 1 : 0
            if count == 0 { try await Task.sleep(for: .milliseconds(10)) }
          }
        }
        #expect(waits == 100, "the server went on reading: \(sent) bytes")
        #expect(residentByteCount() - before < 32 << 20)
        #expect(try other.isUsable())
      }
    }
  }
}
