import CEpoll
import Glibc
import NIOCore

/// A listening socket's connections, as they come.
///
/// When the kernel has no descriptor or no memory for one it asks again a moment later, and so does it while
/// `mayAccept` says no: who wants in waits in the kernel's queue, which costs nothing.
public final class SocketAcceptor: EventSource, @unchecked Sendable {
  // SAFETY of `@unchecked`: what changes is used on the loop's thread.

  /// LIMIT: connections of one turn: those that are there have requests.
  private static let countMax = 16
  /// LIMIT: a pause is shorter than a client's patience, and so long that twenty looks a second are nothing
  /// to a loop.
  private static let pause = TimeAmount.milliseconds(50)
  /// LIMIT: the pause behind connections that were accepted just now: those whose clients have gone meanwhile
  /// make room at once.
  private static let shortPause = TimeAmount.milliseconds(1)

  /// What an acceptor asks and tells.
  public struct Handling: Sendable {
    let mayAccept: @Sendable () -> Bool
    let paused: @Sendable () -> Void
    let accepted: @Sendable (CInt, SocketAddress?) -> Void

    /// - Parameters:
    ///   - mayAccept: whether another one may come. Where it may not, nor may others for a moment.
    ///   - paused: it did not, or the kernel had no descriptor or no memory for it, and that lasts.
    ///   - accepted: takes over a connection's descriptor, which does not block.
    public init(
      mayAccept: @escaping @Sendable () -> Bool, paused: @escaping @Sendable () -> Void,
      accepted: @escaping @Sendable (CInt, SocketAddress?) -> Void
    ) {
      self.mayAccept = mayAccept
      self.paused = paused
      self.accepted = accepted
    }
  }

  private let loop: SocketLoop
  private let handling: Handling
  private var isResting = false
  /// Some have come since the last pause.
  private var hasAccepted = false
  private var isClosed = false

  private init(_ descriptor: CInt, on loop: SocketLoop, _ handling: Handling) throws {
    self.loop = loop
    self.handling = handling
    super.init(descriptor: descriptor)
    try SocketCalls.setNonBlocking(descriptor)
    try loop.add(self, for: .input)
  }

  /// Accepts from now on. The descriptor is the acceptor's; where it throws it is closed.
  public static func start(
    _ descriptor: CInt, on loop: SocketLoop, _ handling: Handling
  ) async throws -> SocketAcceptor {
    do {
      return try await loop.submit { try SocketAcceptor(descriptor, on: loop, handling) }.get()
    } catch {
      SocketCalls.close(descriptor)
      throw error
    }
  }

  override func ready(_ events: Epoll.Events) {
    var count = 0
    for _ in 0..<Self.countMax {
      guard handling.mayAccept() else { return rest() }
      var peer: SocketAddress?
      switch SocketCalls.accept(descriptor, peer: &peer) {
      case .done(let connection):
        count += 1
        hasAccepted = true
        handling.accepted(CInt(connection), peer)
      case .wouldBlock: return
      // Of that connection, or of the network it came by (accept(2)).
      case .failed(ECONNABORTED), .failed(EPROTO), .failed(EPERM), .failed(ENETDOWN), .failed(ENETUNREACH),
        .failed(EHOSTDOWN), .failed(EHOSTUNREACH), .failed(ENONET), .failed(ENOPROTOOPT), .failed(EOPNOTSUPP):
        continue
      case .failed: return rest()
      }
    }
    // Some errors leave the connection where it is.
    if count == 0 { rest() }
  }

  /// Looks no more for a moment.
  private func rest() {
    guard !isResting, !isClosed else { return }
    isResting = true
    loop.remove(self)
    if hasAccepted {
      hasAccepted = false
      goOn(in: Self.shortPause)
    } else {
      handling.paused()
      goOn(in: Self.pause)
    }
  }

  private func goOn(in pause: TimeAmount) {
    let timer = loop.scheduleTask(in: pause) {
      guard !self.isClosed else { return }
      do {
        try self.loop.add(self, for: .input)
        self.isResting = false
      } catch {
        self.goOn(in: Self.pause)
      }
    }
    // The loop knows nothing of who rests, and has ended.
    timer.futureResult.assumeIsolated().whenFailure { _ in self.end() }
  }

  /// Accepts nothing more. Returns when every connection that was accepted has been handed on.
  public func close() async {
    try? await loop.submit { self.end() }.get()
  }

  private func end() {
    guard !isClosed else { return }
    isClosed = true
    loop.remove(self)
    SocketCalls.close(descriptor)
  }

  override func abandon() { end() }
}
