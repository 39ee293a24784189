import Foundation
import TestSupport
import Wire

/// An honest client that has a habit, and what came of its requests.
public final class HonestLoad {
  public let client: RawClient
  private let habit: HonestHabit
  public private(set) var answerCount = 0
  public private(set) var failureCount = 0
  public private(set) var cancelCount = 0
  /// Statuses that came in place of others.
  public private(set) var wrongStatuses: Set<Int> = []
  private var roundCount = 0

  private let small = RawRequest.decide(decisions(1))
  private let large = RawRequest.decide(decisions(40, userRisk: risk))
  private let packed = RawRequest.decide(compressed(decisions(40, userRisk: risk)))
  private let largest = RawRequest.decide(
    compressed(decisions(1000, userRisk: risk + ";general=" + String(repeating: "a", count: 950))))
  private let longHeaders = RawRequest(
    "GET", "/v1/ping", (0..<8).map { HeaderField("x-\($0)", String(repeating: "v", count: 1900)) })
  private let check = RawRequest.check("post-login", method: "POST")
  private let tooLong = RawRequest.decide([UInt8](repeating: 1, count: (1 << 20) + 100))

  /// LIMIT: slips at first, and then each second: 200 in 30 s are what a client may afford.
  private static let slipsAtFirst = 20
  private static let slipsPerSecond = 5
  private let start = ContinuousClock.now
  private var slipCount = 0

  /// Rests for so long behind each hundred requests.
  private let pauseSeconds: Double

  public init(_ habit: HonestHabit, _ address: RawSocket.Address, pauseSeconds: Double = 0) throws {
    self.habit = habit
    self.pauseSeconds = pauseSeconds
    let windows: UInt32 = habit == .smallWindows ? 300 : 65_535
    client = try RawClient(address, settings: [(id: 4, value: windows)])
  }

  /// LIMIT: in the last of so many rounds all is given up, if that is the habit.
  private static let roundCountMin = 5

  /// A hundred requests at a time, and their answers, some times and until then.
  public func run(until end: ContinuousClock.Instant) throws {
    while roundCount < Self.roundCountMin || ContinuousClock.now < end {
      try round()
      if pauseSeconds > 0 { Thread.sleep(forTimeInterval: pauseSeconds) }
    }
  }

  private func round() throws {
    let number = roundCount
    roundCount += 1
    var cancelled: Set<UInt32> = []
    var streams: [UInt32] = []
    let count = habit == .tooLong ? 1 : habit == .fullHouse ? 256 : 100
    for index in 0..<count {
      let stream = client.takeStreamID()
      if habit == .skippedStreams, index % 3 == 0 { _ = client.takeStreamID() }
      streams.append(stream)
      if habit == .unknownFrames { try sendUnknownFrames(before: stream) }
      if habit == .tooLong { try sendTooLong(on: stream) } else { try client.send(frames(on: stream)) }
      let givesUp = habit == .givesUp && number % Self.roundCountMin == Self.roundCountMin - 1
      if givesUp || [.cancels, .clumsy].contains(habit) && index == 57 {
        try client.send([.reset(stream)])
        cancelled.insert(stream)
        cancelCount += 1
      }
    }
    if habit == .settings, number % 5 == 0 { try client.send([.settings([(id: 4, value: 65_535)])]) }
    for stream in streams where !cancelled.contains(stream) {
      try expect(habit == .tooLong ? 413 : 200, on: stream)
      if habit == .givesUpBodies { try client.send([.reset(stream)]) }
    }
    try slip()
  }

  private func slip() throws {
    guard !habit.slips.isEmpty, let number = takeSlip() else { return }
    let primitive = habit.slips[number % habit.slips.count]
    let stream = client.takeStreamID()
    try client.send(primitive.frames(on: stream))
    switch primitive {
    case .wrongMethod: try expect(405, on: stream)
    case .wrongContentType: try expect(415, on: stream)
    default: try expectReset(of: stream)
    }
    guard habit == .clumsy, number % 4 == 0 else { return }
    let long = client.takeStreamID()
    try sendTooLong(on: long)
    try expect(413, on: long)
  }

  private func frames(on stream: UInt32) -> [Frame] {
    let request = habit == .smallWindows ? large : small
    switch habit {
    case .pings: return [.ping(UInt64(stream))] + request.frames(on: stream)
    case .priorities:
      return [Frame(.priority, stream: stream, [0, 0, 0, 0, 15])] + request.frames(on: stream)
    case .continuations: return request.frames(on: stream, frameByteCount: 8)
    case .smallData:
      let last = Frame(.data, flags: Frame.endStream, stream: stream)
      return request.headerFrames(on: stream, endStream: false)
        + request.body.chunks(of: 9).map { Frame(.data, stream: stream, $0) } + [last]
    case .padding: return request.frames(on: stream).map(\.padded)
    case .compressed: return (stream % 128 == 1 ? largest : packed).frames(on: stream)
    case .trailers:
      let trailers = Frame(
        .headers, flags: Frame.endHeaders | Frame.endStream, stream: stream,
        HeaderField("x-checksum", "1").encoded)
      return request.headerFrames(on: stream, endStream: false)
        + [Frame(.data, stream: stream, request.body), trailers]
    case .longHeaders: return longHeaders.frames(on: stream)
    case .givesUpBodies:
      return check.headerFrames(on: stream, endStream: false) + [Frame(.data, stream: stream, [0x7B])]
    default: return request.frames(on: stream)
    }
  }

  /// The number of a slip that is due; `nil` while none is.
  private func takeSlip() -> Int? {
    let seconds = Int((ContinuousClock.now - start) / .seconds(1))
    guard slipCount < Self.slipsAtFirst + Self.slipsPerSecond * seconds else { return nil }
    slipCount += 1
    return slipCount - 1
  }

  private func sendTooLong(on stream: UInt32) throws {
    try client.send(tooLong.headerFrames(on: stream, endStream: false))
    for frame in tooLong.dataFrames(on: stream) {
      guard try client.sendWithinWindow(frame) else { break }
    }
  }

  /// One that every receiver is to pass over (as RFC 9113 5.5 has it), and a priority of RFC 9218.
  private func sendUnknownFrames(before stream: UInt32) throws {
    let reserved = Frame.unknown(type: 0x0B + 0x1F * UInt8(stream % 7), stream: stream, [1, 2, 3, 4])
    let number = (0..<4).map { UInt8(truncatingIfNeeded: stream >> (24 - 8 * $0)) }
    let priority = Frame.unknown(type: 0x10, number + Array("u=3, i".utf8))
    try client.socket.send(priority + reserved)
  }

  private func expectReset(of stream: UInt32) throws {
    let response = try client.response(on: stream)
    if response.resetCode != 1 { failureCount += 1 }
    client.forget(stream)
  }

  private func expect(_ status: Int, on stream: UInt32) throws {
    let response = try client.response(on: stream)
    answerCount += 1
    if response.status != status {
      failureCount += 1
      wrongStatuses.insert(response.status)
    }
    client.forget(stream)
  }
}

extension Frame {
  /// With seven bytes of padding, where frames of its kind may have some.
  fileprivate var padded: Frame {
    guard [.data, .headers].contains(kind) else { return self }
    return Frame(kind, flags: flags | 0x08, stream: stream, [7] + payload + [UInt8](repeating: 0, count: 7))
  }
}
