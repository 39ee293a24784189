import Foundation
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Replies that the socket does not take at once wait in the channel, and later ones behind them.
  @Suite struct FullSocketTests {
    @Test func `replies to a client that reads late come whole and in their order`() async throws {
      let path = "/tmp/postern-\(UUID().uuidString.prefix(8)).sock"
      // A unix socket does not grow: some 200 KiB fill it.
      try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { server in
        let wide: UInt32 = 1 << 30
        let client = try server.connect(settings: [(id: 4, value: wide)])
        try client.send([.windowUpdate(0, wide)])
        let count: UInt64 = 256
        // The first time it reads late, then while the server writes: the socket is full, and is not.
        for round in 0..<20 {
          // So few that the server's socket takes them while it is not read.
          let streams = (0..<12).map { _ in client.takeStreamID() }
          for stream in streams {
            // Long replies for short requests.
            let decisions = (0..<count).map {
              TestDecision(correlationID: UInt64(stream) << 32 | $0, flags: .explain)
            }
            try client.send(RawRequest.decide(message(decisions)).frames(on: stream))
          }
          if round == 0 { try await Task.sleep(for: .milliseconds(100)) }
          var byteCount = 0
          for stream in streams {
            let response = try client.response(on: stream)
            client.forget(stream)
            byteCount += response.body.count
            let decisions = try response.reply().decisions
            #expect(decisions.map(\.correlationID) == (0..<count).map { UInt64(stream) << 32 | $0 })
          }
          #expect(byteCount > 1 << 20, "the socket took it all at once: this shows nothing")
        }
        #expect(try client.isUsable())
      }
    }
  }
}
