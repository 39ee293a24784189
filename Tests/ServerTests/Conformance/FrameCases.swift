import TestSupport

/// RFC 9113 6, frame by frame; SETTINGS and flow control have files of their own.
extension ServerTests.ConformanceTests {
  private static let padded: UInt8 = 0x8

  static let frameCases: [ConformanceCase] = [
    ConformanceCase(
      "6.1", "DATA on stream 0 is an error", [data(0)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.1", "DATA padded longer than it is is an error",
      [post(1), Frame(.data, flags: padded | Frame.endStream, stream: 1, [6, 1, 2, 3, 4, 5])],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.1", "padded DATA without its pad length is an error",
      [post(1), Frame(.data, flags: padded | Frame.endStream, stream: 1)],
      .connectionError([Code.frameSize, Code.protocolError])),
    ConformanceCase(
      "6.1", "padding is no data",
      [
        .send(
          post(1, [HeaderField("content-length", "2")]).bytes
            + Frame(.data, flags: padded | Frame.endStream, stream: 1, [3, 1, 2, 0, 0, 0]).bytes),
        .await(1),
      ], .answered([1])),
    ConformanceCase(
      "6.1", "a body may come in several DATA frames",
      [.send((post(1).bytes) + data(1, last: false).bytes + data(1).bytes), .await(1)],
      .answered([1])),
    ConformanceCase(
      "6.1", "a body may end with an empty DATA frame",
      [.send((post(1).bytes) + data(1, last: false).bytes + data(1, []).bytes), .await(1)],
      .answered([1])),

    ConformanceCase(
      "6.2", "HEADERS on stream 0 are an error", [get(0)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.2", "HEADERS padded longer than they are are an error",
      [Frame(.headers, flags: whole | padded, stream: 1, [UInt8(block.count) + 1] + block)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.2", "padded HEADERS without their pad length are an error",
      [Frame(.headers, flags: whole | padded, stream: 1)],
      .connectionError([Code.protocolError, Code.frameSize])),
    ConformanceCase(
      "6.2", "HEADERS too short for their priority are an error",
      [Frame(.headers, flags: whole | 0x20, stream: 1, [0, 0, 0])],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.2", "padding is no header",
      [
        .send(
          Frame(.headers, flags: whole | padded, stream: 1, [4] + block + [0, 0, 0, 0]).bytes),
        .await(1),
      ], .answered([1])),
    ConformanceCase(
      "6.2", "HEADERS may bear a priority",
      [
        .send(Frame(.headers, flags: whole | 0x20, stream: 1, [0, 0, 0, 0, 99] + block).bytes),
        .await(1),
      ], .answered([1])),
    ConformanceCase(
      "6.2", "HEADERS may bear padding and a priority",
      [
        .send(
          Frame(
            .headers, flags: whole | padded | 0x20, stream: 1,
            [2] + [0x80, 0, 0, 7, 99] + block + [0, 0]
          ).bytes), .await(1),
      ], .answered([1])),

    ConformanceCase(
      "6.3", "PRIORITY on stream 0 is an error", [Frame(.priority, stream: 0, [0, 0, 0, 1, 9])],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.3", "PRIORITY of a wrong length is an error",
      [post(1), Frame(.priority, stream: 1, [0, 0, 0, 0])], .streamError(1, [Code.frameSize])),
    ConformanceCase(
      "6.4", "RST_STREAM on stream 0 is an error", [.reset(0)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.4", "RST_STREAM on an idle stream is an error", [get(1), .reset(3)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.4", "RST_STREAM of a wrong length is an error",
      [post(1), Frame(.rstStream, stream: 1, [0, 0, 0])], .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.4", "after RST_STREAM nothing is sent on the stream", [post(1), .reset(1)],
      .satisfied { client in !client.frames.contains { $0.stream == 1 } }),
    ConformanceCase(
      "6.6", "PUSH_PROMISE of a client is an error",
      [post(1), Frame(.pushPromise, flags: Frame.endHeaders, stream: 1, [0, 0, 0, 2] + block)],
      .connectionError([Code.protocolError])),

    ConformanceCase(
      "6.7", "PING is answered with its bytes", [.ping(0x0102_0304_0506_0708)],
      .satisfied { client in
        client.frames.contains(.ping(0x0102_0304_0506_0708, flags: Frame.acknowledgement))
      }),
    ConformanceCase(
      "6.7", "an acknowledgement of a PING is not answered", [.ping(77, flags: 1)],
      .satisfied { client in
        !client.frames.contains { $0.kind == .ping && $0.payload.last == 77 }
      }),
    ConformanceCase(
      "6.7", "PING on a stream is an error", [Frame(.ping, stream: 1, [UInt8](repeating: 0, count: 8))],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.7", "PING of a wrong length is an error", [Frame(.ping, [0, 0, 0, 0, 0, 0])],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.8", "GOAWAY on a stream is an error",
      [Frame(.goAway, stream: 1, [0, 0, 0, 0, 0, 0, 0, 0])],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.8", "GOAWAY that is too short is an error", [Frame(.goAway, [0, 0, 0, 0])],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "6.8", "what is open when a client says GOAWAY is answered",
      [
        .send(post(1).bytes + Frame(.goAway, [0, 0, 0, 0, 0, 0, 0, 0]).bytes + data(1).bytes),
        .await(1),
      ], .answeredAtLast(1)),
    ConformanceCase(
      "6.8", "when nothing is open when a client says GOAWAY, the connection ends",
      [Frame(.goAway, [0, 0, 0, 0, 0, 0, 0, 0])], .end),

    ConformanceCase(
      "6.10", "a header may come in several CONTINUATION frames",
      [
        .send(
          Frame(.headers, flags: Frame.endStream, stream: 1, Array(block[..<5])).bytes
            + Frame(.continuation, stream: 1, Array(block[5..<6])).bytes
            + Frame(.continuation, stream: 1).bytes
            + Frame(.continuation, flags: Frame.endHeaders, stream: 1, Array(block[6...])).bytes),
        .await(1),
      ], .answered([1])),
    ConformanceCase(
      "6.10", "CONTINUATION behind the end of a header is an error",
      [post(1), Frame(.continuation, flags: Frame.endHeaders, stream: 1, block)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.10", "CONTINUATION behind the last CONTINUATION is an error",
      [
        Frame(.headers, stream: 1, block), Frame(.continuation, flags: Frame.endHeaders, stream: 1),
        Frame(.continuation, flags: Frame.endHeaders, stream: 1),
      ], .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.10", "CONTINUATION on stream 0 is an error",
      [Frame(.headers, stream: 1, block), Frame(.continuation, flags: Frame.endHeaders, stream: 0)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.10", "CONTINUATION of another stream is an error",
      [Frame(.headers, stream: 1, block), Frame(.continuation, flags: Frame.endHeaders, stream: 3)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.10", "CONTINUATION behind DATA is an error",
      [post(1), data(1, last: false), Frame(.continuation, flags: Frame.endHeaders, stream: 1)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "6.10", "CONTINUATION followed by DATA is an error",
      [Frame(.headers, stream: 1, block), Frame(.continuation, stream: 1), data(1)],
      .connectionError([Code.protocolError])),
  ]
}
