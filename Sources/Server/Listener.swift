import NIOCore
import Sockets
import Synchronization

/// A listening socket as long as it accepts.
final class Listener: Sendable {
  let socket: ListeningSocket
  private let eventLoop: SocketLoop
  private let handling: SocketAcceptor.Handling
  private let acceptor = Mutex<SocketAcceptor?>(nil)

  init(_ socket: ListeningSocket, on eventLoop: SocketLoop, _ handling: SocketAcceptor.Handling) {
    self.socket = socket
    self.eventLoop = eventLoop
    self.handling = handling
  }

  /// Where it listens, the port known.
  var address: ListenAddress { ListenAddress(SocketAddress(boundTo: socket.descriptor), or: socket.address) }

  func start() async throws {
    do {
      try socket.setBacklog()
      let acceptor = try await SocketAcceptor.start(socket.copy(), on: eventLoop, handling)
      self.acceptor.withLock { $0 = acceptor }
    } catch {
      throw ServerError.cannotListen(socket.address, reason: reason(of: error))
    }
  }

  /// Accepts nothing more. Returns when every connection that was accepted has been handed to its loop.
  func close() async { await acceptor.withLock(\.self)?.close() }
}
