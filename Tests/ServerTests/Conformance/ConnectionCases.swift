import TestSupport

/// RFC 9113 3 to 4: how a connection begins, and what a frame is.
extension ServerTests.ConformanceTests {
  private static let start = Frame.preface + Frame.settings().bytes

  static let connectionCases: [ConformanceCase] = [
    ConformanceCase("3.4", "a preface with empty settings is enough", [], .nothing),
    ConformanceCase(
      "3.4", "the server's first frame is SETTINGS, and the client's are acknowledged", [],
      .satisfied { client in
        client.frames.first?.kind == .settings && client.frames.first?.flags == 0
          && client.frames.contains { $0.kind == .settings && $0.flags == Frame.acknowledgement }
      }),
    ConformanceCase(
      "3.4", "a wrong preface ends the connection", opens: false,
      [.send(Array("INVALID CONNECTION PREFACE\r\n\r\n".utf8))], .end),
    ConformanceCase(
      "3.4", "a preface with one wrong byte ends the connection", opens: false,
      [.send(Array("PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n".utf8) + Frame.settings().bytes)], .end),
    ConformanceCase(
      "3.4", "a preface without settings ends the connection", opens: false,
      [.send(Frame.preface + Frame.ping().bytes)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "3.4", "a preface with an acknowledgement for settings ends the connection", opens: false,
      [.send(Frame.preface + Frame(.settings, flags: Frame.acknowledgement).bytes)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "3.4", "requests may follow the preface at once", opens: false,
      [.send(start + get(1).bytes), .await(1)], .answered([1])),

    ConformanceCase(
      "4.1", "a frame of an unknown type is ignored",
      [.send(Frame.unknown(type: 0x16, [0, 0, 0, 0, 0, 0, 0, 0]))], .nothing),
    ConformanceCase(
      "4.1", "flags without meaning are ignored",
      [.send(Frame.ping(5, flags: 0x16).bytes)],
      .satisfied { client in client.frames.contains(.ping(5, flags: Frame.acknowledgement)) }),
    ConformanceCase(
      "4.1", "the reserved bit of a stream's number is ignored",
      [Frame(.ping, stream: 0x8000_0000, [UInt8](repeating: 9, count: 8))],
      .satisfied { client in
        client.frames.contains {
          $0.kind == .ping && $0.payload == [UInt8](repeating: 9, count: 8)
        }
      }),
    ConformanceCase(
      "4.2", "a DATA frame of 16,384 bytes is taken",
      [.send((post(1).bytes) + data(1, [UInt8](repeating: 1, count: 16_384)).bytes), .await(1)],
      .answered([1])),
    ConformanceCase(
      "4.2", "a longer DATA frame is an error of frame size",
      [post(1), data(1, [UInt8](repeating: 1, count: 16_385))],
      .streamError(1, [Code.frameSize])),
    ConformanceCase(
      "4.2", "a longer HEADERS frame is an error of frame size",
      [Frame(.headers, flags: whole, stream: 1, block + [UInt8](repeating: 0x82, count: 16_385))],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "4.2", "a longer SETTINGS frame is an error of frame size",
      [Frame(.settings, [UInt8](repeating: 0, count: 16_386))], .connectionError([Code.frameSize])),
    ConformanceCase(
      "4.2", "a longer frame of an unknown type is an error of frame size",
      [.send(Frame.unknown(type: 0x16, [UInt8](repeating: 0, count: 16_385)))],
      .connectionError([Code.frameSize])),
    ConformanceCase(
      "4.3", "a header block that cannot be decoded is an error of compression",
      [block([0x40, 0x01, 0x78, 0x05, 0x61])], .connectionError([Code.compression])),
    ConformanceCase(
      "4.3", "a PRIORITY frame within a header block is an error",
      [
        Frame(.headers, flags: Frame.endStream, stream: 1, block),
        Frame(.priority, stream: 1, [0, 0, 0, 0, 255]),
        Frame(.continuation, flags: Frame.endHeaders, stream: 1),
      ], .connectionError([Code.protocolError])),
    ConformanceCase(
      "4.3", "HEADERS of another stream within a header block are an error",
      [Frame(.headers, flags: Frame.endStream, stream: 1, block), get(3)],
      .connectionError([Code.protocolError])),
    ConformanceCase(
      "4.3", "DATA within a header block is an error",
      [Frame(.headers, stream: 1, block), data(1)], .connectionError([Code.protocolError])),
    ConformanceCase(
      "4.3", "PING within a header block is an error",
      [Frame(.headers, stream: 1, block), .ping()], .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.5", "an unknown frame within a header block is an error",
      [
        .send(
          Frame(.headers, flags: Frame.endStream, stream: 1, block).bytes
            + Frame.unknown(type: 0x16, stream: 1, [0])
            + Frame(.continuation, flags: Frame.endHeaders, stream: 1).bytes)
      ], .connectionError([Code.protocolError])),
    ConformanceCase(
      "5.5", "an unknown setting is ignored", [.settings([(id: 0xFF, value: 1)])], .nothing),
    ConformanceCase(
      "5.4.1", "after an error of the connection it is ended",
      [Frame(.ping, [0, 0])], .connectionError([Code.frameSize])),
    ConformanceCase(
      "7", "a GOAWAY with an unknown code is like any other",
      [.send(Frame(.goAway, [0, 0, 0, 0, 0, 0, 0, 0xFF]).bytes)], .end),
    ConformanceCase(
      "7", "a RST_STREAM with an unknown code is like any other",
      [.send(post(1).bytes + Frame.reset(1, code: 0xFF).bytes + get(3).bytes), .await(3)],
      .answered([3])),
  ]
}
