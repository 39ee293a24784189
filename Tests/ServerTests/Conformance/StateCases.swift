import TestSupport

/// RFC 9113 5: what may come on a stream, and when.
extension ServerTests.ConformanceTests {
  private static let priority = Frame(.priority, stream: 1, [0, 0, 0, 0, 255])
  private static let continuation = Frame(.continuation, flags: Frame.endHeaders, stream: 1, block)
  /// A window of nothing: the reply waits, and the stream stays half closed.
  private static let held: [(id: UInt16, value: UInt32)] = [(id: 4, value: 0)]
  /// A request that has been answered.
  private static let answered: [ConformanceCase.Step] = [.send(get(1).bytes), .await(1)]

  static let stateCases: [ConformanceCase] = [
    ConformanceCase("5.1", "idle: DATA is an error", [data(1)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.1", "idle: RST_STREAM is an error", [.reset(1)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.1", "idle: WINDOW_UPDATE is an error", [.windowUpdate(1, 100)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.1", "idle: CONTINUATION is an error", [continuation],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.1", "idle: PRIORITY is allowed", [.send(priority.bytes + get(1).bytes), .await(1)],
      .answered([1])),

    ConformanceCase(
      "5.1", "half closed: DATA is an error", settings: held, [get(1), data(1)],
      .streamError(1, [Code.streamClosed])),
    ConformanceCase(
      "5.1", "half closed: HEADERS are an error", settings: held, [get(1), get(1)],
      .streamError(1, [Code.streamClosed])),
    ConformanceCase(
      "5.1", "half closed: CONTINUATION is an error", settings: held, [get(1), continuation],
      .connectionError([Code.streamClosed, Code.protocolError])),
    ConformanceCase(
      "5.1", "half closed: WINDOW_UPDATE opens the window", settings: held,
      [.send(get(1).bytes + Frame.windowUpdate(1, 100).bytes), .await(1)], .answered([1])),
    ConformanceCase(
      "5.1", "half closed: PRIORITY is allowed", settings: held,
      [.send(get(1).bytes + priority.bytes + Frame.windowUpdate(1, 9).bytes), .await(1)],
      .answered([1])),
    ConformanceCase(
      "5.1", "half closed: RST_STREAM ends the stream", settings: held,
      [get(1), .reset(1), .windowUpdate(1, 100)],
      .satisfied { client in try client.response(on: 1).body.isEmpty }),

    ConformanceCase(
      "5.1", "reset: DATA is an error", [post(1), .reset(1), data(1)],
      .streamError(1, [Code.streamClosed])),
    ConformanceCase(
      "5.1", "reset: HEADERS are an error", [post(1), .reset(1), get(1)],
      .streamError(1, [Code.streamClosed])),
    ConformanceCase(
      "5.1", "reset: CONTINUATION is an error", [post(1), .reset(1), continuation],
      .connectionError([Code.streamClosed, Code.protocolError])),
    ConformanceCase(
      "5.1", "reset: WINDOW_UPDATE, PRIORITY and RST_STREAM are allowed",
      [post(1), .reset(1), .windowUpdate(1, 1), priority, .reset(1)], .nothing),

    ConformanceCase(
      "5.1", "closed: DATA is an error", answered + [.send(data(1).bytes)],
      .connectionError([Code.streamClosed])),
    ConformanceCase(
      "5.1", "closed: HEADERS are an error", answered + [.send(get(1).bytes)],
      .connectionError([Code.streamClosed])),
    ConformanceCase(
      "5.1", "closed: CONTINUATION is an error", answered + [.send(continuation.bytes)],
      .connectionError([Code.streamClosed, Code.protocolError])),
    ConformanceCase(
      "5.1", "closed: WINDOW_UPDATE is allowed", answered + [.send(Frame.windowUpdate(1, 1).bytes)],
      .nothing),
    ConformanceCase(
      "5.1", "closed: PRIORITY is allowed", answered + [.send(priority.bytes)], .nothing),
    ConformanceCase(
      "5.1", "closed: RST_STREAM is allowed", answered + [.send(Frame.reset(1).bytes)], .nothing),

    ConformanceCase(
      "5.1.1", "a stream of an even number is an error", [get(2)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.1.1", "a stream below the last one is an error", [.send(get(5).bytes), .await(5), .send(get(3).bytes)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.1.1", "numbers may be passed over", [.send(get(5).bytes + get(99).bytes), .await(99)],
      .answered([5, 99])),
    ConformanceCase(
      "5.1.2", "more streams than allowed are an error",
      (0...256).map { post(UInt32(2 * $0 + 1)) },
      .streamError(513, [Code.protocolError, Code.refused])),
    ConformanceCase(
      "5.3.1", "HEADERS that depend on themselves are an error",
      [Frame(.headers, flags: whole | 0x20, stream: 1, [0, 0, 0, 1, 255] + block)],
      .streamError(1, [Code.protocolError])),
    ConformanceCase(
      "5.3.1", "PRIORITY that depends on itself is an error",
      [Frame(.priority, stream: 1, [0, 0, 0, 1, 255])], .streamError(1, [Code.protocolError])),
    ConformanceCase(
      "5.4.2", "an error of a stream leaves the others alone",
      [
        .send((post(1).bytes) + fields([(":method", "GET")]).moved(to: 3).bytes + data(1).bytes),
        .await(1),
      ], .answered([1])),
  ]
}

extension Frame {
  /// The same frame on another stream.
  func moved(to stream: UInt32) -> Frame { Frame(kind, flags: flags, stream: stream, payload) }
}
