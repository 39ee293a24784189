import HTTP2
import NIOCore
@testable import PosternClient
import Testing
import Wire

/// The stream that calls share, over sessions in memory.
@Suite struct MessageStreamTests {
  private func call(_ id: UInt64) throws -> Call {
    let message = try PosternMessage.encode([LoginRequest(trigger: "t", correlationID: id)])
    return Call(id: id, message: message, firstID: id, deadline: .now() + .seconds(10))
  }

  /// All that the client has to say, read by the server.
  private func carry(_ client: ClientSession, to server: ServerSession) throws {
    var bytes: [UInt8] = []
    while client.takeOutput(upTo: 4096, to: { bytes += [UInt8](copying: $0) }) {}
    try server.receive(bytes.span)
  }

  /// All that the server has to say, in one read of the client.
  private func carry(_ server: ServerSession, to client: ClientSession) throws {
    var bytes: [UInt8] = []
    while server.takeOutput(upTo: 4096, to: { bytes += [UInt8](copying: $0) }) {}
    try client.receive(bytes.span)
  }

  /// As a server that drains does: it answers what it has, and the stream is over.
  @Test func `calls behind the last reply of a stream that ends may be asked again`() throws {
    let client = try ClientSession()
    let server = try ServerSession(HTTP2Settings()) { _ in .streamed }
    let head = ClientRequestHead(method: "POST", path: "/v1/stream", authority: "localhost")
    let stream = MessageStream(client, head, number: 1, callCountMax: 8)
    try carry(client, to: server)
    let request = try #require(server.takeRequest())
    server.begin(request, ResponseHead(status: 200))
    try carry(server, to: client)
    while let event = client.takeEvent() { #expect(stream.receive(event).isEmpty) }

    let calls = try (UInt64(1)...3).map(call)
    for call in calls {
      #expect(stream.hasRoom(for: call))
      stream.send(call)
    }
    try carry(client, to: server)
    let replies = calls.prefix(2).flatMap { FakeAnswer.reply(to: $0.message, .allow) }
    request.response.append(replies.span)
    server.finish(request)
    try carry(server, to: client)
    var answered: [UInt64] = []
    while let event = client.takeEvent() { answered += stream.receive(event).map(\.call) }
    #expect(answered == [1, 2])
    #expect(stream.end == .notProcessed)
    #expect(stream.unansweredCalls == [3])
  }
}
