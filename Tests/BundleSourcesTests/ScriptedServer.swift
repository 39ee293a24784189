import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A little HTTP server on loopback that answers as a test says.
final class ScriptedServer: Sendable {
  struct Answer: Sendable {
    var status: HTTPResponseStatus = .ok
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// What `content-length` says; `nil` for the truth. More than that, and the connection is closed
    /// behind the body.
    var claimedByteCount: Int?
    /// Without `content-length`, in chunks.
    var isChunked = false
    /// Nothing is answered, ever.
    var isSilent = false
  }

  private let script: Mutex<@Sendable (HTTPRequestHead) -> Answer>
  private let heads = Mutex<[HTTPRequestHead]>([])
  private let channel = Mutex<(any Channel)?>(nil)

  init(_ script: @escaping @Sendable (HTTPRequestHead) -> Answer) { self.script = Mutex(script) }

  /// The requests so far.
  var requests: [HTTPRequestHead] { heads.withLock { $0 } }

  func answer(_ script: @escaping @Sendable (HTTPRequestHead) -> Answer) {
    self.script.withLock { $0 = script }
  }

  /// Starts it on a port that is free. Returns its address.
  func start() async throws -> String {
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(self))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.channel.withLock { $0 = channel }
    return "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/tables.bundle"
  }

  func stop() async throws { try await channel.withLock { $0 }?.close() }

  fileprivate func answer(to head: HTTPRequestHead) -> Answer {
    heads.withLock { $0.append(head) }
    return script.withLock { $0 }(head)
  }
}

private final class Handler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: ScriptedServer

  init(_ server: ScriptedServer) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data) else { return }
    let answer = server.answer(to: head)
    if answer.isSilent { return }
    var headers = HTTPHeaders(answer.headers)
    if answer.isChunked {
      headers.add(name: "transfer-encoding", value: "chunked")
    } else if answer.status != .notModified {
      headers.add(name: "content-length", value: "\(answer.claimedByteCount ?? answer.body.count)")
    }
    context.write(
      wrapOutboundOut(.head(.init(version: .http1_1, status: answer.status, headers: headers))),
      promise: nil)
    if !answer.body.isEmpty {
      context.write(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    }
    guard (answer.claimedByteCount ?? answer.body.count) <= answer.body.count else {
      context.flush()
      return context.close(promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}
