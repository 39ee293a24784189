import TestSupport

/// RFC 9113 8: what a request is made of.
extension ServerTests.ConformanceTests {
  private static let request = [
    (":method", "GET"), (":scheme", "http"), (":path", "/v1/ping"), (":authority", "a.example"),
  ]

  /// A request without this pseudo-header, behind the others.
  private static func without(_ name: String) -> Frame { fields(request.filter { $0.0 != name }) }

  /// A request that is malformed, and therefore an error of its stream.
  private static func malformed(
    _ section: String, _ rule: String, _ frames: [Frame]
  ) -> ConformanceCase {
    ConformanceCase(section, rule, frames, .streamError(1, [Code.protocolError]))
  }

  private static func trailers(_ fields: [(String, String)], flags: UInt8) -> Frame {
    Frame(
      .headers, flags: flags, stream: 1, fields.flatMap { HeaderField($0.0, $0.1).encoded })
  }

  static let messageCases: [ConformanceCase] = [
    ConformanceCase("8.1", "a GET is answered", [.send(get(1).bytes), .await(1)], .answered([1])),
    ConformanceCase(
      "8.1", "a POST is answered", [.send(post(1).bytes + data(1).bytes), .await(1)],
      .answered([1])),
    ConformanceCase(
      "8.1", "a POST without a body is answered",
      [.send(RawRequest("POST", "/v1/ping").frames(on: 1).flatMap(\.bytes)), .await(1)],
      .answered([1])),
    ConformanceCase(
      "8.1", "a HEAD is answered without a body",
      [.send(RawRequest("HEAD", "/v1/ping").frames(on: 1).flatMap(\.bytes)), .await(1)],
      .satisfied { client in
        let response = try client.response(on: 1)
        return response.isComplete && response.body.isEmpty && response.status >= 200
      }),
    ConformanceCase(
      "8.1", "a request with trailers is answered",
      [
        .send(
          post(1).bytes + data(1, last: false).bytes
            + trailers([("x-checksum", "1")], flags: whole).bytes), .await(1),
      ], .answered([1])),
    ConformanceCase(
      "8.1", "requests side by side are all answered",
      [.send([get(1), post(3), get(5), data(3)].flatMap(\.bytes)), .await(1), .await(3)],
      .answered([1, 3, 5])),
    malformed(
      "8.1", "trailers that do not end the stream are malformed",
      [post(1), trailers([("x", "1")], flags: Frame.endHeaders), data(1)]),

    malformed("8.2", "a name in upper case is malformed", [fields(request + [("X-Test", "1")])]),
    malformed("8.2", "an empty name is malformed", [fields(request + [("", "1")])]),
    malformed("8.2", "a name with a space is malformed", [fields(request + [("x y", "1")])]),
    malformed("8.2", "a line feed in a value is malformed", [fields(request + [("x", "a\nb")])]),
    malformed("8.2", "a zero in a value is malformed", [fields(request + [("x", "a\0b")])]),
    malformed(
      "8.2.2", "`connection` is malformed", [fields(request + [("connection", "keep-alive")])]),
    malformed(
      "8.2.2", "`keep-alive` is malformed", [fields(request + [("keep-alive", "timeout=5")])]),
    malformed(
      "8.2.2", "`proxy-connection` is malformed",
      [fields(request + [("proxy-connection", "keep-alive")])]),
    malformed(
      "8.2.2", "`transfer-encoding` is malformed",
      [fields(request + [("transfer-encoding", "chunked")])]),
    malformed("8.2.2", "`upgrade` is malformed", [fields(request + [("upgrade", "h2c")])]),
    malformed(
      "8.2.2", "`te` other than trailers is malformed",
      [fields(request + [("te", "trailers, deflate")])]),
    ConformanceCase(
      "8.2.2", "`te: trailers` is allowed",
      [.send(fields(request + [("te", "trailers")]).bytes), .await(1)], .answered([1])),

    malformed("8.3", "an unknown pseudo-header is malformed", [fields(request + [(":test", "1")])]),
    malformed(
      "8.3", "a response's pseudo-header is malformed", [fields(request + [(":status", "200")])]),
    malformed(
      "8.3", "a pseudo-header in the trailers is malformed",
      [post(1), data(1, last: false), trailers([(":method", "GET")], flags: whole)]),
    malformed(
      "8.3", "a pseudo-header behind a header is malformed",
      [fields(Array(request.dropLast()) + [("x", "1"), (":authority", "a.example")])]),
    malformed("8.3.1", "a request without :method is malformed", [without(":method")]),
    malformed("8.3.1", "a request without :scheme is malformed", [without(":scheme")]),
    malformed("8.3.1", "a request without :path is malformed", [without(":path")]),
    malformed(
      "8.3.1", "an empty :path is malformed",
      [fields([(":method", "GET"), (":scheme", "http"), (":path", ""), (":authority", "a")])]),
    malformed("8.3.1", "a second :method is malformed", [fields([request[0]] + request)]),
    malformed("8.3.1", "a second :scheme is malformed", [fields([request[1]] + request)]),
    malformed("8.3.1", "a second :path is malformed", [fields([request[2]] + request)]),
    malformed("8.3.1", "a second :authority is malformed", [fields([request[3]] + request)]),
    ConformanceCase(
      "8.3.1", "a request without :authority, but with host, is answered",
      [
        .send(fields(Array(request.dropLast()) + [("host", "a.example")]).bytes), .await(1),
      ], .answered([1])),

    malformed(
      "8.1.1", "a body shorter than its content-length is malformed",
      [post(1, [HeaderField("content-length", "4")]), data(1)]),
    malformed(
      "8.1.1", "a body longer than its content-length is malformed",
      [post(1, [HeaderField("content-length", "2")]), data(1)]),
    malformed(
      "8.1.1", "a body of several frames shorter than its content-length is malformed",
      [post(1, [HeaderField("content-length", "7")]), data(1, last: false), data(1)]),
    malformed(
      "8.1.1", "a body of several frames longer than its content-length is malformed",
      [post(1, [HeaderField("content-length", "5")]), data(1, last: false), data(1)]),
    malformed(
      "8.1.1", "no body for a content-length is malformed",
      [fields(request + [("content-length", "1")])]),
    malformed(
      "8.1.1", "a content-length that is no number is malformed",
      [post(1, [HeaderField("content-length", "3x")]), data(1)]),
    malformed(
      "8.1.1", "two content-lengths are malformed",
      [
        post(1, [HeaderField("content-length", "3"), HeaderField("content-length", "4")]), data(1),
      ]),
    ConformanceCase(
      "8.1.1", "a body as long as its content-length is answered",
      [
        .send(post(1, [HeaderField("content-length", "3")]).bytes + data(1).bytes), .await(1),
      ], .answered([1])),
  ]
}
