import Foundation
import HTTP2
import Server
import TestSupport
import Testing
import Wire

extension ServerTests {
  /// Whoever is honest sees no GOAWAY: each limit's twin. A false alarm is an outage as well.
  @Suite struct HonestTwinTests {
    /// What honest clients do that resembles an attack.
    private enum Habit: String, CaseIterable {
      /// 1 in 100 requests is given up (rapid reset).
      case cancels
      /// All that is in flight is given up at once, now and then, as when a deadline passes.
      case givesUp
      /// A PING beside every request, to measure the round trip (control flood).
      case pings
      /// SETTINGS now and then.
      case settings
      /// A window update of the connection and of the stream for every DATA frame (glitches).
      case windowUpdates
      /// Windows so small that a reply comes in hundreds of frames, each with its updates.
      case smallWindows
      /// A PRIORITY frame and a priority with each request (glitches).
      case priorities
      /// Headers in CONTINUATION frames of a few bytes (continuation flood).
      case continuations
      /// Bodies of many small DATA frames, the last one empty (empty DATA).
      case smallData
      /// Trailers behind a body.
      case trailers
      /// The longest headers that are read (header bomb).
      case longHeaders
      /// Stream numbers that skip some (lower stream).
      case skippedStreams
      /// A body longer than it may be: answered and reset by us (induced resets).
      case tooLong
      /// A wrong method now and then, by a body that is still to come: answered and reset by us.
      case wrongMethod
      /// The same with a wrong content type.
      case wrongContentType
      /// A body now and then that is not as long as its header says: reset by us.
      case wrongLength
      /// All of these, and requests that are given up.
      case clumsy

      /// How it makes us reset streams now and then.
      var slips: [ResetPrimitive] {
        switch self {
        case .wrongMethod: [.wrongMethod]
        case .wrongContentType: [.wrongContentType]
        case .wrongLength: [.bodyTooShort, .bodyTooLong]
        case .clumsy: [.wrongMethod, .bodyTooShort, .wrongContentType, .bodyTooLong]
        default: []
        }
      }
    }

    @Test(arguments: Habit.allCases.map(\.rawValue))
    func `a hundred requests in flight at a time, with a habit, see no GOAWAY`(habit: String)
      async throws
    {
      let habit = try #require(Habit(rawValue: habit))
      let isThorough = ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1"
      try await TestServer.run { server in
        let windows: UInt32 = habit == .smallWindows ? 300 : 65_535
        let load = HonestLoad(try server.connect(settings: [(id: 4, value: windows)]))
        let end = ContinuousClock.now + (isThorough ? .seconds(60) : .milliseconds(700))
        var rounds = 0
        while ContinuousClock.now < end {
          try Self.round(rounds, habit, load)
          rounds += 1
        }
        #expect(rounds > 1)
        #expect(try load.client.isUsable())
        #expect(load.client.goAway == nil)
        #expect(load.failureCount == 0)
        #expect(load.answerCount > 0)
        let offences = server.server.metrics().offences.filter { $0.count > 0 }
        #expect(offences.isEmpty, "\(offences) after \(load.answerCount) answers")
      }
    }

    /// A hundred requests, and their answers.
    private static func round(_ number: Int, _ habit: Habit, _ load: HonestLoad) throws {
      let client = load.client
      var cancelled: Set<UInt32> = []
      var streams: [UInt32] = []
      let count = habit == .tooLong ? 1 : 100
      for index in 0..<count {
        let stream = client.takeStreamID()
        if habit == .skippedStreams, index % 3 == 0 { _ = client.takeStreamID() }
        streams.append(stream)
        if habit == .tooLong {
          try load.sendTooLong(on: stream)
        } else {
          try client.send(frames(of: habit, on: stream, load))
        }
        let givesUp = habit == .givesUp && number % 20 == 19
        if givesUp || [.cancels, .clumsy].contains(habit) && index == 57 {
          try client.send([.reset(stream)])
          cancelled.insert(stream)
        }
      }
      if habit == .settings, number % 5 == 0 { try client.send([.settings([(id: 4, value: 65_535)])]) }
      for stream in streams where !cancelled.contains(stream) {
        try load.expect(habit == .tooLong ? 413 : 200, on: stream)
      }
      try slip(habit, load)
    }

