import EdgeProof
import Logging
import NIOCore
import NIOPosix
import Tables

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The running service: its sockets, its loops, and their end.
///
/// Tables reach it through `store`: whoever publishes there changes what the loops decide by.
public final class PosternServer: Sendable {
  private let configuration: ServerConfiguration
  private let triggers: TriggerRegistry
  private let group: MultiThreadedEventLoopGroup
  private let loops: [Loop]
  private let listeners: [any Channel]
  private let logger: Logger
  private let edgeProof: EdgeProofControl
  /// Where it listens, ports known.
  public let addresses: [ListenAddress]

  private struct Loop: Sendable {
    let eventLoop: any EventLoop
    /// To be used on its event loop only.
    let connections: NIOLoopBound<LoopConnections>
    let metrics: LoopMetrics
  }

  /// Starts the loops and binds every address, or binds none.
  public static func start(
    _ configuration: ServerConfiguration, store: TableStore, logger: Logger
  ) async throws -> PosternServer {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.loopCount)
    do {
      return try await PosternServer(configuration, store, group, logger)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private init(
    _ configuration: ServerConfiguration, _ store: TableStore,
    _ group: MultiThreadedEventLoopGroup, _ logger: Logger
  ) async throws {
    self.configuration = configuration
    self.group = group
    self.logger = logger
    let triggers = TriggerRegistry(own: configuration.triggers)
    self.triggers = triggers
    let settings = ServiceSettings(
      triggers: triggers, onMissing: configuration.onMissing,
      trustedProxies: configuration.trustedProxies,
      compressedReplyByteCountMin: configuration.compressedReplyByteCountMin)
    let limit = ConnectionLimit(configuration.connectionCountMax)
    var loops: [Loop] = []
    for eventLoop in group.makeIterator() {
      loops.append(
        try await eventLoop.submit {
          let service = LoopService(settings, store)
          let connections = LoopConnections(service, on: eventLoop, configuration, limit)
          return Loop(
            eventLoop: eventLoop, connections: NIOLoopBound(connections, eventLoop: eventLoop),
            metrics: connections.metrics)
        }.get())
    }
    self.loops = loops
    edgeProof = EdgeProofControl(loops.map(\.connections))
    try await edgeProof.use(configuration.edgeProof)

    var listeners: [any Channel] = []
    do {
      for address in configuration.listen {
        listeners.append(try await Self.bind(address, group, loops))
      }
    } catch {
      for listener in listeners { try? await listener.close() }
      throw error
    }
    self.listeners = listeners
    addresses = zip(configuration.listen, listeners).map { ListenAddress($1.localAddress, or: $0) }
  }

  private static func bind(
    _ address: ListenAddress, _ group: MultiThreadedEventLoopGroup, _ loops: [Loop]
  ) async throws -> any Channel {
    let connections = Dictionary(
      uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0.connections) })
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16_384, maximum: 262_144))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = ConnectionHandler(connections[ObjectIdentifier(channel.eventLoop)]!.value)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    do {
      switch address {
      case .tcp(let host, let port):
        return
          try await bootstrap
          .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
          .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
          .bind(host: host, port: port).get()
      case .unix(let path):
        try await UnixSocketPath.prepare(path, group)
        return try await bootstrap.bind(unixDomainSocketPath: path).get()
      }
    } catch {
      throw ServerError.cannotListen(address, reason: reason(of: error))
    }
  }

  /// Verifies requests by these settings from now on; by those before where they cannot be used.
  public func use(_ settings: EdgeProofSettings) async throws { try await edgeProof.use(settings) }

  /// Counts settings of edge proof that were refused before they could be used.
  public func countRefusedEdgeProof() { edgeProof.countRefused() }

  /// What all loops have counted so far.
  public func metrics() -> MetricsSnapshot {
    var snapshot = MetricsSnapshot(loops.map(\.metrics), triggers: triggers.names)
    edgeProof.report(to: &snapshot)
    return snapshot
  }

  /// Stops accepting, says GOAWAY, lets answers leave, and ends. Returns when all is closed, at
  /// most `drainSeconds` later.
  public func stop() async {
    for listener in listeners { try? await listener.close() }
    for address in configuration.listen {
      if case .unix(let path) = address { UnixSocketPath.remove(path) }
    }
    for loop in loops { loop.eventLoop.execute { loop.connections.value.drain() } }
    let deadline = NIODeadline.now() + .seconds(Int64(configuration.drainSeconds))
    while NIODeadline.now() < deadline {
      if await openConnectionCount() == 0 { break }
      try? await Task.sleep(for: .milliseconds(10))
    }
    let left = await openConnectionCount()
    if left > 0 {
      logger.warning("closing connections that did not drain", metadata: ["count": "\(left)"])
      for loop in loops { loop.eventLoop.execute { loop.connections.value.abortAll() } }
    }
    try? await group.shutdownGracefully()
  }

  private func openConnectionCount() async -> Int {
    var count = 0
    for loop in loops {
      count += (try? await loop.eventLoop.submit { loop.connections.value.count }.get()) ?? 0
    }
    return count
  }
}

/// Why a socket cannot be bound, without the name of the call.
private func reason(of error: any Error) -> String {
  switch (error as? IOError)?.errnoCode {
  case EADDRINUSE: "the address is in use"
  case EADDRNOTAVAIL: "this machine has no such address"
  case EACCES, EPERM: "permission denied"
  case ENOENT: "no such directory"
  default: "\(error)"
  }
}

/// Why a server cannot start.
public enum ServerError: Error, CustomStringConvertible {
  case cannotListen(ListenAddress, reason: String)

  public var description: String {
    switch self {
    case .cannotListen(let address, let reason):
      "cannot listen on \(address): \(reason); is another server there, and may this user listen?"
    }
  }
}
