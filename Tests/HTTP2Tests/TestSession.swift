@testable import HTTP2
import Synchronization
import TestSupport
import Wire

/// A server session whose bytes a test carries by hand.
final class TestSession {
  let session: ServerSession
  private let pool = SessionPool()
  private let decoder = HeaderDecoder()
  private var received: [UInt8] = []
  private(set) var responses: [UInt32: RawResponse] = [:]
  /// Every frame that the session has sent.
  private(set) var frames: [Frame] = []

  /// The paths of requests whose paths are not kept, by their routes.
  private let paths = Paths()

  /// Has seen preface and settings. Keeps path and headers of paths that begin with `/keep`, and hands out
  /// those that begin with `/head` when their heads are there.
  init(
    _ settings: HTTP2Settings = HTTP2Settings(), client: [(id: UInt16, value: UInt32)] = []
  ) throws {
    session = try ServerSession(settings, pool: pool) { [paths] path in
      let path = String(decoding: bytes(of: path), as: UTF8.self)
      if path.hasPrefix("/keep") { return .wholeWithHeaders }
      return path.hasPrefix("/head") ? .headOnly : .whole(route: paths.route(of: path))
    }
    try receive(Frame.preface + Frame.settings(client).bytes)
    try receive([Frame(.settings, flags: Frame.acknowledgement)])
  }

  /// Bytes of headers, bodies and responses of the streams that are open.
  var heldByteCount: Int { pool.heldByteCount }

  func receive(_ bytes: [UInt8], at now: UInt64 = 0) throws {
    do {
      try session.receive(bytes.span, at: now)
    } catch {
      takeOutput()
      throw error
    }
    takeOutput()
  }

  func receive(_ frames: [Frame], at now: UInt64 = 0) throws {
    try receive(frames.flatMap(\.bytes), at: now)
  }

  /// The next request, as owned values; `nil` when there is none.
  func takeRequest() -> (stream: HTTP2Stream, request: RawRequest)? {
    guard let stream = session.takeRequest() else { return nil }
    let headers = (0..<stream.keptHeaderCount).map { index in
      HeaderField(
        String(decoding: bytes(of: stream.headerName(at: index)), as: UTF8.self),
        bytes(of: stream.headerValue(at: index)))
    }
    let request = RawRequest(
      String(decoding: bytes(of: stream.method), as: UTF8.self),
      stream.path.isEmpty
        ? paths.path(of: stream.route) : String(decoding: bytes(of: stream.path), as: UTF8.self), headers,
      body: bytes(of: stream.bodyBytes))
    return (stream, request)
  }

  func respond(to stream: HTTP2Stream, _ body: [UInt8]) {
    stream.response.append(body.span)
    session.respond(to: stream, Self.head)
    takeOutput()
  }

  private static let head = ResponseHead(status: 200)

  /// Takes in what the session has to say.
  func takeOutput() {
    while session.takeOutput(upTo: 4096, to: { received += bytes(of: $0) }) {}
    while let frame = Frame.take(from: &received) {
      frames.append(frame)
      switch frame.kind {
      case .headers:
        let headers = (try? decoder.decode(frame.payload)) ?? []
        responses[frame.stream, default: .init()].headers += headers
      case .data:
        responses[frame.stream, default: .init()].body += frame.payload
        if frame.flags & Frame.endStream != 0 { responses[frame.stream]?.isComplete = true }
      case .rstStream:
        responses[frame.stream, default: .init()].resetCode = UInt32(frame.payload.last ?? 0)
      default: break
      }
    }
  }
}

/// Paths and their numbers.
private final class Paths: Sendable {
  private let paths = Mutex<[String]>([])

  func route(of path: String) -> UInt8 {
    paths.withLock { paths in
      if let known = paths.firstIndex(of: path) { return UInt8(known + 1) }
      paths.append(path)
      return UInt8(paths.count)
    }
  }

  /// Empty where nothing was kept at all.
  func path(of route: UInt8) -> String { route == 0 ? "" : paths.withLock { $0[Int(route) - 1] } }
}

func bytes(of span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