    private static func slip(_ habit: Habit, _ load: HonestLoad) throws {
      guard !habit.slips.isEmpty, let number = load.takeSlip() else { return }
      let primitive = habit.slips[number % habit.slips.count]
      let stream = load.client.takeStreamID()
      try load.client.send(primitive.frames(on: stream))
      switch primitive {
      case .wrongMethod: try load.expect(405, on: stream)
      case .wrongContentType: try load.expect(415, on: stream)
      default: try load.expectReset(of: stream)
      }
      guard habit == .clumsy, number % 4 == 0 else { return }
      let long = load.client.takeStreamID()
      try load.sendTooLong(on: long)
      try load.expect(413, on: long)
    }

    private static func frames(
      of habit: Habit, on stream: UInt32, _ load: HonestLoad
    ) -> [Frame] {
      let request = habit == .smallWindows ? load.large : load.small
      switch habit {
      case .pings: return [.ping(UInt64(stream))] + request.frames(on: stream)
      case .priorities:
        return [Frame(.priority, stream: stream, [0, 0, 0, 0, 15])] + request.frames(on: stream)
      case .continuations: return request.frames(on: stream, frameByteCount: 8)
      case .smallData:
        let last = Frame(.data, flags: Frame.endStream, stream: stream)
        return request.headerFrames(on: stream, endStream: false)
          + request.body.chunks(of: 9).map { Frame(.data, stream: stream, $0) } + [last]
      case .trailers:
        let trailers = Frame(
          .headers, flags: Frame.endHeaders | Frame.endStream, stream: stream,
          HeaderField("x-checksum", "1").encoded)
        return request.headerFrames(on: stream, endStream: false)
          + [Frame(.data, stream: stream, request.body), trailers]
      case .longHeaders: return load.longHeaders.frames(on: stream)
      default: return request.frames(on: stream)
      }
    }

    @Test func `a hundred and fifty connections that come and go are all answered`() async throws {
      try await TestServer.run { server in
        for _ in 0..<150 {
          let client = try server.connect()
          #expect(try client.isUsable())
          client.socket.close()
        }
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
      }
    }

    /// The longest header that may come, in as many frames as may be, byte by byte: libnghttp2 alone
    /// refuses one honest CONTINUATION that is cut in its head.
    @Test func `the most continuations allowed may come byte by byte`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest("GET", "/v1/ping", [HeaderField("x", String(repeating: "a", count: 500))])
        let size = (request.headerBlock.count + 64) / 65
        let frames = request.headerFrames(on: 1, endStream: true, frameByteCount: size)
        #expect((60...65).contains(frames.count))
        for byte in frames.flatMap(\.bytes) { try client.socket.send([byte]) }
        #expect(try client.response(on: 1).status == 200)
        #expect(client.goAway == nil)
      }
    }
  }
}

/// A client and what came of its requests.
private final class HonestLoad {
  let client: RawClient
  private(set) var answerCount = 0
  private(set) var failureCount = 0
  let small = RawRequest.decide(message([TestDecision(correlationID: 1)]))
  let large = RawRequest.decide(
    message((0..<40).map { TestDecision(correlationID: $0, userRisk: "status=0;score=92") }))
  let longHeaders = RawRequest(
    "GET", "/v1/ping", (0..<8).map { HeaderField("x-\($0)", String(repeating: "v", count: 1900)) })
  let tooLong = RawRequest.decide([UInt8](repeating: 1, count: (1 << 20) + 100))

  /// LIMIT: slips at first, and then each second: 200 in 30 s are what a client may afford.
  private static let slipsAtFirst = 20
  private static let slipsPerSecond = 5
  private let start = ContinuousClock.now
  private var slipCount = 0

  init(_ client: RawClient) { self.client = client }

  /// The number of a slip that is due; `nil` while none is.
  func takeSlip() -> Int? {
    let seconds = Int((ContinuousClock.now - start) / .seconds(1))
    guard slipCount < Self.slipsAtFirst + Self.slipsPerSecond * seconds else { return nil }
    slipCount += 1
    return slipCount - 1
  }

  func sendTooLong(on stream: UInt32) throws {
    try client.send(tooLong.headerFrames(on: stream, endStream: false))
    for frame in tooLong.dataFrames(on: stream) {
      guard try client.sendWithinWindow(frame) else { break }
    }
  }

  func expectReset(of stream: UInt32) throws {
    let response = try client.response(on: stream)
    if response.resetCode != 1 { failureCount += 1 }
    client.forget(stream)
  }

  func expect(_ status: Int, on stream: UInt32) throws {
    let response = try client.response(on: stream)
    answerCount += 1
    if response.status != status { failureCount += 1 }
    client.forget(stream)
  }
}
