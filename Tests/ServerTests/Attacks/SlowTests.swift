import Foundation
import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Rows of the attack table that hold on to what they have and take their time.
  @Suite struct SlowTests {
    private static let start = Frame.preface + Frame.settings().bytes

    @Test(arguments: [[], Array(Frame.preface[..<10]), Frame.preface, Self.start])
    func `a connection that does not come to its settings is closed`(bytes: [UInt8]) async throws {
      try await TestServer.run(configure: { $0.http2.prefaceSeconds = 1 }) { server in
        let other = try server.connect()
        let socket = try RawSocket(server.address)
        let started = Date()
        if !bytes.isEmpty { try socket.send(bytes) }
        var received: [UInt8] = []
        while true {
          let more = try socket.receive()
          if more.isEmpty { break }
          received += more
        }
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        #expect(server.offenceCount(.slowPreface) == 1)
        var goAway: Frame?
        while let frame = Frame.take(from: &received) {
          if frame.kind == .goAway { goAway = frame }
        }
        // Only who has begun to speak HTTP/2 is told in HTTP/2.
        if !bytes.isEmpty { #expect(goAway?.payload.last == 4) }
        #expect(try other.isUsable())
      }
    }

    /// The twin: each byte comes late, and all of it in time.
    @Test func `a client on a slow line comes to its settings and is served`() async throws {
      try await TestServer.run(configure: { $0.http2.prefaceSeconds = 3 }) { server in
        let socket = try RawSocket(server.address)
        try await TestServer.paced(Self.start, every: .milliseconds(30)) { try socket.send([$0]) }
        let client = try RawClient(over: socket, isOpen: true)
        #expect(try client.isUsable())
        // What is looked at once a second has been, and past the time for the preface as well.
        try await Task.sleep(for: .milliseconds(3500))
        #expect(try client.isUsable())
        #expect(client.goAway == nil)
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
      }
    }

    @Test(arguments: [9, 15])
    func `a header that drips is cut off`(byteCount: Int) async throws {
      try await TestServer.run(configure: { $0.http2.headerSeconds = 1 }) { server in
        let other = try server.connect()
        let client = try server.connect()
        let frame = RawRequest.ping.frames(on: 1)[0].bytes
        try client.socket.send(Array(frame[..<byteCount]))
        let started = Date()
        // It moves all the time, and is not idle.
        let bytes = frame[byteCount...].prefix(8)
        try await TestServer.paced(bytes, every: .milliseconds(100)) { try client.socket.send([$0]) }
        try client.readToEnd()
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        #expect(client.goAway?.code == 11)
        #expect(server.offenceCount(.slowHeaders) == 1)
        #expect(try other.isUsable())
      }
    }

    @Test func `a body that drips is cut off, and no other request`() async throws {
      try await TestServer.run(configure: { $0.http2.bodySeconds = 1 }) { server in
        let client = try server.connect()
        let request = RawRequest("POST", "/v1/ping", body: [UInt8](repeating: 1, count: 100))
        let slow = client.takeStreamID()
        try client.send(request.headerFrames(on: slow, endStream: false))
        let started = Date()
        try await TestServer.paced(0..<9, every: .milliseconds(100)) { _ in
          try client.send([Frame(.data, stream: slow, [1])])
          #expect(try client.exchange(request).status == 200)
        }
        #expect(try client.response(on: slow).resetCode == 8)
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        #expect(server.offenceCount(.slowBody) == 1)
        // What was under way when it was cut off.
        try client.send([Frame(.data, flags: Frame.endStream, stream: slow, [1])])
        #expect(try client.isUsable())
        #expect(client.goAway == nil)
      }
    }

    @Test func `bodies that come slowly, and in time, are answered`() async throws {
      try await TestServer.run(configure: { $0.http2.bodySeconds = 3 }) { server in
        let client = try server.connect()
        let body = message([TestDecision(correlationID: 5, userRisk: CapturedHeaders.highRisk)])
        let request = RawRequest.decide(body)
        let streams = (0..<50).map { _ in client.takeStreamID() }
        try client.send(streams.flatMap { request.headerFrames(on: $0, endStream: false) })
        let parts = body.chunks(of: (body.count + 19) / 20)
        try await TestServer.paced(parts.enumerated(), every: .milliseconds(80)) { index, part in
          let flags: UInt8 = index == parts.count - 1 ? Frame.endStream : 0
          try client.send(streams.map { Frame(.data, flags: flags, stream: $0, part) })
        }
        for stream in streams { #expect(try client.response(on: stream).reply().decisions.count == 1) }
        #expect(client.goAway == nil)
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
      }
    }

    /// As much as a connection's open requests may hold of headers, nearly.
    @Test func `requests with long headers whose bodies take their time are answered`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let cookie = HeaderField("cookie", String(repeating: "c", count: 8_000))
        var request = RawRequest.check("post-login", [cookie], method: "POST")
        request.body = [1, 2, 3]
        let streams = (0..<120).map { _ in client.takeStreamID() }
        for stream in streams { try client.send(request.headerFrames(on: stream, endStream: false)) }
        try await Task.sleep(for: .seconds(1))
        for stream in streams { try client.send(request.dataFrames(on: stream)) }
        for stream in streams { #expect([200, 401].contains(try client.response(on: stream).status)) }
        #expect(server.refusalCount(.overloaded) == 0)
        #expect(client.goAway == nil)
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
      }
    }

    /// More are begun beside it, and left, than the meter remembers.
    @Test func `a slow body is cut off whatever else is begun beside it`() async throws {
      let configure: (inout ServerConfiguration) -> Void = {
        $0.http2.bodySeconds = 1
        $0.http2.faultCount = 10_000
      }
      try await TestServer.run(configure: configure) { server in
        let client = try server.connect()
        let slow = client.takeStreamID()
        let request = RawRequest("POST", "/v1/ping", body: [1, 2])
        try client.send(request.headerFrames(on: slow, endStream: false))
        let started = Date()
        for _ in 0..<11 {
          let streams = (0..<100).map { _ in client.takeStreamID() }
          try client.send(streams.flatMap(ResetPrimitive.wrongMethod.frames(on:)))
          for stream in streams {
            while client.responses[stream]?.resetCode == nil { try client.receive() }
            #expect(client.responses[stream]?.status == 405)
          }
        }
        #expect(try client.response(on: slow).resetCode == 8)
        #expect((0.9...4).contains(Date().timeIntervalSince(started)))
        #expect(server.offenceCount(.slowBody) == 1)
        #expect(try client.isUsable())
        #expect(client.goAway == nil)
      }
    }

    /// A frame that says at its beginning that it is the last one is not the end of the body.
    @Test func `a body whose last frame drips is cut off`() async throws {
      try await TestServer.run(configure: { $0.http2.bodySeconds = 1 }) { server in
        let client = try server.connect()
        let request = RawRequest("POST", "/v1/ping", body: [UInt8](repeating: 1, count: 100))
        let stream = client.takeStreamID()
        let frames = request.frames(on: stream).flatMap(\.bytes)
        let started = Date()
        try client.socket.send(Array(frames.dropLast(90)))
        let bytes = frames.suffix(90).prefix(9)
        try await TestServer.paced(bytes, every: .milliseconds(100)) { try client.socket.send([$0]) }
        #expect(try client.response(on: stream).resetCode == 8)
        #expect((0.9...3).contains(Date().timeIntervalSince(started)))
        #expect(server.offenceCount(.slowBody) == 1)
        // What was under way when it was cut off.
        try client.socket.send(Array(frames.suffix(81)))
        #expect(try client.isUsable())
        #expect(client.goAway == nil)
      }
    }

    /// A hundred long requests with a window of nothing: their replies are not even made.
    @Test func `replies that nobody takes are not made, and their peer is sent away`() async throws {
      try await TestServer.run(configure: { $0.http2.stallSeconds = 1 }) { server in
        let other = try server.connect()
        let client = try server.connect(settings: [(id: 4, value: 0)])
        let decisions = (0..<900).map { TestDecision(correlationID: $0, userRisk: "status=0;score=92") }
        let request = RawRequest.decide(message(decisions))
        for _ in 0..<100 { try client.send(request) }
        // Read by now, since what follows it is answered; with no window, a PING.
        try client.send([.ping(1)])
        while try client.receiveFrame()?.kind != .ping {}
        #expect(server.decisionCount <= 2 * 900)
        let started = Date()
        try client.readToEnd()
        #expect(client.goAway?.code == 11)
        #expect(Date().timeIntervalSince(started) < 4)
        #expect(server.offenceCount(.stalledOutput) == 1)
        #expect(try other.isUsable())
      }
    }

    /// The bodies are not kept either: what waits is one reply's bytes.
    @Test(.enabled(if: givesMemoryBack))
    func `a request's body is given back while its reply waits`() async throws {
      await #expect(processExitsWith: .success) {
        try await TestServer.run { server in
          let client = try server.connect(settings: [(id: 4, value: 0)])
          let request = RawRequest("POST", "/v1/ping", body: [UInt8](repeating: 1, count: 1 << 20))
          let before = residentByteCount()
          for _ in 0..<32 { try client.send(request) }
          try client.send([.ping(1)])
          while try client.receiveFrame()?.kind != .ping {}
          #expect(try await server.eventually { residentByteCount() - before < 12 << 20 })
          for stream in stride(from: UInt32(1), to: 64, by: 2) {
            try client.send([.windowUpdate(stream, 100)])
            #expect(try client.response(on: stream).text == "pong\n")
          }
        }
      }
    }

    @Test func `a socket that nobody reads from is closed`() async throws {
      try await TestServer.run(configure: { $0.http2.stallSeconds = 1 }) { server in
        let other = try server.connect()
        let client = try server.connect(settings: [(id: 4, value: 0x7FFF_FFFF)])
        try client.send([.windowUpdate(0, 0x7FFF_0000)])
        let bot = "Unknown Bot (A1):monitor:" + String(repeating: "x", count: 200)
        let body = message((0..<900).map { TestDecision(correlationID: $0, bot: bot) })
        let frames = RawRequest.decide(body).frames(on: 1).count
        #expect(frames > 1)
        // More and more, until the server has read no further for a second.
        var rest: ArraySlice<UInt8> = []
        let hasStalled = try await server.eventually {
          while true {
            if rest.isEmpty {
              rest = RawRequest.decide(body).frames(on: client.takeStreamID()).flatMap(\.bytes)[...]
            }
            guard let count = try? client.socket.sendSome(rest), count > 0 else { break }
            rest = rest.dropFirst(count)
          }
          return server.offenceCount(.stalledOutput) == 1
        }
        #expect(hasStalled)
        #expect(try await server.eventually { server.server.metrics().connectionsOpen == 1 })
        #expect(try other.isUsable())
      }
    }

    /// While replies wait for the socket nothing is read, and so nothing can be late.
    @Test func `a pause of the peer is not held against what it is sending`() async throws {
      // A unix socket holds less than TCP's, so that less need be sent to fill it.
      let path = "/tmp/postern-\(UUID().uuidString.prefix(8)).sock"
      let configure: (inout ServerConfiguration) -> Void = {
        $0.listen = [.unix(path: path)]
        $0.http2.bodySeconds = 2
        $0.http2.stallSeconds = 20
      }
      try await TestServer.run(configure: configure) { server in
        let client = try server.connect(settings: [(id: 4, value: 0x7FFF_FFFF)])
        client.opensWindows = false
        try client.send([.windowUpdate(0, 0x7FFF_0000)])
        let decisions = (0..<900).map {
          TestDecision(correlationID: $0, flags: .explain, userRisk: "status=0;score=92")
        }
        let request = RawRequest.decide(message(decisions))
        let half = client.takeStreamID()
        var streams = [half]
        try client.send(
          request.headerFrames(on: half, endStream: false) + request.dataFrames(on: half).dropLast())
        var rest: ArraySlice<UInt8> = []
        var taken = ContinuousClock.now
        // Until the server has read no further for as long as twice a body may take.
        while ContinuousClock.now - taken < .seconds(4) {
          if rest.isEmpty {
            streams.append(client.takeStreamID())
            rest = request.frames(on: streams.last!).flatMap(\.bytes)[...]
          }
          let count = try client.socket.sendSome(rest)
          rest = rest.dropFirst(count)
          if count > 0 { taken = .now } else { try await Task.sleep(for: .milliseconds(10)) }
        }
        rest += request.dataFrames(on: half).last!.bytes
        while !rest.isEmpty {
          let count = try client.socket.sendSome(rest)
          rest = rest.dropFirst(count)
          if count == 0 { try client.receiveFrame() }
        }
        for stream in streams { #expect(try client.response(on: stream).status == 200) }
        #expect(client.goAway == nil)
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
      }
    }

    @Test func `a slow reader that does read is served to the end`() async throws {
      try await TestServer.run(configure: { $0.http2.stallSeconds = 1 }) { server in
        let client = try server.connect(settings: [(id: 4, value: 0)])
        client.opensWindows = false
        let decisions = (0..<900).map { TestDecision(correlationID: $0, userRisk: "status=0;score=92") }
        for _ in 0..<3 { try client.send(.decide(message(decisions))) }
        // 20 KB in each 300 ms, one reply after the other.
        for stream: UInt32 in [1, 3, 5] {
          while client.responses[stream]?.isComplete != true {
            try client.send([.windowUpdate(stream, 20_000), .windowUpdate(0, 20_000)])
            try await Task.sleep(for: .milliseconds(300))
            try client.send([.ping(9)])
            while try client.receiveFrame()?.kind != .ping {}
          }
          #expect(try client.response(on: stream).reply().decisions.count == 900)
        }
        #expect(client.goAway == nil)
      }
    }

    /// 4 KB in each 300 ms are enough by default.
    @Test func `how much a slow reader must read is a setting`() async throws {
      let configure: (inout ServerConfiguration) -> Void = {
        $0.http2.stallSeconds = 1
        $0.http2.stallByteCount = 1 << 20
      }
      try await TestServer.run(configure: configure) { server in
        let client = try server.connect(settings: [(id: 4, value: 0)])
        client.opensWindows = false
        let decisions = (0..<900).map { TestDecision(correlationID: $0, userRisk: "status=0;score=92") }
        for _ in 0..<3 { try client.send(.decide(message(decisions))) }
        for _ in 0..<20 where client.goAway == nil {
          try client.send([.windowUpdate(1, 4_000), .windowUpdate(0, 4_000), .ping(9)])
          while let kind = try client.receiveFrame()?.kind, kind != .ping, kind != .goAway {}
          try await Task.sleep(for: .milliseconds(300))
        }
        #expect(client.goAway?.code == 11)
        #expect(server.offenceCount(.stalledOutput) == 1)
      }
    }

    @Test(.enabled(if: givesMemoryBack))
    func `a connection costs no session before its first byte`() async throws {
      await #expect(processExitsWith: .success) {
        try await TestServer.run { server in
          #expect(try server.connect().isUsable())
          let before = residentByteCount()
          let silent = try (0..<500).map { _ in try RawSocket(server.address) }
          #expect(try await server.eventually { server.server.metrics().connectionsOpen >= 500 })
          let growth = residentByteCount() - before
          // A session alone is 25 KB.
          #expect(growth < 500 * 10_000, "\(growth / 500) bytes a connection")
          for socket in silent { socket.close() }
        }
      }
    }
  }
}
