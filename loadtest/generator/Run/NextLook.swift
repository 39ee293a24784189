import Foundation
import NIOCore
import NIOPosix

/// Calls back after the loop's next look at its sockets.
///
/// SwiftNIO's loop runs tasks until none is due, and looks at its sockets then: a task that asks for another
/// one at once keeps it from reading for as long as it does so. A byte in a pipe comes as replies come.
///
/// Not thread-safe: it lives on its event loop.
final class NextLook: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let looked: () -> Void
  private var context: ChannelHandlerContext?

  private init(_ looked: @escaping () -> Void) { self.looked = looked }

  /// On the loop's thread. The loop closes the pipe when it ends.
  static func open(
    on loop: any EventLoop, _ looked: @escaping () -> Void
  ) -> EventLoopFuture<NIOLoopBound<NextLook>> {
    let look = NIOLoopBound(NextLook(looked), eventLoop: loop)
    let pipe = Pipe()
    let ends = [pipe.fileHandleForReading, pipe.fileHandleForWriting].map { dup($0.fileDescriptor) }
    guard !ends.contains(-1) else {
      for end in ends where end != -1 { close(end) }
      return loop.makeFailedFuture(LoadFailure.unreachable("no descriptor is left; raise `ulimit -n`"))
    }
    return NIOPipeBootstrap(group: loop)
      // What it asks for while it is called back comes by another look.
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(look.value) }
      }
      .takingOwnershipOfDescriptors(input: ends[0], output: ends[1])
      .map { _ in look }
  }

  /// Calls back once, soon.
  func ask() {
    guard let context else { return }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0])), promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { looked() }
}
