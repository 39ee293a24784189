import TestSupport
import Testing

/// One rule of RFC 9113 or RFC 7541: what a client sends, and what a server must make of it.
struct ConformanceCase: Sendable {
  enum Step: Sendable {
    case send([UInt8])
    /// Until a stream has been answered or reset.
    case await(UInt32)
  }

  enum Expected: Sendable {
    /// GOAWAY with one of these codes, and the end of the connection.
    case connectionError([UInt32])
    /// The end of the connection, explained or not.
    case end
    /// RST_STREAM with one of these codes; a connection error will do as well.
    case streamError(UInt32, [UInt32])
    /// 200 and a body on each of these streams, and a connection that lives on.
    case answered([UInt32])
    /// 200 and a body, and then the end of the connection, without an error.
    case answeredAtLast(UInt32)
    /// Nothing: the connection lives on.
    case nothing
    /// A connection that lives on, and this of what came.
    case satisfied(@Sendable (HostileClient) throws -> Bool)
  }

  var section: String
  var rule: String
  var settings: [(id: UInt16, value: UInt32)]
  /// Whether preface and settings go first.
  var opens: Bool
  var steps: [Step]
  var expected: Expected

  var name: String { "\(section): \(rule)" }

  init(
    _ section: String, _ rule: String, settings: [(id: UInt16, value: UInt32)] = [],
    opens: Bool = true, _ steps: [Step], _ expected: Expected
  ) {
    self.section = section
    self.rule = rule
    self.settings = settings
    self.opens = opens
    self.steps = steps
    self.expected = expected
  }

  /// A case of frames that are sent at once.
  init(
    _ section: String, _ rule: String, settings: [(id: UInt16, value: UInt32)] = [],
    _ frames: [Frame], _ expected: Expected
  ) {
    self.init(section, rule, settings: settings, [.send(frames.flatMap(\.bytes))], expected)
  }

  /// Runs the case against a server.
  func run(_ address: RawSocket.Address) throws {
    let client = try HostileClient(address)
    if opens { try client.open(settings: settings) }
    for step in steps {
      switch step {
      case .send(let bytes): client.send(bytes)
      case .await(let stream):
        try client.read { $0.stream == stream && ($0.kind == .rstStream || $0.endsStream) }
      }
    }
    let lives = try client.settle()
    try verify(client, lives)
  }

  private func verify(_ client: HostileClient, _ lives: Bool) throws {
    switch expected {
    case .connectionError(let codes):
      let code = client.goAwayCode
      #expect(code.map(codes.contains) == true, "\(name): GOAWAY \(code.map(String.init) ?? "missing")")
      #expect(!lives, "\(name): not ended")
    case .end:
      #expect(!lives, "\(name): not ended")
      #expect(client.goAwayCode != 0, "\(name)")
    case .streamError(let stream, let codes):
      let code = client.resetCode(of: stream) ?? client.goAwayCode
      #expect(code.map(codes.contains) == true, "\(name): code \(code.map(String.init) ?? "missing")")
      #expect(lives || client.goAwayCode != nil, "\(name)")
    case .answered(let streams):
      for stream in streams { try expectAnswer(client, stream) }
      expectPeace(client, lives)
    case .answeredAtLast(let stream):
      try expectAnswer(client, stream)
      #expect(!lives, "\(name): not ended")
      #expect(client.goAwayCode ?? 0 == 0, "\(name)")
    case .nothing: expectPeace(client, lives)
    case .satisfied(let condition):
      #expect(try condition(client), "\(name)")
      expectPeace(client, lives)
    }
  }

  private func expectAnswer(_ client: HostileClient, _ stream: UInt32) throws {
    let response = try client.response(on: stream)
    #expect(response.status == 200 && response.isComplete, "\(name), stream \(stream)")
    #expect(!response.body.isEmpty, "\(name), stream \(stream)")
  }

  private func expectPeace(_ client: HostileClient, _ lives: Bool) {
    #expect(lives, "\(name): ended")
    #expect(client.goAwayCode == nil, "\(name)")
  }
}

extension Frame {
  /// Whether the frame is the last of its stream.
  var endsStream: Bool { (kind == .data || kind == .headers) && flags & Frame.endStream != 0 }
}
