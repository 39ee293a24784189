import HTTP2
import Testing
import Wire

@Suite struct ClientSessionTests {
  private let head = ClientRequestHead(
    method: "POST", path: "/v1/decide", authority: "localhost",
    [(name: "content-type", value: "application/vnd.postern.v1")])
  private let ok = ResponseHead(
    status: 200, [(name: "postern-verdict", value: "mfa"), (name: "server", value: "x")])

  @Test(arguments: UInt64(0)..<40)
  func `every request gets its own response, wherever the bytes are cut`(seed: UInt64) throws {
    let wires = try Wires(seed: seed)
    var random = SplitMix64(seed: seed)
    var bodies: [UInt64: [UInt8]] = [:]
    for tag in UInt64(1)...20 {
      let count = Int.random(in: 0...4_000, using: &random)
      bodies[tag] = (0..<count).map { UInt8(truncatingIfNeeded: UInt64($0) &* tag) }
      _ = wires.client.submit(head, body: bodies[tag] ?? [], tag: tag)
    }
    try wires.settle { stream in
      #expect(String(repairing: stream.path) == "/v1/decide")
      #expect(String(repairing: stream.method) == "POST")
      stream.response.append(stream.body.span)
      wires.server.respond(to: stream, ok)
    }
    let events = wires.events()
    #expect(events.count == 20, "seed \(seed)")
    for event in events {
      guard case .response(let tag, let response) = event else {
        Issue.record("\(event), seed \(seed)")
        continue
      }
      #expect(response.status == 200)
      #expect(response.body == bodies[tag], "seed \(seed), tag \(tag)")
      #expect(response.headers.map(\.name) == ["postern-verdict"])
      bodies[tag] = nil
    }
    #expect(bodies.isEmpty, "seed \(seed)")
    #expect(wires.client.requestCount == 0)
    #expect(wires.client.isEstablished)
  }

  @Test func `the server's limit on streams is kept and the rest waits`() throws {
    var settings = HTTP2Settings()
    settings.concurrentStreams = 3
    let wires = try Wires(seed: 1, settings)
    try wires.settle { _ in }
    for tag in UInt64(1)...50 { _ = wires.client.submit(head, body: [1], tag: tag) }
    try wires.settle { wires.server.respond(to: $0, ok) }
    #expect(wires.events().count == 50)
    #expect(wires.openMax == 3)
  }

  @Test func `a waiting request that is cancelled never reaches the server`() throws {
    var settings = HTTP2Settings()
    settings.concurrentStreams = 1
    let wires = try Wires(seed: 2, settings)
    try wires.settle { _ in }
    _ = wires.client.submit(head, body: [1], tag: 1)
    let second = wires.client.submit(head, body: [2], tag: 2)
    var seen: [UInt8] = []
    wires.client.cancel(second)
    try wires.settle {
      seen += [UInt8](copying: $0.body.span)
      wires.server.respond(to: $0, ok)
    }
    #expect(seen == [1])
    #expect(wires.events().count == 1)
  }

  @Test func `a request under way that is cancelled is reset and gives no event`() throws {
    let wires = try Wires(seed: 3)
    let stream = wires.client.submit(head, body: [1], tag: 1)
    try wires.settle { _ in }
    #expect(wires.server.openStreamCount == 1)
    wires.client.cancel(stream)
    try wires.settle { _ in }
    #expect(wires.server.openStreamCount == 0)
    #expect(wires.events().isEmpty)
    #expect(wires.client.requestCount == 0)
  }

  @Test func `after a GOAWAY what is under way is answered and what is new is not processed`()
    throws
  {
    let wires = try Wires(seed: 4)
    _ = wires.client.submit(head, body: [1], tag: 1)
    var first: HTTP2Stream?
    try wires.settle { first = $0 }
    wires.server.shutDown()
    try wires.settle { _ in }
    #expect(wires.client.isDraining)
    _ = wires.client.submit(head, body: [2], tag: 2)
    wires.server.respond(to: try #require(first), ok)
    try wires.settle { _ in Issue.record("a request after the GOAWAY") }
    let events = wires.events()
    #expect(events.first == .failure(tag: 2, .notProcessed))
    guard case .response(tag: 1, _)? = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(wires.client.isFinished)
  }

  @Test func `a response over the limit is given up and the connection stays`() throws {
    let wires = try Wires(seed: 5)
    let limit = wires.client.settings.bodyByteCount
    for (tag, byteCount) in [(UInt64(1), limit), (2, limit + 1)] {
      _ = wires.client.submit(head, body: [1], tag: tag)
      try wires.settle { stream in
        stream.response.append([UInt8](repeating: 7, count: byteCount).span)
        wires.server.respond(to: stream, ok)
      }
    }
    let events = wires.events()
    guard events.count == 2, case .response(tag: 1, let response) = events[0] else {
      Issue.record("\(events.count) events")
      return
    }
    #expect(response.body.count == limit)
    #expect(events[1] == .failure(tag: 2, .tooLarge))
    #expect(wires.server.openStreamCount == 0)
  }

  @Test func `a response with too many headers is given up`() throws {
    let wires = try Wires(seed: 6)
    _ = wires.client.submit(head, body: [1], tag: 1)
    let fat = ResponseHead(
      status: 200, (0..<100).map { (name: "x-\($0)", value: "y") })
    try wires.settle { wires.server.respond(to: $0, fat) }
    #expect(wires.events() == [.failure(tag: 1, .tooLarge)])
  }

  @Test func `bytes that are no HTTP/2 end the session`() throws {
    let client = try ClientSession()
    #expect(!client.isBroken)
    try client.receive(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span)
    while client.takeOutput(upTo: 1024, to: { _ in }) {}
    #expect(client.isBroken)
  }
}
