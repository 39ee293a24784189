import HTTP2
import TestSupport
import Testing
import Wire

/// What a client session makes of a server's frames, one by one.
@Suite struct ClientFramesTests {
  private let head = ClientRequestHead(method: "POST", path: "/v1/decide", authority: "localhost")

  /// A client with one request on the wire, on stream 1; `bodyByteCount` bytes of body.
  private func asked(
    _ settings: ClientSettings = ClientSettings(), bodyByteCount: Int = 1
  ) throws -> (client: ClientSession, stream: ClientStream) {
    let client = try ClientSession(settings)
    try send([Frame.settings()], to: client)
    let body = [UInt8](repeating: 1, count: bodyByteCount)
    let stream = client.submit(head, body: body, tag: 7)
    _ = frames(of: client)
    return (client, stream)
  }

  /// What the client has to say, its preface aside.
  private func frames(of client: ClientSession) -> [Frame] {
    var output: [UInt8] = []
    while client.takeOutput(upTo: 100, to: { output += bytes(of: $0) }) {}
    if output.starts(with: Frame.preface) { output.removeFirst(Frame.preface.count) }
    var frames: [Frame] = []
    while let frame = Frame.take(from: &output) { frames.append(frame) }
    return frames
  }

  private func send(_ frames: [Frame], to client: ClientSession) throws {
    let bytes = frames.flatMap(\.bytes)
    try client.receive(bytes.span)
  }

  private func block(_ fields: [(String, String)], endsStream: Bool = false) -> Frame {
    Frame(
      .headers, flags: Frame.endHeaders | (endsStream ? Frame.endStream : 0), stream: 1,
      fields.flatMap { HeaderField($0.0, $0.1).encoded })
  }

