import Foundation
import HTTP2
import NIOCore
import NIOPosix
import PosternClient
import Synchronization
import Wire

/// A server on a real socket that answers every decision with one verdict, and can stall.
final class FakePostern: Sendable {
  struct Behaviour: Sendable {
    var verdict = Verdict.allow
    var status = 200
    /// Reply to nothing for so long, once so many requests have come.
    var stall: (afterRequests: Int, seconds: Double)?
    /// How long each request takes; no other is answered meanwhile.
    var pauseSeconds = 0.0
    /// Which requests get no reply, by their numbers on their connections, from 1.
    var isSilent: @Sendable (Int) -> Bool = { _ in false }
    /// What becomes of a reply on its way.
    var spoil: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    var settings = HTTP2Settings()
  }

  let endpoint: Endpoint
  private let channel: any Channel
  private let group: MultiThreadedEventLoopGroup
  private let count = RequestCount()
  /// Connections on which something was asked, and those of them on which more was.
  var askedConnections: (once: Int, again: Int) {
    (
      count.askedOnce.load(ordering: .sequentiallyConsistent),
      count.askedAgain.load(ordering: .sequentiallyConsistent)
    )
  }

  init(_ behaviour: Behaviour = Behaviour(), unixSocket: String? = nil) throws {
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let count = count
    let bootstrap = ServerBootstrap(group: group).childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHandler(FakePosternConnection(behaviour, count))
      }
    }
    if let unixSocket {
      channel = try bootstrap.bind(
        unixDomainSocketPath: unixSocket, cleanupExistingSocketFile: true
      ).wait()
      endpoint = .unixSocket(path: unixSocket)
    } else {
      channel = try bootstrap.bind(host: "127.0.0.1", port: 0).wait()
      endpoint = .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }
  }

  func stop() throws {
    try channel.close().wait()
    try group.syncShutdownGracefully()
  }
}

/// Of all connections, to stall once.
private final class RequestCount: Sendable {
  let value = Atomic(0)
  let askedOnce = Atomic(0)
  let askedAgain = Atomic(0)
}

private final class FakePosternConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let session: ServerSession
  private let behaviour: FakePostern.Behaviour
  private let count: RequestCount
  private var ownCount = 0

  init(_ behaviour: FakePostern.Behaviour, _ count: RequestCount) throws {
    session = try ServerSession(behaviour.settings, handling: { path in
      path.count == 10 && Array("/v1/stream".utf8).span.elementsEqual(path) ? .streamed : .whole
    })
    self.behaviour = behaviour
    self.count = count
  }

  func channelActive(context: ChannelHandlerContext) { flush(context) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    do {
      try session.receive(bytes.readableBytesUInt8Span)
    } catch {
      return context.close(promise: nil)
    }
    while let stream = session.takeRequest() {
      ownCount += 1
      if ownCount == 1 { count.askedOnce.add(1, ordering: .sequentiallyConsistent) }
      if ownCount == 2 { count.askedAgain.add(1, ordering: .sequentiallyConsistent) }
      let number = count.value.add(1, ordering: .sequentiallyConsistent).newValue
      if let stall = behaviour.stall, number == stall.afterRequests {
        // The whole loop stands still, as a server's does that collects garbage.
        Thread.sleep(forTimeInterval: stall.seconds)
      }
      if behaviour.pauseSeconds > 0 { Thread.sleep(forTimeInterval: behaviour.pauseSeconds) }
      if behaviour.isSilent(ownCount) { continue }
      if stream.isStreamed {
        answerMessages(of: stream)
        continue
      }
      let body = [UInt8](copying: stream.body.span)
      let reply = behaviour.spoil(replyInKind(to: body))
      stream.response.append(reply.span)
      session.respond(
        to: stream, ResponseHead(status: behaviour.status, [("content-type", PosternMessage.contentType)]))
    }
    flush(context)
  }

  /// Two messages at a time are answered, the later one first.
  private func answerMessages(of stream: HTTP2Stream) {
    if !stream.isAnswering {
      session.begin(stream, ResponseHead(status: 200, [("content-type", PosternMessage.contentType)]))
    }
    var replies: [[UInt8]] = []
    while let count = try? MessageHeader.firstByteCount(in: stream.bodyBytes, expecting: .request),
      count <= stream.bodyBytes.count
    {
      replies.append(reply(to: [UInt8](copying: stream.bodyBytes.extracting(0..<count))))
      session.removeBody(of: stream, first: count)
    }
    for pair in stride(from: 0, to: replies.count, by: 2) {
      for reply in replies[pair..<min(pair + 2, replies.count)].reversed() {
        stream.response.append(reply.span)
      }
    }
    session.send(stream)
  }

  /// Compressed where the message is (proto-spec 3.4); nothing to a message that cannot be read.
  private func replyInKind(to message: [UInt8]) -> [UInt8] {
    guard message[2] & 1 == 1 else { return reply(to: message) }
    var plain = ByteWriter()
    var packed = ByteWriter()
    do {
      try plain.decompress(message.span, .request)
      try packed.compress(reply(to: [UInt8](copying: plain.span)).span, .reply)
    } catch {
      return []
    }
    return [UInt8](copying: packed.span)
  }

  /// As the protocol says it, by hand (proto-spec 5).
  private func reply(to message: [UInt8]) -> [UInt8] {
    var bytes = ByteWriter()
    bytes.beginMessage(.reply)
    var start = MessageHeader.byteCount
    var decisions = 0
    while start < message.count {
      let byteCount = Int(message[start]) | Int(message[start + 1]) << 8 | Int(message[start + 2]) << 16
      bytes.append(UInt32(DecisionReply.fixedByteCount))
      bytes.append(behaviour.verdict.rawValue)
      bytes.append(behaviour.verdict.rawValue)
      bytes.append(Mode.enforce.rawValue)
      bytes.append(UInt8(0))
      for byte in message[(start + 8)..<(start + 16)] { bytes.append(byte) }
      bytes.append(UInt16(0))
      bytes.append(UInt16(0))
      bytes.append(UInt32(1))
      bytes.append(UInt64(7))
      start += byteCount
      decisions += 1
    }
    bytes.finishMessage(decisionCount: decisions)
    return [UInt8](copying: bytes.span)
  }

  private func flush(_ context: ChannelHandlerContext) {
    var isMore = true
    while isMore {
      var buffer = context.channel.allocator.buffer(capacity: 1024)
      isMore = session.takeOutput(upTo: 64 << 10) { bytes in
        // SAFETY: the bytes are copied before `writeBytes` returns.
        unsafe buffer.writeBytes(bytes.bytes)
      }
      if buffer.readableBytes > 0 { context.write(wrapOutboundOut(buffer), promise: nil) }
    }
    context.flush()
  }
}
