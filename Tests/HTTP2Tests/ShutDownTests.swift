import HTTP2
import TestSupport
import Testing

@Suite struct ShutDownTests {
  @Test func `after a goaway what is open is finished and nothing new is taken`() throws {
    let session = try TestSession()
    let request = RawRequest("POST", "/p", body: [1, 2, 3])
    try session.receive(request.headerFrames(on: 1, endStream: false))
    session.session.shutDown()
    session.takeOutput()
    let goAway = try #require(session.frames.last)
    #expect(goAway.kind == .goAway)
    #expect(goAway.payload == [0, 0, 0, 1, 0, 0, 0, 0])
    try session.receive(request.frames(on: 3))
    #expect(session.takeRequest() == nil)
    try session.receive(request.dataFrames(on: 1))
    let taken = try #require(session.takeRequest())
    #expect(taken.request.body == [1, 2, 3])
    session.respond(to: taken.stream, [9])
    #expect(session.responses[1]?.body == [9])
    #expect(session.session.openStreamCount == 0)
  }

  @Test func `the end is announced before it comes, and a ping tells when that was heard`() throws {
    let session = try TestSession()
    session.session.announceShutDown()
    session.takeOutput()
    let notice = session.frames.suffix(2)
    #expect(notice.map(\.kind) == [.goAway, .ping])
    #expect(notice.first?.payload == [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
    try session.receive(RawRequest("GET", "/p").frames(on: 1))
    let taken = try #require(session.takeRequest())
    session.respond(to: taken.stream, [9])
    #expect(session.responses[1]?.body == [9])
    #expect(!session.session.shutDownIsHeard)
    try session.receive([Frame(.ping, flags: Frame.acknowledgement, notice.last!.payload)])
    #expect(session.session.shutDownIsHeard)
    session.session.shutDown()
    session.takeOutput()
    #expect(session.frames.last?.payload == [0, 0, 0, 1, 0, 0, 0, 0])
  }

  @Test func `bytes that are no HTTP/2 are an error`() throws {
    let session = try ServerSession(HTTP2Settings()) { _ in .whole }
    #expect(throws: HTTP2Error.self) {
      try session.receive(Array("GET / HTTP/1.1\r\nhost: a\r\n\r\n".utf8).span)
    }
  }
}
