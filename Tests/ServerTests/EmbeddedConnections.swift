import Logging
import NIOCore
import NIOEmbedded
@testable import Server
import TLS
import Tables
import TestSupport
import Wire

/// Connections of one loop, whose peers take replies when the test does, and whose time the test moves.
struct EmbeddedConnections {
  let loop = EmbeddedEventLoop()
  let connections: LoopConnections

  init(turnMicroseconds: Int? = nil) throws {
    let store = TableStore()
    try TestTables.publish(TestTables.served, to: store)
    let service = LoopService(
      ServiceSettings(
        triggers: TriggerRegistry(), onMissing: .review, trustedProxies: 0,
        compressedReplyByteCountMin: 0), store)
    var configuration = ServerConfiguration()
    if let turnMicroseconds { configuration.running.turnMicroseconds = turnMicroseconds }
    connections = LoopConnections(
      service, on: loop, configuration, ConnectionLimit(100), TLSCounts(.quiet))
  }

  func connect() throws -> EmbeddedChannel {
    let channel = EmbeddedChannel(handler: ConnectionHandler(connections), loop: loop)
    channel.connect(to: try SocketAddress(ipAddress: "203.0.113.7", port: 4711), promise: nil)
    try send(Frame.preface + Frame.settings().bytes, to: channel)
    _ = try Self.take(from: channel)
    return channel
  }

  func send(_ bytes: [UInt8], to channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
    loop.run()
  }

  static func take(from channel: EmbeddedChannel) throws -> [ByteBuffer] {
    var taken: [ByteBuffer] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { taken.append(buffer) }
    return taken
  }
}
