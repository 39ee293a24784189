import TestSupport

/// What a hostile connection sends, and how it must end. Every row of the attack table is here: those that
/// cost the server work in `floods`, those that hold on to what they have in `slow`.
struct Attack: Sendable {
  enum End: Sendable {
    case goAway(code: UInt32)
    /// Without a word: the peer has not begun to speak HTTP/2.
    case silence
    /// Of a stream alone.
    case reset(code: UInt32)

    var isReset: Bool {
      if case .reset = self { true } else { false }
    }

    func allows(_ ending: Ending) -> Bool {
      switch self {
      case .goAway(let code): ending.goAwayCode == code
      case .silence: ending.goAwayCode == nil
      case .reset(let code): ending.resetCode == code && ending.goAwayCode == nil
      }
    }
  }

  let name: String
  /// All it has to say, the preface included: whoever means harm has it ready.
  var bytes: [UInt8]
  var end: End
  /// What comes behind it, a byte at a time.
  var drip: [UInt8] = []
  /// Whether the server is to have patience with it before it is enough.
  var isSlow = false
  /// Bytes that a connection may hold of open requests, and of their bodies.
  var openByteCount = 0
  /// How many connections at once. LIMIT: so many that what a loop has once, such as buffers for reading and
  /// 4 MiB for what is yet to be read, is little beside what each has.
  var crowd = 256
  /// Another of many of its kind: others are asked less often what they notice.
  var isVariant = false
  /// Made over TLS in every run. LIMIT: one of each kind, for what is behind the door is the same.
  var isMain: Bool {
    [
      "rapid reset", "resets by windowOverflow", "resets by upperCaseName", "resets by wrongMethod",
      "continuations without end", "a header bomb", "pings", "settings", "data frames without data",
      "window updates",
    ].contains(name)
  }
  /// Its requests are answered, if by a refusal: others must bear it as they bear a busy client.
  var isAnswered = false
  /// Its requests are decided, each as anybody's: what it costs is also compared with the same requests of a
  /// client that takes its replies, whose bytes these are; what others notice, with what they notice of as many
  /// such clients.
  var twin: [UInt8]?
  /// Its requests are compressed: they cost what they are, not what was sent for them, so what it costs is
  /// compared with its twin alone.
  var isCompressed = false

  init(
    _ name: String, settings: [(id: UInt16, value: UInt32)] = [], end: End = .goAway(code: 11),
    _ frames: [UInt8]
  ) {
    self.name = name
    // The acknowledgement may come before the peer's settings have: they are under way.
    let start = [.settings(settings), Frame(.settings, flags: Frame.acknowledgement)].flatMap(\.bytes)
    bytes = Frame.preface + start + frames
    self.end = end
  }

  init(
    _ name: String, settings: [(id: UInt16, value: UInt32)] = [], end: End = .goAway(code: 11),
    _ frames: [Frame]
  ) {
    self.init(name, settings: settings, end: end, frames.flatMap(\.bytes))
  }
}

extension Attack {
  static let ping = RawRequest("GET", "/v1/ping")
  static let post = RawRequest("POST", "/v1/ping", body: [1])

  static var floods: [Attack] {
    [
      Attack("rapid reset", streams(2000) { ping.frames(on: $0) + [.reset($0)] }),
      Attack(
        "rapid reset of requests that go on",
        streams(2000) { post.headerFrames(on: $0, endStream: false) + [.reset($0)] }),
    ] + resets + [
      Attack(
        "continuations without end",
        [Frame(.headers, flags: Frame.endStream, stream: 1, ping.headerBlock)]
          + Array(repeating: Frame(.continuation, stream: 1), count: 10_000)),
      Attack("a header bomb", headerBomb), Attack("requests that name a long field often", namedOften),
      Attack("pings", Array(repeating: .ping(7), count: 300)),
      Attack("settings", Array(repeating: .settings([(id: 4, value: 65_535)]), count: 300)),
      Attack(
        "data frames without data",
        post.headerFrames(on: 1, endStream: false)
          + Array(repeating: Frame(.data, stream: 1), count: 1000)),
      glitches("window updates", Frame.windowUpdate(0, 1).bytes),
      glitches("priorities of idle streams", Frame(.priority, stream: 0x7FFF_FFFF, [0, 0, 0, 0, 9]).bytes),
      glitches("frames of an unknown type", Frame.unknown(type: 0x77, [1, 2, 3, 4])),
      tooManyStreams, earlyStreams,
      Attack("a lower stream", end: .goAway(code: 1), ping.frames(on: 5) + ping.frames(on: 3)),
      // Not an offence: the connection is wound up.
      Attack("the last stream", end: .goAway(code: 0), ping.frames(on: 0x7FFF_FFFF)),
    ]
  }

  private static var tooManyStreams: Attack {
    var attack = Attack(
      "more streams than allowed", end: .goAway(code: 1),
      streams(300) { post.headerFrames(on: $0, endStream: false) })
    attack.openByteCount = 256 * requestByteCount
    return attack
  }

  /// From one that never acknowledges how many it may open.
  private static var earlyStreams: Attack {
    let frames = streams(3000) { post.headerFrames(on: $0, endStream: false) }
    var attack = Attack("streams before the settings are acknowledged", [UInt8]())
    attack.bytes = Frame.preface + Frame.settings().bytes + frames.flatMap(\.bytes)
    attack.openByteCount = 256 * requestByteCount
    return attack
  }

  /// MadeYouReset, by all its primitives: as often as is too often, and not more than may be open at once.
  private static var resets: [Attack] {
    ResetPrimitive.allCases.map { primitive in
      var attack = Attack("resets by \(primitive)", streams(250, primitive.frames(on:)))
      attack.isVariant = ![.windowOverflow, .upperCaseName, .emptyName].contains(primitive)
      attack.isAnswered = [.wrongMethod, .wrongContentType].contains(primitive)
      return attack
    }
  }

  static func streams(_ count: UInt32, _ frames: (UInt32) -> [Frame]) -> [Frame] {
    (0..<count).flatMap { frames(2 * $0 + 1) }
  }

  private static func glitches(_ name: String, _ bytes: [UInt8]) -> Attack {
    Attack(name, Array(repeatElement(bytes, count: 11_000).joined()))
  }

  /// A long entry for the dynamic table, and requests with as many references to it as are no bomb yet.
  private static var namedOften: [Frame] {
    let entry: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
    let last = ping.headerBlock + [UInt8](repeating: 0xBE, count: 15)
    return streams(200) { stream in
      [Frame(
        .headers, flags: Frame.endHeaders | Frame.endStream, stream: stream,
        stream == 1 ? ping.headerBlock + entry : last)]
    }
  }

  /// A long entry for the dynamic table, then its index again and again.
  private static var headerBomb: [Frame] {
    let entry: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
    let parts = (ping.headerBlock + entry + [UInt8](repeating: 0xBE, count: 144 << 10)).chunks(of: 16_384)
    return parts.enumerated().map { index, part in
      Frame(
        index == 0 ? .headers : .continuation,
        flags: index == parts.count - 1 ? Frame.endHeaders : 0, stream: 1, part)
    }
  }
}
