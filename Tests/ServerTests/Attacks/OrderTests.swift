import Foundation
import HTTP2
import Server
import TestSupport
import Testing

extension ServerTests {
  /// Rows of the attack table about which stream comes when.
  @Suite struct OrderTests {
    private static let ping = RawRequest.ping

    @Test func `a stream that was passed over is not opened any more`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .lowerStream, code: 1).run(on: server) { client in
          try client.send(Self.ping.frames(on: 5))
          #expect(try client.response(on: 5).status == 200)
          try client.send(Self.ping.frames(on: 3))
        }
      }
    }

    @Test func `a stream that is over is not used again`() async throws {
      try await TestServer.run { server in
        for frame in [Frame(.data, stream: 1, [1]), Self.ping.frames(on: 1)[0]] {
          try Attack(offence: .closedStream, code: 5).run(on: server) { client in
            try client.send(Self.ping.frames(on: 1))
            #expect(try client.response(on: 1).status == 200)
            try client.send([frame])
          }
        }
      }
    }

    @Test func `more streams than allowed end the connection`() async throws {
      try await TestServer.run { server in
        try Attack(offence: .protocolError, code: 1).run(on: server) { client in
          for _ in 0..<300 {
            try client.send(Self.ping.headerFrames(on: client.takeStreamID(), endStream: false))
          }
        }
      }
    }

    /// Numbers end at 2^31 - 1, behind which a client would wait for ever.
    @Test(arguments: [UInt32(1 << 30) + 1, 0x7FFF_FFFF])
    func `a connection is wound up before its numbers run out`(stream: UInt32) async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest("POST", "/v1/ping", body: [1])
        try client.send(request.headerFrames(on: (1 << 30) - 1, endStream: false))
        try client.send(Self.ping.frames(on: stream))
        #expect(try client.response(on: stream).status == 200)
        while client.goAway == nil { try client.receiveFrame() }
        #expect(client.goAway?.code == 0)
        // What was open is answered.
        try client.send(request.dataFrames(on: (1 << 30) - 1))
        #expect(try client.response(on: (1 << 30) - 1).status == 200)
        try client.readToEnd()
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
        #expect(try server.connect().isUsable())
      }
    }

    @Test func `below that nothing is said`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        try client.send(Self.ping.frames(on: (1 << 30) - 1))
        #expect(try client.response(on: (1 << 30) - 1).status == 200)
        try client.send([.ping(3)])
        while try client.receiveFrame()?.kind != .ping {}
        #expect(client.goAway == nil)
      }
    }

    /// An unpatched libnghttp2 aborts the process when it is told to end from within a callback and
    /// the same read goes on with a RST_STREAM of a wrong size (CVE-2026-27135).
    @Test func `nothing of a read is looked at behind the frame that is enough`() async throws {
      let wrong = Frame(.rstStream, stream: 1, [0, 0, 0])
      let open = RawRequest("POST", "/v1/ping", body: [1]).headerFrames(on: 1, endStream: false)
      let data = Frame(.data, stream: 1, [1])
      let last: [(HTTP2Offence, [Frame])] = [
        (.emptyData, open + Array(repeating: Frame(.data, stream: 1), count: 9)),
        (.closedStream, Self.ping.frames(on: 1) + [data]),
        (.headerBomb, RawRequest("GET", "/", manyHeaders(300)).frames(on: 1)),
        (.controlFlood, Array(repeating: .ping(), count: 300)),
        (.protocolError, open + [Frame(.data, stream: 0, [1])]),
        (.protocolError, open + [data]),
      ]
      try await TestServer.run { server in
        let other = try server.connect()
        for (offence, frames) in last {
          let counted = server.offenceCount(offence)
          let client = try server.connect()
          try client.send(frames + [wrong, wrong])
          client.socket.finishSending()
          try client.readToEnd()
          #expect(client.goAway != nil, "\(offence)")
          let all = server.server.metrics().offences.filter { $0.count > 0 }
          #expect(server.offenceCount(offence) == counted + 1, "\(offence) among \(all)")
          #expect(try other.isUsable(), "\(offence)")
        }
      }
    }
  }
}

private func manyHeaders(_ count: Int) -> [HeaderField] {
  (0..<count).map { HeaderField("x-\($0)", "1") }
}
