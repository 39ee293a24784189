import HTTP2
import Testing
import Wire

/// Streams that stay open, a client session and a server session back to back: both grow while they are
/// read.
@Suite struct StreamedExchangeTests {
  private let head = ClientRequestHead(method: "POST", path: "/v1/stream", authority: "localhost")
  private let ok = ResponseHead(status: 200)
  /// A message of these tests.
  private static let messageByteCount = 100

  /// Answers each whole message with itself, as far as there is room.
  private func echo(_ stream: HTTP2Stream, _ server: ServerSession) {
    if !stream.isAnswering { server.begin(stream, ok) }
    var left = stream.body.count
    var taken = 0
    while left >= Self.messageByteCount, server.hasRoom(stream) {
      stream.response.append(
        stream.body.span.extracting(taken..<(taken + Self.messageByteCount)))
      taken += Self.messageByteCount
      left -= Self.messageByteCount
    }
    server.removeBody(of: stream, first: taken)
    if left >= Self.messageByteCount { server.hold(stream) } else { server.release(stream) }
    if stream.isEnded && left == 0 { server.finish(stream) } else { server.send(stream) }
  }

  private struct Exchange {
    let stream: ClientStream
    var sent: [UInt8] = []
    var received: [UInt8] = []
    var status: Int?
    var hasEnded = false
  }

  @Test(arguments: UInt64(0)..<30)
  func `messages of many streams come back in order, wherever the bytes are cut`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    // So small that streams are held now and then, and responses leave in several parts.
    var settings = HTTP2Settings()
    settings.streamQueuedByteCount = 300
    settings.connectionQueuedByteCount = 700
    settings.streamWindow = 70_000
    var granted = ClientSettings()
    granted.streamWindow = Int32.random(in: 200...40_000, using: &random)
    let wires = try Wires(seed: seed, settings, client: granted, handling: .streamed)
    var exchanges: [UInt64: Exchange] = [:]
    for tag in UInt64(1)...4 { exchanges[tag] = Exchange(stream: wires.client.open(head, tag: tag)) }

    func step() throws {
      try wires.settle { echo($0, wires.server) }
      for event in wires.events() { note(event) }
    }
    func note(_ event: ClientEvent) {
      switch event {
      case .began(let tag, let status):
        #expect(exchanges[tag]?.status == nil)
        exchanges[tag]?.status = status
      case .received(let tag):
        guard let stream = exchanges[tag]?.stream else { return }
        // Taken in parts: what is left is there the next time.
        wires.client.takeReceived(of: stream) { bytes in
          let count = Int.random(in: 0...bytes.count, using: &random)
          exchanges[tag]?.received += [UInt8](copying: bytes.extracting(0..<count))
          return count
        }
      case .response(let tag, let response):
        #expect(response.status == 200)
        exchanges[tag]?.received += response.body
        exchanges[tag]?.hasEnded = true
      case .failure: Issue.record("\(event), seed \(seed)")
      }
    }

    for _ in 0..<12 {
      for tag in UInt64(1)...4 where Bool.random(using: &random) {
        let count = Int.random(in: 1...2000, using: &random)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        exchanges[tag]?.sent += bytes
        wires.client.append(bytes, to: exchanges[tag]!.stream)
        #expect(exchanges[tag]!.stream.unsentByteCount >= count)
      }
      try step()
    }
    for tag in UInt64(1)...4 {
      // Its last message whole.
      let part = exchanges[tag]!.sent.count % Self.messageByteCount
      let missing = part == 0 ? 0 : Self.messageByteCount - part
      let bytes = [UInt8](repeating: 9, count: missing)
      exchanges[tag]?.sent += bytes
      wires.client.append(bytes, to: exchanges[tag]!.stream)
      wires.client.endRequest(exchanges[tag]!.stream)
      wires.client.append([1], to: exchanges[tag]!.stream)
      wires.client.endRequest(exchanges[tag]!.stream)
    }
    try step()
    for (tag, exchange) in exchanges {
      #expect(exchange.hasEnded, "seed \(seed), tag \(tag)")
      #expect(exchange.received == exchange.sent, "seed \(seed), tag \(tag)")
      #expect(exchange.stream.unsentByteCount == 0)
    }
    #expect(wires.client.requestCount == 0 && wires.server.openStreamCount == 0)
  }

  @Test func `a response that ends before its request resets what is left of it`() throws {
    let wires = try Wires(seed: 1, handling: .streamed)
    let stream = wires.client.open(head, tag: 1)
    wires.client.append([1, 2, 3], to: stream)
    try wires.settle {
      if !$0.isAnswering { wires.server.begin($0, ok) }
      $0.response.append([4].span)
      wires.server.finish($0)
    }
    let events = wires.events()
    guard case .response(tag: 1, let response)? = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(response.body == [4])
    #expect(wires.client.requestCount == 0 && wires.server.openStreamCount == 0)
    // Nobody is there for it any more.
    wires.client.append([5], to: stream)
    wires.client.endRequest(stream)
    try wires.settle { _ in Issue.record("a stream that was over") }
  }

  @Test func `a response of which nobody takes anything is given up at its limit`() throws {
    var granted = ClientSettings()
    granted.bodyByteCount = 1000
    granted.streamWindow = 2000
    let wires = try Wires(seed: 2, client: granted, handling: .streamed)
    _ = wires.client.open(head, tag: 1)
    try wires.settle {
      if !$0.isAnswering { wires.server.begin($0, ok) }
      $0.response.append([UInt8](repeating: 4, count: 4000).span)
      wires.server.send($0)
    }
    #expect(wires.events() == [.began(tag: 1, status: 200), .received(tag: 1), .failure(tag: 1, .tooLarge)])
    #expect(wires.server.openStreamCount == 0)
  }

  @Test func `a streamed request that waits is given up when the connection drains`() throws {
    var settings = HTTP2Settings()
    settings.concurrentStreams = 1
    let wires = try Wires(seed: 3, settings, handling: .streamed)
    try wires.settle { _ in }
    _ = wires.client.open(head, tag: 1)
    let second = wires.client.open(head, tag: 2)
    wires.client.append([1], to: second)
    #expect(second.unsentByteCount == 1)
    try wires.settle { if !$0.isAnswering { wires.server.begin($0, ok) } }
    wires.server.shutDown()
    #expect(wires.server.isDraining)
    var ended = 0
    try wires.settle {
      // Handed out once more, to be ended.
      ended += 1
      wires.server.finish($0)
    }
    #expect(ended == 1)
    let events = wires.events()
    #expect(events.contains(.failure(tag: 2, .notProcessed)))
    #expect(events.contains { if case .response(tag: 1, _) = $0 { true } else { false } })
    #expect(wires.client.isFinished)
  }
}
