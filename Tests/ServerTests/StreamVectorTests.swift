import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct StreamVectorTests {
    @Test(arguments: [1, 37, 16_384])
    func `every stream of the specification is answered as it says`(frameByteCount: Int)
      async throws
    {
      let vectors = try RequestVector.load("streams")
      #expect(vectors.count >= 14)
      try await TestServer.run { server in
        let client = try server.connect()
        for vector in vectors {
          let stream = try MessageStream(client)
          for part in vector.bytes.chunks(of: frameByteCount) { try stream.send(part) }
          try stream.end()
          #expect(try stream.rest().map(Self.line) == vector.expected, "\(vector)")
          #expect(client.responses[stream.id]?.status == 200, "\(vector)")
        }
        #expect(try client.isUsable())
      }
    }

    /// The oracle is `/v1/decide`, asked for one message after the other.
    @Test func `a stream says what its messages are told by themselves, up to the first refusal`()
      async throws
    {
      // Those whose headers say where they end, or are refused.
      let vectors = try (RequestVector.load("valid") + RequestVector.load("invalid")).filter { vector in
        do {
          let count = try MessageHeader.firstByteCount(in: vector.bytes.span, expecting: .request)
          return count == vector.bytes.count
        } catch { return true }
      }
      #expect(vectors.count >= 60)
      try await TestServer.run { server in
        let client = try server.connect()
        let alone = try vectors.map { vector in
          let response = try client.exchange(.decide(vector.bytes))
          return try Self.line(
            response.status == 200 ? .reply(response.plainReply()) : .error(response.refusal()))
        }
        for seed in UInt64(0)..<150 {
          var random = SplitMix64(seed: seed)
          let picks = (0..<Int.random(in: 1...8, using: &random)).map { _ in
            Int.random(in: vectors.indices, using: &random)
          }
          let expected = picks.map { alone[$0] }
          let end = expected.firstIndex { $0.hasPrefix("error") }.map { $0 + 1 } ?? expected.count
          let stream = try MessageStream(client)
          var rest = picks.flatMap { vectors[$0].bytes }[...]
          while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...300, using: &random))
            rest = rest.dropFirst(part.count)
            try stream.send(Array(part))
          }
          try stream.end()
          #expect(try stream.rest().map(Self.line) == Array(expected[..<end]), "seed \(seed)")
        }
        #expect(try client.isUsable())
      }
    }

    private static func line(_ message: StreamedMessage) -> String {
      switch message {
      case .reply(let reply):
        "reply correlation=\(reply.decisions.map { "\($0.correlationID)" }.joined(separator: ","))"
      case .error(let error): "error \(error.code) offset=\(error.offset)"
      }
    }
  }
}
