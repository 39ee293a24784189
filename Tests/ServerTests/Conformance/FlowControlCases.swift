import TestSupport

/// RFC 9113 6.9: flow control. The reply to every request is the five bytes `pong` and a line feed.
extension ServerTests.ConformanceTests {
  private static let pong = Array("pong\n".utf8)
  private static let large: UInt32 = 0x7FFF_FFFF

  /// Whether of the reply on stream 1 just so many bytes came.
  private static func hasSent(_ count: Int) -> ConformanceCase.Expected {
    .satisfied { client in
      let response = try client.response(on: 1)
      return response.body == Array(pong[..<count]) && response.isComplete == (count == 5)
    }
  }

  static let flowControlCases: [ConformanceCase] = [
    ConformanceCase(
      "6.9", "an increment of 0 is an error of the connection", [.windowUpdate(0, 0)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.9", "an increment of 0 is an error of a stream", [post(1), .windowUpdate(1, 0)],
      .streamError(1, [Code.protocolError])),
    ConformanceCase(
      "6.9", "WINDOW_UPDATE of a wrong length is an error", [Frame(.windowUpdate, [0, 0, 1])],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.9", "WINDOW_UPDATE of a wrong length on a stream is an error",
      [post(1), Frame(.windowUpdate, stream: 1, [0, 0, 1])],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.9.1", "a window of 1 lets 1 byte through", settings: [(id: 4, value: 1)], [get(1)],
      hasSent(1)),
    ConformanceCase(
      "6.9.1", "a window of 0 lets the header through", settings: [(id: 4, value: 0)], [get(1)],
      .satisfied { client in
        let response = try client.response(on: 1)
        return response.status == 200 && response.body.isEmpty && !response.isComplete
      }),
    ConformanceCase(
      "6.9.1", "a window that is opened lets just so much through", settings: [(id: 4, value: 0)],
      [get(1), .windowUpdate(1, 1), .windowUpdate(1, 2)], hasSent(3)),
    ConformanceCase(
      "6.9.1", "a connection's window above 2^31 - 1 is an error",
      [.windowUpdate(0, large), .windowUpdate(0, large)], .connectionError([Code.flowControl])),
    ConformanceCase(
      "6.9.1", "a stream's window above 2^31 - 1 is an error",
      [post(1), .windowUpdate(1, large), .windowUpdate(1, large)],
      .streamError(1, [Code.flowControl])),
    ConformanceCase(
      "6.9.1", "a window of 2^31 - 1 is none",
      [.send(Frame.windowUpdate(0, large - 65_535).bytes + get(1).bytes), .await(1)],
      .answered([1])),
    ConformanceCase(
      "6.9.1", "the reserved bit of an increment is ignored", settings: [(id: 4, value: 0)],
      [get(1), .windowUpdate(1, 0x8000_0002)], hasSent(2)),
    ConformanceCase(
      "6.9.2", "a setting changes the windows of open streams", settings: [(id: 4, value: 0)],
      [get(1), .settings([(id: 4, value: 1)])], hasSent(1)),
    ConformanceCase(
      "6.9.2", "a window may become negative, and is filled from there",
      settings: [(id: 4, value: 3)],
      [get(1), .settings([(id: 4, value: 2)]), .windowUpdate(1, 2)], hasSent(4)),
    ConformanceCase(
      "6.9.2", "a negative window lets nothing through", settings: [(id: 4, value: 3)],
      [get(1), .settings([(id: 4, value: 0)]), .windowUpdate(1, 3)], hasSent(3)),
    // The RFC asks for an error of the connection; libnghttp2 takes it for one of the stream.
    ConformanceCase(
      "6.9.2", "a setting that makes a window too large is an error",
      [post(1), .windowUpdate(1, large - 65_535), .settings([(id: 4, value: 65_536)])],
      .streamError(1, [Code.flowControl])),
    ConformanceCase(
      "6.9.2", "the connection's window is not a matter of settings",
      settings: [(id: 4, value: 0)],
      [.send(Frame.settings([(id: 4, value: 65_535)]).bytes + get(1).bytes), .await(1)],
      .answered([1])),
  ]
}
