import HTTP2
import TestSupport
import Testing
import Wire

/// Limits that are for whole requests, and requests that are answered while they come.
@Suite struct StreamedLimitTests {
  private static let second: UInt64 = 1_000_000_000

  /// A session with one streamed request that has begun.
  private static func session(_ pool: SessionPool = SessionPool()) throws -> ServerSession {
    let session = try ServerSession(HTTP2Settings(), pool: pool, at: second) { _ in .streamed }
    let head = RawRequest("POST", "/s").headerFrames(on: 1, endStream: false)
    let bytes = Frame.preface + Frame.settings().bytes + head.flatMap(\.bytes)
    try session.receive(bytes.span, at: second)
    return session
  }

  private static func send(_ frame: Frame, to session: ServerSession) throws {
    try session.receive(frame.bytes.span, at: second)
  }

  @Test func `a streamed request may go on for longer than a body may take`() throws {
    let session = try Self.session()
    #expect(session.endSlowBodies(at: 1000 * Self.second) == 0)
    #expect(session.openStreamCount == 1)
  }

  @Test func `bytes of a streamed body are held until they are taken off it`() throws {
    let pool = SessionPool()
    let session = try Self.session(pool)
    try Self.send(Frame(.data, stream: 1, [UInt8](repeating: 1, count: 100)), to: session)
    #expect(pool.heldByteCount == 100)
    let stream = try #require(session.takeRequest())
    session.removeBody(of: stream, first: 60)
    #expect(pool.heldByteCount == 40)
    stream.response.append([UInt8](repeating: 2, count: 10).span)
    session.send(stream)
    #expect(pool.heldByteCount == 50)
    // Requests beside it do not wait for what it has to send.
    #expect(session.queuedByteCount == 0)
    session.finish(stream)
    #expect(pool.heldByteCount == 10)
    try Self.send(.reset(1), to: session)
    #expect(pool.heldByteCount == 0)
  }

  /// Found by the simulation: it was refused for the content type that was yet to come.
  @Test func `a request whose headers are half there when the session drains is handed out whole`() throws {
    let session = try ServerSession(HTTP2Settings(), at: Self.second) { _ in .streamed }
    try session.receive((Frame.preface + Frame.settings().bytes).span, at: Self.second)
    let bytes = RawRequest.stream().headerFrames(on: 1, endStream: false).flatMap(\.bytes)
    // Up to the middle of the content type, which comes last: the path is there.
    try session.receive(Array(bytes.dropLast(10)).span, at: Self.second)
    session.shutDown()
    #expect(session.takeRequest() == nil)
    try session.receive(Array(bytes.suffix(10)).span, at: Self.second)
    let stream = try #require(session.takeRequest())
    let type = stream.contentType
    #expect(String(decoding: type.indices.map { type[$0] }, as: UTF8.self) == "application/vnd.postern.v1")
  }

  @Test func `a streamed request that is reset while it waits is not handed out`() throws {
    let pool = SessionPool()
    let session = try Self.session(pool)
    try Self.send(Frame(.data, stream: 1, [1, 2, 3]), to: session)
    #expect(session.hasRequest)
    try Self.send(.reset(1), to: session)
    #expect(!session.hasRequest)
    #expect(session.takeRequest() == nil)
    #expect(pool.heldByteCount == 0)
  }
}
