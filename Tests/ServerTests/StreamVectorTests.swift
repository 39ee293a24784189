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

    private static func line(_ message: StreamedMessage) -> String {
      switch message {
      case .reply(let reply):
        "reply correlation=\(reply.decisions.map { "\($0.correlationID)" }.joined(separator: ","))"
      case .error(let error): "error \(error.code) offset=\(error.offset)"
      }
    }
  }
}
