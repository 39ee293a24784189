import NIOCore
import NIOPosix
import PosternClient
import Synchronization

/// A server that accepts, and then neither reads nor writes.
final class SilentServer: Sendable {
  let endpoint: Endpoint
  private let channel: any Channel
  private let counts = Counter()

  init() async throws {
    let counts = counts
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        counts.value.withLock { $0.open += 1 }
        channel.closeFuture.whenComplete { _ in counts.value.withLock { $0.open -= 1 } }
        return channel.eventLoop.makeSucceededVoidFuture()
      }
      .bind(host: "127.0.0.1", port: 0).get()
    endpoint = .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
  }

  var openConnectionCount: Int { counts.value.withLock { $0.open } }

  func close() async throws { try await channel.close().get() }
}
