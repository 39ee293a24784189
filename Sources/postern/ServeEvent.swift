import Lifecycle
import Logging
import Server
import UnixSignals

/// What a running server waits for.
enum ServeEvent: Sendable {
  /// SIGHUP.
  case reload
  /// SIGTERM or SIGINT.
  case stop
  /// A successor is ready to serve on our sockets.
  case handOver
}

/// The events of one server, in the order in which they come.
struct ServeEvents {
  let stream: AsyncStream<ServeEvent>
  private let tasks: [Task<Void, Never>]

  /// `point` is where a successor asks for the server's sockets; `nil` for nowhere.
  init(
    _ unixSignals: UnixSignalsSequence, _ point: TakeoverPoint?, of server: PosternServer,
    _ logger: Logger
  ) {
    let (stream, continuation) = AsyncStream.makeStream(of: ServeEvent.self)
    self.stream = stream
    var tasks = [
      Task {
        for await signal in unixSignals { continuation.yield(signal == .sighup ? .reload : .stop) }
      }
    ]
    if let point {
      tasks.append(
        Task {
          if await Self.handsOver(at: point, server, logger) { continuation.yield(.handOver) }
        })
    }
    self.tasks = tasks
  }

  func end() {
    for task in tasks { task.cancel() }
  }

  /// Waits for a successor that becomes ready. `false` when the point was closed first.
  private static func handsOver(
    at point: TakeoverPoint, _ server: PosternServer, _ logger: Logger
  ) async -> Bool {
    let sockets = server.listeningSockets.map {
      HandedSocket(address: "\($0.address)", descriptor: $0.descriptor)
    }
    while true {
      switch await point.serve(sockets) {
      case .handedOver: return true
      case .failed(let reason): logger.warning("no takeover: \(reason)")
      case .closed: return false
      }
    }
  }
}
