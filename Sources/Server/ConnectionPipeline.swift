import NIOCore
import Sockets
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

  /// Makes a channel of a connection of this loop, and lets it read.
  func open(_ descriptor: CInt, from peer: SocketAddress?, on eventLoop: SocketLoop, at door: Door) {
    let connections = loops[ObjectIdentifier(eventLoop)]!.connections.value
    let channel = SocketChannel(
      descriptor, from: peer, on: eventLoop, into: connections.sealedReads, connections.readClock)
    do {
      try addHandlers(to: channel, of: door)
      try channel.open()
    } catch {
      // The kernel has no memory to look at it.
      counts.refuse(.connectionLimit, peer, detail: "\(error)")
      channel.close(promise: nil)
    }
  }

  private func addHandlers(to channel: SocketChannel, of door: Door) throws {
    let loop = loops[ObjectIdentifier(channel.eventLoop)]!
    let connections = loop.connections.value
    switch door {
    case .plain: break
    case .tls:
      try channel.pipeline.syncOperations.addHandler(TLSRecordFeed(connections.sealedReads))
      try tls!.addHandlers(to: channel, loop.handshakes!.value)
    case .unix:
      guard let unixPeers else { break }
      try channel.pipeline.syncOperations.addHandler(UnixPeerGate(unixPeers, counts))
    }
    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(connections))
  }
}
