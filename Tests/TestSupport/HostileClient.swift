/// A client that sends the bytes it is given and nothing else, and keeps all that comes back.
///
/// Unlike `RawClient` it acknowledges nothing and opens no window unless it is told to. Not
/// thread-safe.
public final class HostileClient {
  public let socket: RawSocket
  /// Every frame that has come, in order.
  public private(set) var frames: [Frame] = []
  /// The server has ended the connection.
  public private(set) var hasEnded = false
  private var received: [UInt8] = []

  /// Connects and says nothing.
  public init(_ address: RawSocket.Address) throws { socket = try RawSocket(address) }

  /// Exchanges preface and settings.
  public func open(settings: [(id: UInt16, value: UInt32)] = []) throws {
    send(Frame.preface + Frame.settings(settings).bytes)
    try read { $0.kind == .settings && $0.flags & Frame.acknowledgement != 0 }
    send(Frame(.settings, flags: Frame.acknowledgement).bytes)
  }

  /// Sends what the server takes: it may have ended the connection.
  public func send(_ bytes: [UInt8]) { try? socket.send(bytes) }

  /// Reads until a frame of this kind has come, or the server has ended the connection.
  public func read(until condition: (Frame) -> Bool) throws {
    while !hasEnded {
      if let frame = Frame.take(from: &received) {
        frames.append(frame)
        if condition(frame) { return }
      } else {
        let bytes = try socket.receive()
        if bytes.isEmpty { hasEnded = true }
        received += bytes
      }
    }
  }

  /// Waits until the server has answered all that was sent. Returns whether the connection lives on.
  public func settle() throws -> Bool {
    // Twice, for an acknowledgement may leave before answers to what came before its PING.
    for mark: UInt64 in [0x706F_7374, 0x6572_6E21] where !hasEnded {
      send(Frame.ping(mark).bytes)
      try read { $0 == .ping(mark, flags: Frame.acknowledgement) }
    }
    return !hasEnded
  }

  /// The code of the last GOAWAY; `nil` when there was none.
  public var goAwayCode: UInt32? {
    frames.last { $0.kind == .goAway }.map { number($0.payload[4..<8]) }
  }

  /// The code of a RST_STREAM on a stream; `nil` when there was none.
  public func resetCode(of stream: UInt32) -> UInt32? {
    frames.last { $0.kind == .rstStream && $0.stream == stream }.map { number($0.payload[...]) }
  }

  /// What came on a stream, as far as it came.
  public func response(on stream: UInt32) throws -> RawResponse {
    let decoder = HeaderDecoder()
    var response = RawResponse()
    for frame in frames {
      // Blocks of other streams are part of the decoder's state.
      let headers = frame.kind == .headers ? try decoder.decode(frame.payload) : []
      guard frame.stream == stream else { continue }
      response.headers += headers
      if frame.kind == .data { response.body += frame.payload }
      if frame.kind == .data || frame.kind == .headers {
        response.isComplete = response.isComplete || frame.flags & Frame.endStream != 0
      }
    }
    response.resetCode = resetCode(of: stream)
    return response
  }
}
