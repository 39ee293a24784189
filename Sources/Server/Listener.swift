import NIOCore
import Synchronization

/// A listening socket as long as it accepts: a NIO channel, or for moments none.
///
/// When the kernel refuses descriptors, NIO's channel goes on asking without a pause (swift-nio 2.101:
/// a read that failed stays pending, and its back-off is never asked). So the channel is closed then,
/// and another one opened a moment later. Nobody notices: the socket is ours and stays open, and who
/// connects waits in its queue. The same where NIO closes the channel itself, as it does for most errors of
/// accept(2), those of a single connection or of the network among them.
final class Listener: Sendable {
  /// LIMIT: a pause is shorter than a client's patience, and so long that twenty attempts a second are
  /// nothing to a loop.
  private static let pause = TimeAmount.milliseconds(50)

  private struct State {
    var channel: (any Channel)?
    var isClosed = false
  }

  let socket: ListeningSocket
  private let state = Mutex(State())
  private let eventLoop: any EventLoop
  /// Opens a channel on a copy of the socket's descriptor. It closes that when descriptors are short.
  private let open: @Sendable (CInt, Listener) -> EventLoopFuture<any Channel>

  init(
    _ socket: ListeningSocket, on eventLoop: any EventLoop,
    open: @escaping @Sendable (CInt, Listener) -> EventLoopFuture<any Channel>
  ) {
    self.socket = socket
    self.eventLoop = eventLoop
    self.open = open
  }

  /// Where it listens, the port known.
  var address: ListenAddress {
    // NIO asks the kernel once. Without its answer the log would name port 0, where nobody finds us.
    let bound = state.withLock(\.channel)?.localAddress ?? SocketAddress(boundTo: socket.descriptor)
    return ListenAddress(bound, or: socket.address)
  }

  func start() async throws {
    do {
      keep(try await open(socket.copy(), self).get())
      try socket.setBacklog()
    } catch {
      throw ServerError.cannotListen(socket.address, reason: reason(of: error))
    }
  }

  /// Opens another channel after a pause; the one there was has been closed.
  private func reopen() {
    // Closed for good: its loop may be gone soon.
    if state.withLock(\.isClosed) { return }
    eventLoop.scheduleTask(in: Self.pause) {
      guard !self.state.withLock(\.isClosed) else { return }
      guard let copy = try? self.socket.copy() else { return self.reopen() }
      self.open(copy, self).whenComplete { result in
        guard let channel = try? result.get() else { return self.reopen() }
        self.keep(channel)
        try? self.socket.setBacklog()
      }
    }
  }

  private func keep(_ channel: any Channel) {
    let isClosed = state.withLock { state in
      state.channel = channel
      return state.isClosed
    }
    if isClosed { return channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in self.reopen() }
  }

  /// Accepts nothing more.
  func close() async {
    let channel = state.withLock { state in
      state.isClosed = true
      return state.channel
    }
    try? await channel?.close()
  }
}
