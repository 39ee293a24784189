import Foundation
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  @Suite struct VanishTests {
    /// Where in a request a client vanishes.
    private enum Moment: CaseIterable {
      case connected, inPreface, inHeaders, afterHeaders, inBody, beforeReply, inReply
    }

    private static let request = RawRequest.decide(
      message((0..<200).map { TestDecision(correlationID: $0, bot: CapturedHeaders.ownBot) }))

    private static func bytes(upTo moment: Moment) -> [UInt8] {
      let start = Frame.preface + Frame.settings().bytes
      let headers = request.headerFrames(on: 1, endStream: false).flatMap(\.bytes)
      let body = request.dataFrames(on: 1).flatMap(\.bytes)
      return switch moment {
      case .connected: []
      case .inPreface: Array(Frame.preface[..<10])
      case .inHeaders: start + headers[..<(headers.count / 2)]
      case .afterHeaders: start + headers
      case .inBody: start + headers + body[..<(body.count / 2)]
      case .beforeReply: start + headers + body
      // Of a reply of 10 KiB more has no room: it is under way when the end comes.
      case .inReply: Frame.preface + Frame.settings([(id: 4, value: 1000)]).bytes + headers + body
      }
    }

    /// 100,000 with `POSTERN_THOROUGH=1`.
    @Test func `thousands of clients that vanish mid-request leave nothing behind`() async throws {
      let isThorough = ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1"
      let count = isThorough ? 100_000 : 2000
      try await TestServer.run { server in
        let other = try server.connect()
        let starts = Moment.allCases.map(Self.bytes)
        func vanish(_ count: Int) throws {
          var left: [RawSocket] = []
          for index in 0..<count {
            let socket = try RawSocket(server.address)
            try socket.send(starts[index % starts.count])
            left.append(socket)
            if left.count < 20 { continue }
            // One that came later is served, so these have been accepted and read from.
            let later = try server.connect()
            #expect(try later.isUsable())
            for (index, socket) in left.enumerated() {
              // Each that is closed keeps a port for a minute, and there are 28,000.
              if index % (isThorough ? 5 : 2) == 0 { socket.close() } else { socket.abort() }
            }
            left = []
          }
        }
        try vanish(600)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        let before = residentByteCount()
        try vanish(count)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        #expect(server.server.metrics().connectionsOpened >= 600 + count)
        let after = residentByteCount()
        // What 2,000 sessions alone would hold is 50 MB, their bodies 20 MB more.
        #expect(after - before < (givesMemoryBack ? 12 : 36) << 20, "\(before) to \(after)")
        #expect(try other.isUsable())
      }
    }

    @Test func `a client that vanishes disturbs no other on its loop`() async throws {
      try await TestServer.run { server in
        let other = try server.connect()
        for _ in 0..<50 {
          let socket = try RawSocket(server.address)
          try socket.send(Self.bytes(upTo: .inBody))
          #expect(try other.isUsable())
          socket.abort()
          #expect(try other.isUsable())
        }
      }
    }
  }
}
