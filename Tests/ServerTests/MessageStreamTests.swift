import Foundation
import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct MessageStreamTests {
    private static func one(_ id: UInt64, budget: UInt32 = 0) -> [UInt8] {
      message([
        TestDecision(
          correlationID: id, budgetMicroseconds: budget, userRisk: CapturedHeaders.highRisk)
      ])
    }

    @Test func `messages in one frame are each answered by a message`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let batch = message((100..<164).map { TestDecision(correlationID: $0) })
        let response = try client.exchange(.stream([Self.one(1), batch, Self.one(2)]))
        #expect(response.status == 200)
        #expect(response["content-type"] == "application/vnd.postern.v1")
        let messages = try response.streamedMessages()
        #expect(messages.map(\.ids) == [[1], Array(100..<164), [2]])
        guard case .reply(let reply) = messages[0] else { return }
        #expect(reply.decisions[0].verdict == .mfa)
        #expect(reply.serverNanoseconds > 0)
        #expect(server.decisionCount == 66)
      }
    }

    @Test func `a message is answered before the next one is sent`() async throws {
      try await TestServer.run { server in
        let stream = try MessageStream(server.connect())
        for id in 1...50 {
          try stream.send(Self.one(UInt64(id)))
          #expect(try stream.messages(atLeast: id).last?.ids == [UInt64(id)])
        }
        try stream.end()
        #expect(try stream.rest().count == 50)
        #expect(stream.client.responses[stream.id]?.resetCode == nil)
        #expect(try stream.client.isUsable())
      }
    }

    @Test func `messages cut at any byte are answered`() async throws {
      let bytes = Self.one(1) + Self.one(2)
      try await TestServer.run { server in
        let client = try server.connect()
        for cut in 0...bytes.count {
          let stream = try MessageStream(client)
          try stream.send(Array(bytes[..<cut]))
          // The server has read the first part when it answers what was sent behind it.
          #expect(try client.exchange(RawRequest("GET", "/v1/ping")).status == 200)
          try stream.send(Array(bytes[cut...]), ends: true)
          #expect(try stream.rest().map(\.ids) == [[1], [2]], "cut at \(cut)")
        }
        let stream = try MessageStream(client)
        for byte in bytes { try stream.send([byte]) }
        try stream.end()
        #expect(try stream.rest().map(\.ids) == [[1], [2]])
      }
    }

    @Test func `a stream without a message ends without one`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let response = try client.exchange(.stream())
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        // Its status comes before anything is asked.
        let stream = try MessageStream(client)
        while client.responses[stream.id] == nil { try client.receive() }
        #expect(client.responses[stream.id]?.status == 200)
        try stream.end()
        #expect(try stream.rest().isEmpty)
        #expect(server.decisionCount == 0)
      }
    }

    @Test func `messages on many streams of a connection are answered on theirs`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let streams = try (0..<100).map { _ in try MessageStream(client) }
        for round in 0..<10 {
          for (index, stream) in streams.enumerated() {
            try stream.send(Self.one(UInt64(index * 1000 + round)))
          }
        }
        for (index, stream) in streams.enumerated() {
          try stream.end()
          #expect(try stream.rest().map(\.ids) == (0..<10).map { [UInt64(index * 1000 + $0)] })
        }
        #expect(try client.isUsable())
      }
    }

    @Test func `a compressed message is answered`() async throws {
      try await TestServer.run { server in
        var small = ByteWriter()
        let large = message((0..<100).map { TestDecision(correlationID: $0) })
        try small.compress(large.span, .request)
        #expect(small.count < large.count / 2)
        // Its reply is compressed as well.
        let body = [bytes(of: small.span), Self.one(7)]
        let messages = try server.connect().exchange(.stream(body)).streamedMessages()
        #expect(messages.map(\.ids) == [Array(0..<100), [7]])
      }
    }

    @Test func `service time and requests are counted by message`() async throws {
      try await TestServer.run { server in
        _ = try server.connect().exchange(.stream([Self.one(1), Self.one(2), Self.one(3)]))
        #expect(
          try await server.eventually {
            server.server.metrics().serviceTimes.first { $0.door == "stream" }?.cumulative.last == 3
          })
      }
    }

    // MARK: What is wrong

    @Test func `a bad message in the middle is refused, ends its stream and nothing else`()
      async throws
    {
      try await TestServer.run { server in
        let client = try server.connect()
        let other = try MessageStream(client)
        try other.send(Self.one(50))
        let bad = message([TestDecision(trigger: "nobody-knows-it", correlationID: 2)])
        let stream = try MessageStream(client)
        try stream.send(Self.one(1) + bad + Self.one(3))
        let messages = try stream.rest()
        #expect(messages.count == 2)
        #expect(messages.first?.ids == [1])
        guard case .error(let error) = messages.last else {
          Issue.record("no error message")
          return
        }
        #expect(error.code == .unknownTrigger)
        #expect(error.offset == MessageHeader.byteCount + DecisionRequest.fixedByteCount)
        // Nothing behind it was decided, and the client is told that the rest is not wanted.
        #expect(server.decisionCount == 2)
        #expect(server.refusalCount(.unknownTrigger) == 1)
        while client.responses[stream.id]?.resetCode == nil { try client.receive() }
        #expect(client.responses[stream.id]?.resetCode == 0)
        try other.send(Self.one(51), ends: true)
        #expect(try other.rest().map(\.ids) == [[50], [51]])
        #expect(try client.isUsable())
      }
    }

    @Test func `every invalid request is refused in a stream, at the same offset`() async throws {
      let vectors = try RequestVector.load("invalid").filter { !$0.bytes.isEmpty }
      #expect(vectors.count >= 40)
      try await TestServer.run { server in
        let client = try server.connect()
        for vector in vectors {
          let stream = try MessageStream(client)
          try stream.send(Self.one(1))
          try stream.send(vector.bytes)
          try stream.end()
          let messages = try stream.rest()
          let words = try #require(vector.expected.first).split(separator: " ").map(String.init)
          #expect(messages.first?.ids == [1], "\(vector)")
          if case .error(let error)? = messages.last, words[0] != "trailingBytes" {
            #expect(["\(error.code)", "@", "\(error.offset)"] == words, "\(vector)")
          } else {
            // What follows a message is the next one: here the beginning of none.
            #expect(words[0] == "trailingBytes", "\(vector)")
          }
        }
        #expect(try client.isUsable())
      }
    }

    @Test func `a message too large is refused before its body comes`() async throws {
      try await TestServer.run { server in
        let stream = try MessageStream(server.connect())
        var bytes = Array(Self.one(1).prefix(24))
        bytes.replaceSubrange(4..<8, with: [0, 0, 0x10, 0])
        try stream.send(bytes)
        guard case .error(let error)? = try stream.rest().first else {
          Issue.record("no error message")
          return
        }
        #expect(error.code == .messageTooLarge)
        #expect(error.offset == 4)
        #expect(try stream.client.isUsable())
      }
    }

    @Test func `a stream that ends within a message is truncated there`() async throws {
      let whole = Self.one(1)
      try await TestServer.run { server in
        let client = try server.connect()
        for count in [1, 23, 24, 25, whole.count - 1] {
          let stream = try MessageStream(client)
          try stream.send(whole + Array(whole[..<count]), ends: true)
          let messages = try stream.rest()
          #expect(messages.count == 2)
          guard case .error(let error)? = messages.last else { continue }
          #expect(error.code == .truncated)
          #expect(error.offset == count)
        }
        #expect(server.decisionCount == 5)
        #expect(server.refusalCount(.truncated) == 5)
      }
    }

    @Test func `a request that is no stream is refused with a status`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let get = try client.exchange(RawRequest("GET", "/v1/stream"))
        #expect(get.status == 405)
        #expect(get["allow"] == "POST")
        var other = RawRequest.stream([Self.one(1)])
        other.headers = [HeaderField("content-type", "application/json")]
        #expect(try client.exchange(other).status == 415)
        var large = RawRequest.stream([Self.one(1)])
        large.headers.append(HeaderField("x", String(repeating: "a", count: 17_000)))
        #expect(try client.exchange(large).status == 431)
        // Bodies that go on behind a refusal are not kept, nor answered twice.
        let id = client.takeStreamID()
        try client.send(other.headerFrames(on: id, endStream: false))
        #expect(try client.response(on: id).status == 415)
        try client.send([Frame(.data, stream: id, Self.one(2))])
        #expect(try client.isUsable())
        #expect(server.decisionCount == 1)
      }
    }
  }
}