  @Test func `what the connection grants is said first`() throws {
    var settings = ClientSettings()
    settings.streamWindow = 70_000
    settings.headerByteCount = 5000
    settings.connectionWindow = 100_000
    let frames = frames(of: try ClientSession(settings))
    #expect(frames.map(\.kind) == [.settings, .windowUpdate])
    // No push, the window, the size of headers, no priorities (RFC 9113 6.5.2, RFC 9218 2.1).
    #expect(
      frames.first
        == .settings([
          (id: 2, value: 0), (id: 4, value: 70_000), (id: 6, value: 5000), (id: 9, value: 1),
        ]))
    #expect(frames.last == .windowUpdate(0, 100_000 - 65_535))
  }

  @Test func `an interim response is forgotten, and trailers say nothing`() throws {
    let (client, _) = try asked()
    try send(
      [
        block([(":status", "103"), ("postern-verdict", "deny")]),
        block([
          (":status", "200"), ("content-type", "text/plain"), ("retry-after", "3"), ("server", "x"),
          ("postern-rule", "4"),
        ]),
        Frame(.data, stream: 1, [5, 6]), block([("postern-trailer", "no")], endsStream: true),
      ], to: client)
    guard case .response(tag: 7, let response)? = client.takeEvent() else {
      Issue.record("no response")
      return
    }
    #expect(response.status == 200 && response.body == [5, 6])
    #expect(response.header("retry-after") == "3")
    #expect(response.header("postern-rule") == "4")
    #expect(response.header("content-type") == "text/plain")
    #expect(response.header("server") == nil && response.header("postern-verdict") == nil)
    #expect(client.takeEvent() == nil && client.requestCount == 0)
  }

  @Test(arguments: [(UInt32(7), ClientStreamFailure.notProcessed), (2, .reset(code: 2))])
  func `a reset says whether the server has looked at it`(
    code: UInt32, failure: ClientStreamFailure
  ) throws {
    let (client, _) = try asked()
    try send([.reset(1, code: code)], to: client)
    #expect(client.takeEvent() == .failure(tag: 7, failure))
    #expect(client.requestCount == 0 && !client.isFinished)
  }

  @Test func `a request of whose body nothing has left was not processed, whatever the server says`() throws
  {
    // Without a window no byte of a body leaves.
    let client = try ClientSession()
    try send([Frame.settings([(id: 4, value: 0)])], to: client)
    _ = client.submit(head, body: [1], tag: 7)
    #expect(frames(of: client).contains { $0.kind == .headers })
    try send([.reset(1, code: 2)], to: client)
    #expect(client.takeEvent() == .failure(tag: 7, .notProcessed))
  }

  @Test func `a GOAWAY names the last request that will be answered`() throws {
    let client = try ClientSession()
    try send([Frame.settings()], to: client)
    for tag in UInt64(1)...3 { _ = client.submit(head, body: [1], tag: tag) }
    _ = frames(of: client)
    try send([Frame(.goAway, [0, 0, 0, 3, 0, 0, 0, 0])], to: client)
    #expect(client.takeEvent() == .failure(tag: 3, .notProcessed))
    #expect(client.takeEvent() == nil && client.requestCount == 2)
    #expect(client.isDraining && !client.isBroken && !client.isFinished)
  }

  @Test func `an answer that comes before the body has left saves the rest of it`() throws {
    let (client, _) = try asked(bodyByteCount: 200_000)
    try send([block([(":status", "413")], endsStream: true)], to: client)
    guard case .response(tag: 7, let response)? = client.takeEvent() else {
      Issue.record("no response")
      return
    }
    #expect(response == ClientResponse(status: 413, headers: [], body: []))
    #expect(frames(of: client).contains(.reset(1)))
    #expect(client.requestCount == 0)
  }

  @Test func `who shuts down says so, gives up what waits and takes what is under way`() throws {
    var settings = ClientSettings()
    settings.concurrentStreams = 1
    let (client, _) = try asked(settings)
    _ = client.submit(head, body: [2], tag: 8)
    client.shutDown()
    #expect(client.takeEvent() == .failure(tag: 8, .notProcessed))
    #expect(frames(of: client) == [Frame(.goAway, [0, 0, 0, 0, 0, 0, 0, 0])])
    #expect(!client.isFinished)
    try send([block([(":status", "200")], endsStream: true)], to: client)
    #expect(client.takeEvent()?.tag == 7)
    #expect(client.isFinished && !client.isBroken)
  }

  @Test func `a ping goes out, and one of the server is answered`() throws {
    let (client, _) = try asked()
    client.ping()
    try send([.ping(5)], to: client)
    let pings = frames(of: client).filter { $0.kind == .ping }
    #expect(pings == [.ping(), .ping(5, flags: Frame.acknowledgement)])
  }

  @Test func `what comes of a request that was given up is nobody's`() throws {
    let (client, stream) = try asked()
    client.cancel(stream)
    // Crossed the reset.
    try send([block([(":status", "200")]), Frame(.data, flags: Frame.endStream, stream: 1, [1])], to: client)
    #expect(client.takeEvent() == nil)
    client.cancel(stream)
    _ = frames(of: client)
    #expect(client.takeEvent() == nil && client.requestCount == 0)
  }

  @Test func `frames that break the protocol end the session`() throws {
    for bad in [
      Frame(.data, stream: 0, [1]), Frame(.settings, [1, 2, 3]),
      Frame(.pushPromise, flags: Frame.endHeaders, stream: 1, [0, 0, 0, 2]),
    ] {
      let (client, _) = try asked()
      try send([Frame(.settings, flags: Frame.acknowledgement)], to: client)
      try? send([bad], to: client)
      let goAway = try #require(frames(of: client).last { $0.kind == .goAway }, "\(bad)")
      #expect(goAway.payload[7] != 0, "\(bad)")
      #expect(client.isBroken, "\(bad)")
    }
  }

  @Test func `what is pushed before our settings were seen is nobody's`() throws {
    let (client, _) = try asked()
    let fields = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "x")]
    let promise = Frame(
      .pushPromise, flags: Frame.endHeaders, stream: 1,
      [0, 0, 0, 2] + fields.flatMap { HeaderField($0.0, $0.1).encoded })
    try send([promise, block([(":status", "204")], endsStream: true)], to: client)
    #expect(client.takeEvent() == .response(tag: 7, ClientResponse(status: 204, headers: [], body: [])))
    #expect(client.takeEvent() == nil && client.requestCount == 0 && !client.isBroken)
  }

  @Test func `errors of a session say what happened`() {
    #expect("\(HTTP2Error.connection(code: -505))".hasPrefix("http/2 connection error: "))
    #expect("\(HTTP2Error.outOfMemory)".contains("memory"))
  }
}
