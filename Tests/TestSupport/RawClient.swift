/// An HTTP/2 client that keeps to the protocol where it is asked to and nowhere else.
///
/// It has no state that would stop a test from sending any frame at any time. Not thread-safe.
public final class RawClient {
  public struct GoAway: Equatable, Sendable {
    public var lastStream: UInt32
    public var code: UInt32

    public init(lastStream: UInt32, code: UInt32) {
      self.lastStream = lastStream
      self.code = code
    }
  }

  /// The connection ended, or said GOAWAY, before what was waited for.
  public struct Ended: Error { public var goAway: GoAway? }

  public let socket: RawSocket
  public private(set) var responses: [UInt32: RawResponse] = [:]
  public private(set) var goAway: GoAway?
  /// The peer's settings, by id.
  public private(set) var settings: [UInt16: UInt32] = [:]
  /// Whether windows are opened again as responses are read.
  public var opensWindows = true
  public var answersPings = true

  private let decoder = HeaderDecoder()
  private var received: [UInt8] = []
  private var block: [UInt8] = []
  private var blockFlags: UInt8 = 0
  private var nextStream: UInt32 = 1
  /// How many bytes the server takes on all streams together.
  public private(set) var connectionWindow = 65_535
  private var streamWindows: [UInt32: Int] = [:]

  /// Connects and exchanges settings.
  public convenience init(
    _ address: RawSocket.Address, settings: [(id: UInt16, value: UInt32)] = []
  ) throws {
    try self.init(over: RawSocket(address), settings: settings)
  }

  /// As `init(_:settings:)`, on a socket that is connected; preface and settings have been sent where it
  /// `isOpen`.
  public init(
    over socket: RawSocket, settings: [(id: UInt16, value: UInt32)] = [], isOpen: Bool = false
  ) throws {
    self.socket = socket
    if !isOpen { try socket.send(Frame.preface + Frame.settings(settings).bytes) }
    // The connection's window update follows the settings.
    while self.settings.isEmpty || connectionWindow == 65_535 { try require(receiveFrame()) }
  }

  public func takeStreamID() -> UInt32 {
    defer { nextStream += 2 }
    return nextStream
  }

  public func send(_ frames: [Frame]) throws { try socket.send(frames.flatMap(\.bytes)) }

  /// Sends a request, waiting for window where it has a long body. Returns its stream.
  @discardableResult
  public func send(_ request: RawRequest) throws -> UInt32 {
    let stream = takeStreamID()
    if request.body.count <= min(window(of: stream), connectionWindow) {
      connectionWindow -= request.body.count
      streamWindows[stream] = window(of: stream) - request.body.count
      try send(request.frames(on: stream))
    } else {
      try send(request.headerFrames(on: stream, endStream: false))
      for frame in request.dataFrames(on: stream) {
        guard try sendWithinWindow(frame) else { break }
      }
    }
    return stream
  }

  /// Sends a DATA frame as soon as the windows allow it; `false` when the stream ended meanwhile.
  public func sendWithinWindow(_ frame: Frame) throws -> Bool {
    while min(window(of: frame.stream), connectionWindow) < frame.payload.count {
      if isOver(frame.stream) { return false }
      try require(receiveFrame())
    }
    connectionWindow -= frame.payload.count
    streamWindows[frame.stream] = window(of: frame.stream) - frame.payload.count
    try send([frame])
    return true
  }

  /// How many bytes the server takes on a stream now; its connection may take fewer.
  public func window(of stream: UInt32) -> Int {
    streamWindows[stream] ?? Int(settings[4] ?? 65_535)
  }

  private func isOver(_ stream: UInt32) -> Bool {
    guard let response = responses[stream] else { return false }
    return response.isComplete || response.resetCode != nil
  }

  /// Sends a request and waits for its response.
  public func exchange(_ request: RawRequest) throws -> RawResponse {
    try response(on: send(request))
  }

  /// Waits for the end of a stream.
  public func response(on stream: UInt32) throws -> RawResponse {
    while !isOver(stream) { try require(receiveFrame()) }
    return responses[stream]!
  }

  /// Keeps nothing more of a stream that is over.
  public func forget(_ stream: UInt32) {
    responses[stream] = nil
    streamWindows[stream] = nil
  }

  /// Reads until the server ends the connection. Returns how many bytes came.
  @discardableResult
  public func readToEnd() throws -> Int {
    var byteCount = 0
    while let frame = try receiveFrame() { byteCount += frame.bytes.count }
    return byteCount
  }

  /// Takes in the next frame. Throws at the end of the connection.
  public func receive() throws { try require(receiveFrame()) }

  private func require(_ frame: Frame?) throws {
    if frame == nil { throw Ended(goAway: goAway) }
  }

  /// Takes in the next frame; `nil` at the end of the connection.
  @discardableResult
  public func receiveFrame() throws -> Frame? {
    while true {
      if let frame = Frame.take(from: &received) {
        try handle(frame)
        return frame
      }
      let bytes = try socket.receive()
      if bytes.isEmpty { return nil }
      received += bytes
    }
  }

  private func handle(_ frame: Frame) throws {
    switch frame.kind {
    case .settings where frame.flags & Frame.acknowledgement == 0:
      for entry in frame.payload.chunks(of: 6) {
        settings[UInt16(number(entry[0..<2]))] = number(entry[2..<6])
      }
      try? send([Frame(.settings, flags: Frame.acknowledgement)])
    case .ping where frame.flags & Frame.acknowledgement == 0 && answersPings:
      try? send([Frame(.ping, flags: Frame.acknowledgement, frame.payload)])
    case .goAway:
      goAway = GoAway(
        lastStream: number(frame.payload[0..<4]), code: number(frame.payload[4..<8]))
    case .rstStream:
      responses[frame.stream, default: .init()].resetCode = number(frame.payload[...])
    case .windowUpdate:
      let increment = Int(number(frame.payload[...]))
      if frame.stream == 0 {
        connectionWindow += increment
      } else {
        streamWindows[frame.stream] = window(of: frame.stream) + increment
      }
    case .headers, .continuation: try handleHeaders(frame)
    case .data: handleData(frame)
    default: break
    }
  }

  private func handleHeaders(_ frame: Frame) throws {
    if frame.kind == .headers { blockFlags = frame.flags }
    block += frame.payload
    guard frame.flags & Frame.endHeaders != 0 else { return }
    responses[frame.stream, default: .init()].headers += try decoder.decode(block)
    block = []
    if blockFlags & Frame.endStream != 0 { responses[frame.stream]!.isComplete = true }
  }

  private func handleData(_ frame: Frame) {
    responses[frame.stream, default: .init()].body += frame.payload
    if frame.flags & Frame.endStream != 0 { responses[frame.stream]!.isComplete = true }
    guard opensWindows, !frame.payload.isEmpty else { return }
    let increment = UInt32(frame.payload.count)
    try? send([.windowUpdate(0, increment), .windowUpdate(frame.stream, increment)])
  }
}
