import NIOCore
import TLS

/// The handlers of a connection that was just accepted, by its door.
struct ConnectionPipeline: Sendable {
  enum Door: Sendable { case plain, tls, unix }

  /// What is used on one event loop only.
  struct Loop: Sendable {
    let connections: NIOLoopBound<LoopConnections>
    /// `nil` where no door speaks TLS.
    let handshakes: NIOLoopBound<HandshakeQueue>?
  }

  let loops: [ObjectIdentifier: Loop]
  let tls: TLSDoors?
  let unixPeers: UnixPeers?
  let counts: TLSCounts

  func addHandlers(to channel: any Channel, of door: Door) throws {
    let loop = loops[ObjectIdentifier(channel.eventLoop)]!
    let connections = loop.connections.value
    let reads = door == .tls ? connections.sealedReads : connections.reads
    try channel.syncOptions!.setOption(
      .recvAllocator, value: SharedReadAllocator(NIOLoopBound(reads, eventLoop: channel.eventLoop)))
    switch door {
    case .plain: break
    case .tls:
      // LIMIT: NIOSSL puts together what it opens of all reads up to their end, and keeps as much to the
      // connection's. By default they are four.
      try channel.syncOptions!.setOption(.maxMessagesPerRead, value: 1)
      try channel.pipeline.syncOperations.addHandler(TLSRecordFeed(reads))
      try tls!.addHandlers(to: channel, loop.handshakes!.value)
    case .unix:
      guard let unixPeers else { break }
      try channel.pipeline.syncOperations.addHandler(UnixPeerGate(unixPeers, counts))
    }
    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(connections))
  }
}
