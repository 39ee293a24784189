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

}

extension Attack {
  /// What is too much, in one go: whoever means harm has it ready, and leaves the server no pause.
  private init(_ name: String, _ bytes: [UInt8]) {
    self.init(name: name) { client in try client.socket.send(bytes) }
  }

  private init(_ name: String, _ frames: [Frame]) { self.init(name, frames.flatMap(\.bytes)) }

  /// So many times what `frames` makes of a stream of its own.
  private init(_ name: String, streams count: UInt32, _ frames: (UInt32) -> [Frame]) {
    self.init(name, (0..<count).flatMap { frames(2 * $0 + 1) })
  }

  static let all = [
    Attack("rapid reset", streams: 2000) { ping.frames(on: $0) + [.reset($0)] },
    Attack("resets by a window that overflows", streams: 400) {
      RawRequest("POST", "/v1/ping").headerFrames(on: $0, endStream: false)
        + [.windowUpdate($0, 0x7FFF_FFFF)]
    },
    Attack("resets by a wrong header name", streams: 400) {
      RawRequest("GET", "/v1/ping", [HeaderField("X-Name", "1")]).frames(on: $0)
    },
    Attack(
      "continuations without end",
      [Frame(.headers, flags: Frame.endStream, stream: 1, ping.headerBlock)]
        + Array(repeating: Frame(.continuation, stream: 1), count: 10_000)),
    Attack("a header bomb", headerBomb),
    Attack("pings", Array(repeating: .ping(7), count: 300)),
    Attack("settings", Array(repeating: .settings([(id: 4, value: 65_535)]), count: 300)),
    Attack(
      "data frames without data",
      RawRequest("POST", "/v1/ping", body: [1]).headerFrames(on: 1, endStream: false)
        + Array(repeating: Frame(.data, stream: 1), count: 1000)),
    Attack(
      "frames that carry no request",
      Array(repeatElement(Frame.unknown(type: 0x77, [1, 2, 3, 4]), count: 11_000).joined())),
  ]

  /// A long entry for the dynamic table, then its index again and again.
  private static let headerBomb: [Frame] = {
    let entry: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
    let parts = (ping.headerBlock + entry + [UInt8](repeating: 0xBE, count: 144 << 10)).chunks(of: 16_384)
    return parts.enumerated().map { index, part in
      Frame(
        index == 0 ? .headers : .continuation,
        flags: index == parts.count - 1 ? Frame.endHeaders : 0, stream: 1, part)
    }
  }()
}
