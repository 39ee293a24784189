import HTTP2
import NIOCore
import NIOPosix
import Testing

@testable import PosternClient

/// What callers hear of a connection whose session found no memory.
@Suite struct ConnectionMemoryTests {
  @Test func `a connection that runs out of memory is closed, with that reason`() async throws {
    let server = try await FakeServer()
    let endpoint = server.endpoint
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let dispatcher = Dispatcher(
          loop: channel.eventLoop, configuration: .init(endpoint: endpoint, onFailure: .deny))
        try channel.pipeline.syncOperations.addHandler(Connection(dispatcher: dispatcher))
      }
    }
    let channel = try await bootstrap.connect(to: endpoint).get()
    let connection = try await loop.submit {
      let connection = try channel.pipeline.syncOperations.handler(type: Connection.self)
      #expect(!connection.session.isOutOfMemory)
      AllocationFault.$isDue.withValue({ true }) { connection.probe(timeout: .seconds(60)) }
      return NIOLoopBound(connection, eventLoop: loop)
    }.get()
    try await channel.closeFuture.get()
    let end = try await loop.submit { (connection.value.endReason, connection.value.endedBadly) }.get()
    #expect(end.0 == "out of memory for an http/2 session")
    #expect(end.1)
    try await server.close()
  }
}
