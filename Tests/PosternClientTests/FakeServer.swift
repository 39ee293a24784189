import HTTP2
import NIOCore
import NIOPosix
import PosternClient
import Synchronization
import Wire

/// A server on a real socket that answers as a test says.
final class FakeServer: Sendable {
  struct Counts { var connections = 0, requests = 0, open = 0, streams = 0 }

  let endpoint: Endpoint
  private let channel: any Channel
  private let counts: Counter

  /// The number of a request counts from 1 over all connections.
  typealias Script = @Sendable (_ number: Int, _ message: [UInt8]) -> FakeAnswer

  /// `streams`: whether it has a door for many messages on one stream.
  init(
    at endpoint: Endpoint = .tcp(host: "127.0.0.1", port: 0),
    settings: HTTP2Settings = HTTP2Settings(), streams: Bool = true,
    _ script: @escaping Script = { _, message in .decided(message) }
  ) async throws {
    let counts = Counter()
    self.counts = counts
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            FakeConnection(settings: settings, streams: streams, counts: counts, script: script))
        }
      }
    switch endpoint {
    case .tcp(let host, let port), .tls(let host, let port):
      channel = try await bootstrap.bind(host: host, port: port).get()
      self.endpoint = .tcp(host: host, port: channel.localAddress?.port ?? 0)
    case .unixSocket(let path):
      channel = try await bootstrap.bind(
        unixDomainSocketPath: path, cleanupExistingSocketFile: true
      ).get()
      self.endpoint = endpoint
    }
  }

  var connectionCount: Int { counts.value.withLock { $0.connections } }
  var requestCount: Int { counts.value.withLock { $0.requests } }
  /// Streams of many messages.
  var streamCount: Int { counts.value.withLock { $0.streams } }
  var openConnectionCount: Int { counts.value.withLock { $0.open } }

  func close() async throws { try await channel.close().get() }
}

final class Counter: Sendable {
  let value = Mutex(FakeServer.Counts())
}

private final class FakeConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let decideRoute: UInt8 = 1

  private let session: ServerSession
  private let counts: Counter
  private let script: FakeServer.Script

  init(
    settings: HTTP2Settings, streams: Bool, counts: Counter, script: @escaping FakeServer.Script
  ) throws {
    session = try ServerSession(
      settings,
      handling: { path in
        switch String(repairing: path) {
        case "/v1/decide": .whole(route: Self.decideRoute)
        case "/v1/stream" where streams: .streamed
        default: .whole
        }
      })
    self.counts = counts
    self.script = script
  }

  func channelActive(context: ChannelHandlerContext) {
    counts.value.withLock {
      $0.connections += 1
      $0.open += 1
    }
    flush(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    counts.value.withLock { $0.open -= 1 }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    do {
      try session.receive(bytes.readableBytesUInt8Span)
    } catch {
      return context.close(promise: nil)
    }
    while let stream = session.takeRequest() {
      if stream.route == Self.decideRoute {
        answer(stream, script(takeNumber(), [UInt8](copying: stream.body.span)), context)
      } else if stream.isStreamed {
        answerMessages(of: stream, context)
      } else {
        respond(stream, 404, FakeAnswer.refusal(.unknownPath, at: 0))
      }
    }
    flush(context)
    if session.isFinished { context.close(promise: nil) }
  }

  private func takeNumber() -> Int {
    counts.value.withLock {
      $0.requests += 1
      return $0.requests
    }
  }

  private func answerMessages(of stream: HTTP2Stream, _ context: ChannelHandlerContext) {
    if !stream.isAnswering {
      counts.value.withLock { $0.streams += 1 }
      session.begin(stream, Self.heads[200]!)
    }
    while !stream.isFinished {
      let bytes = [UInt8](copying: stream.bodyBytes)
      guard let count = try? MessageHeader.firstByteCount(in: bytes.span, expecting: .request),
        count <= bytes.count
      else { break }
      session.removeBody(of: stream, first: count)
      answer(stream, script(takeNumber(), Array(bytes[..<count])), context)
    }
    if stream.isEnded { session.finish(stream) }
  }

  private func answer(
    _ stream: HTTP2Stream, _ answer: FakeAnswer, _ context: ChannelHandlerContext
  ) {
    switch answer {
    case .response(let status, let body): respond(stream, status, body)
    case .late(let wait, let status, let body):
      let id = stream.id
      context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) {
        // A stream that was reset meanwhile may serve another request by now.
        guard stream.id == id, context.channel.isActive else { return }
        self.respond(stream, status, body)
        self.flush(context)
      }
    case .goAwayThen(let status, let body):
      session.shutDown()
      respond(stream, status, body)
      if stream.isAnswering { session.finish(stream) }
    case .nothing: break
    case .hangUp: context.close(promise: nil)
    case .garbage:
      context.writeAndFlush(
        wrapOutboundOut(ByteBuffer(repeating: 0xA5, count: 500)), promise: nil)
    }
  }

  /// On a stream of many messages, another status than 200 ends it.
  private func respond(_ stream: HTTP2Stream, _ status: Int, _ body: [UInt8]) {
    stream.response.append(body.span)
    if stream.isAnswering { return status == 200 ? session.send(stream) : session.finish(stream) }
    session.respond(to: stream, Self.heads[status] ?? Self.otherHead)
  }

  private func flush(_ context: ChannelHandlerContext) {
    var mayBeMore = true
    while mayBeMore {
      var buffer = context.channel.allocator.buffer(capacity: 1024)
      mayBeMore = session.takeOutput(upTo: 64 << 10) { bytes in
        // SAFETY: the bytes are copied before `writeBytes` returns.
        unsafe buffer.writeBytes(bytes.bytes)
      }
      if buffer.readableBytes > 0 { context.write(wrapOutboundOut(buffer), promise: nil) }
    }
    context.flush()
  }

  private static let contentType = [(name: "content-type", value: PosternMessage.contentType)]
  private static let heads = [
    200: ResponseHead(status: 200, contentType), 400: ResponseHead(status: 400, contentType),
    404: ResponseHead(status: 404, contentType),
    503: ResponseHead(status: 503, contentType + [(name: "retry-after", value: "3")]),
  ]
  private static let otherHead = ResponseHead(status: 418)
}
