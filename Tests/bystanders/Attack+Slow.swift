import TestSupport

extension Attack {
  /// LIMIT: how many connections drip at once.
  private static let slowCrowd = 1000

  static var slow: [Attack] {
    let request = ping.frames(on: 1).flatMap(\.bytes)
    return [
      slow("connections that say nothing", start: [], end: .silence),
      slow(
        "a preface that drips", start: Array(Frame.preface[..<4]), drip: Array(Frame.preface[4...]),
        end: .goAway(code: 4)),
      slow("a preface without settings", start: Frame.preface, end: .goAway(code: 4)),
      slow(Attack("headers that drip", Array(request[..<9])), drip: Array(request[9...])),
      slow(
        Attack("bodies that drip", end: .reset(code: 8), post.headerFrames(on: 1, endStream: false)),
        drip: Frame(.data, flags: Frame.endStream, stream: 1, [UInt8](repeating: 1, count: 100)).bytes,
        openByteCount: 100),
      slow(
        Attack(
          "a window of nothing", settings: [(id: 4, value: 0)],
          streams(8) { RawRequest("POST", "/v1/ping", body: body).frames(on: $0) }),
        openByteCount: 8 * body.count, crowd: 128),
      slow(
        Attack(
          "requests that do not end",
          streams(256) { post.headerFrames(on: $0, endStream: false) }),
        openByteCount: 256 * requestByteCount, crowd: 64),
      slow(
        Attack("long headers of requests that do not end", longHeaders(post)),
        openByteCount: 256 * requestByteCount, crowd: 64),
      checks(
        "checks that do not end", streams(256) { check.headerFrames(on: $0, endStream: false) }),
      checks("long headers of checks that do not end", longHeaders(check), isCompressed: true),
    ]
  }

  private static let check = RawRequest.check("post-login", method: "POST")

  /// Decided as soon as their headers are there, and their bodies never come; the twin's come to their ends.
  private static func checks(_ name: String, _ frames: [Frame], isCompressed: Bool = false) -> Attack {
    var attack = slow(Attack(name, frames), openByteCount: 256 * requestByteCount, crowd: 64)
    attack.twin = Attack(
      name,
      frames.map { frame in
        var frame = frame
        frame.flags |= Frame.endStream
        return frame
      }).bytes
    attack.isCompressed = isCompressed
    return attack
  }

  /// LIMIT: what a request takes that is open while nothing of its body has come.
  static let requestByteCount = 1280
  private static let body = [UInt8](repeating: 1, count: 64 << 10)

  /// A header of nearly 4 KiB into HPACK's table, and then references to it: any request may cost what
  /// `headerByteCount` bytes do, whatever was sent for them.
  private static func longHeaders(_ request: RawRequest) -> [Frame] {
    let entry: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0x80, 0x1E] + [UInt8](repeating: 0x61, count: 3967)
    let last = request.headerBlock + [0xBE]
    let first = Frame(.headers, flags: Frame.endHeaders, stream: 1, request.headerBlock + entry)
    return [first] + streams(256) { Frame(.headers, flags: Frame.endHeaders, stream: $0, last) }.dropFirst()
  }

  private static func streams(_ count: UInt32, _ frame: (UInt32) -> Frame) -> [Frame] {
    streams(count) { [frame($0)] }
  }

  private static func slow(
    _ attack: Attack, drip: [UInt8] = [], openByteCount: Int = 0, crowd: Int = slowCrowd
  ) -> Attack {
    var attack = attack
    attack.isSlow = true
    attack.drip = drip
    attack.openByteCount = openByteCount
    attack.crowd = crowd
    return attack
  }

  private static func slow(_ name: String, start: [UInt8], drip: [UInt8] = [], end: End) -> Attack {
    var attack = Attack(name, end: end, [UInt8]())
    attack.bytes = start
    return slow(attack, drip: drip)
  }
}
