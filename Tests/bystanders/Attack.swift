import TestSupport

/// What one hostile connection does until it is sent away. Each row of the attack table that costs the
/// server work is here; those that only wait are beside honest load in `SlowTests`.
struct Attack: Sendable {
  let name: String
  /// The peer's settings.
  var settings: [(id: UInt16, value: UInt32)] = []
  /// Whether the server must say GOAWAY, with ENHANCE_YOUR_CALM.
  var isHostile = true
  /// Sends what is too much. The server may end the connection meanwhile.
  let send: @Sendable (RawClient) throws -> Void

  private static let ping = RawRequest("GET", "/v1/ping")

  /// Nobody's fault: a client that asks as much as it may, and leaves. What others notice of it is what
  /// they must bear.
  static let busyTwin = Attack(name: "a busy client", isHostile: false) { client in
    for _ in 0..<4 {
      let streams = (0..<100).map { _ in client.takeStreamID() }
      try client.send(streams.flatMap { Bystander.request.frames(on: $0) })
      for stream in streams {
        _ = try client.response(on: stream)
        client.forget(stream)
      }
    }
  }

  static let all = [
    Attack(name: "rapid reset") { client in
      for _ in 0..<20 {
        try client.send(
          (0..<100).flatMap { _ in
            let stream = client.takeStreamID()
            return ping.frames(on: stream) + [.reset(stream)]
          })
      }
    },
    Attack(name: "resets by a window that overflows") { client in
      for _ in 0..<20 {
        try client.send(
          (0..<20).flatMap { _ in
            let stream = client.takeStreamID()
            return RawRequest("POST", "/v1/ping").headerFrames(on: stream, endStream: false)
              + [.windowUpdate(stream, 0x7FFF_FFFF)]
          })
      }
    },
    Attack(name: "resets by a wrong header name") { client in
      let wrong = RawRequest("GET", "/v1/ping", [HeaderField("X-Name", "1")])
      for _ in 0..<20 {
        try client.send((0..<20).flatMap { _ in wrong.frames(on: client.takeStreamID()) })
      }
    },
    Attack(name: "continuations without end") { client in
      try client.send([Frame(.headers, flags: Frame.endStream, stream: 1, ping.headerBlock)])
      for _ in 0..<100 { try client.send(Array(repeating: Frame(.continuation, stream: 1), count: 100)) }
    },
    Attack(name: "a header bomb") { client in
      // A long entry for the dynamic table, then its index again and again.
      let entry: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
      let block = ping.headerBlock + entry + [UInt8](repeating: 0xBE, count: 144 << 10)
      let parts = block.chunks(of: 16_384)
      for (index, part) in parts.enumerated() {
        let flags = index == parts.count - 1 ? Frame.endHeaders : 0
        try client.send([Frame(index == 0 ? .headers : .continuation, flags: flags, stream: 1, part)])
      }
    },
    Attack(name: "pings") { client in
      for _ in 0..<10 { try client.send(Array(repeating: .ping(7), count: 30)) }
    },
    Attack(name: "settings") { client in
      for _ in 0..<10 { try client.send(Array(repeating: .settings([(id: 4, value: 65_535)]), count: 30)) }
    },
    Attack(name: "data frames without data") { client in
      try client.send(RawRequest("POST", "/v1/ping", body: [1]).headerFrames(on: 1, endStream: false))
      try client.send(Array(repeating: Frame(.data, stream: 1), count: 1000))
    },
    Attack(name: "frames that carry no request") { client in
      let frames = Array(repeatElement(Frame.unknown(type: 0x77, [1, 2, 3, 4]), count: 100).joined())
      for _ in 0..<110 { try client.socket.send(frames) }
    },
  ]
}
