import HTTP2
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Brings calls and connections together: the one usable connection, those that finish their last
/// requests, and the waits between attempts. Lives on one event loop; all else reaches it there.
///
/// INVARIANT (answered-once): a call is in `pending` until its continuation is resumed.
final class Dispatcher {
  private enum Link {
    case none
    case connecting
    case open(Connection)
    case backingOff(until: NIODeadline, because: String)
  }

  private let loop: any EventLoop
  private let configuration: PosternClient.Configuration
  let head: ClientRequestHead
  private let tls: ClientTLS
  /// Of the stream that calls share; `nil` where each has its own.
  let streamHead: ClientRequestHead?
  private var link = Link.none
  private var pending: [UInt64: PendingCall] = [:]
  /// Calls that wait for the connection being made, in order.
  private var waiting: [UInt64] = []
  /// Connections whose sockets are open, the usable one included.
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var backOff: BackOff
  private var random = SystemRandomNumberGenerator()
  private var isClosed = false
  private var whenClosed: [CheckedContinuation<Void, Never>] = []

  init(loop: any EventLoop, configuration: PosternClient.Configuration) {
    self.loop = loop
    self.configuration = configuration
    func head(_ path: String) -> ClientRequestHead {
      ClientRequestHead(
        method: "POST", scheme: configuration.endpoint.scheme, path: path,
        authority: configuration.endpoint.authority,
        [(name: "content-type", value: PosternMessage.contentType)])
    }
    self.head = head("/v1/decide")
    streamHead = configuration.usesStream ? head("/v1/stream") : nil
    tls = ClientTLS(configuration.tls)
    backOff = BackOff(
      least: TimeAmount(configuration.backOffMin), most: TimeAmount(configuration.backOffMax))
  }

  // MARK: From the asking tasks

  func submit(
    _ call: Call, answer: CheckedContinuation<Result<ClientResponse, PosternFailure>, Never>
  ) {
    let refusal: PosternFailure? =
      if isClosed {
        .closed
      } else if call.isCancelled.load(ordering: .acquiring) {
        .cancelled
      } else if call.deadline <= .now() {
        .deadlineExceeded
      } else if pending.count >= configuration.pendingCallCountMax {
        .tooManyCalls
      } else {
        nil
      }
    if let refusal { return answer.resume(returning: .failure(refusal)) }
    let timer = loop.assumeIsolated().scheduleTask(deadline: call.deadline) { self.expire(call.id) }
    pending[call.id] = PendingCall(call: call, answer: answer, timer: timer)
    route(call.id)
  }

  func cancel(_ id: UInt64) { abandon(id, .cancelled) }

  /// Takes no more calls; what is under way finishes. `whenDone` is resumed when all is closed.
  func close(whenDone: CheckedContinuation<Void, Never>?) {
    isClosed = true
    if let whenDone { whenClosed.append(whenDone) }
    finishClosing()
  }

  // MARK: Calls

  private func route(_ id: UInt64) {
    switch link {
    case .open(let connection): send(id, over: connection)
    case .connecting: waiting.append(id)
    case .backingOff(let until, let reason) where until > .now():
      finish(id, .failure(.connectionFailed(reason)))
    case .none, .backingOff:
      waiting.append(id)
      connect()
    }
  }

  private func send(_ id: UInt64, over connection: Connection) {
    guard let call = pending[id]?.call else { return }
    // What was sent behind a message that ended the stream is asked again where that cannot be.
    let isFirst = pending[id]?.attemptCount == 0
    pending[id]?.attemptCount += 1
    pending[id]?.place = (connection, connection.send(call, mayShare: isFirst))
  }

  private func finish(_ id: UInt64, _ result: Result<ClientResponse, PosternFailure>) {
    guard let call = pending.removeValue(forKey: id) else { return }
    call.timer.cancel()
    call.answer.resume(returning: result)
    if isClosed { finishClosing() }
  }

  private func abandon(_ id: UInt64, _ failure: PosternFailure) {
    guard let place = pending[id]?.place else {
      waiting.removeAll { $0 == id }
      return finish(id, .failure(failure))
    }
    if let stream = place.stream { place.connection.cancel(stream) }
    finish(id, .failure(failure))
  }

  private func expire(_ id: UInt64) {
    pending[id]?.place?.connection.probe(timeout: TimeAmount(configuration.probeTimeout))
    abandon(id, .deadlineExceeded)
  }

  // MARK: From the connections

  func handle(_ event: ClientEvent) {
    switch event {
    case .response(let id, let response): finish(id, .success(response))
    case .failure(let id, .notProcessed): askAgain(id)
    case .failure(let id, .tooLarge): finish(id, .failure(.invalidReply("it is over the limits")))
    case .failure(let id, .reset(let code)):
      finish(id, .failure(.connectionLost("the server reset the request, http/2 error \(code)")))
    case .began, .received: break
    }
  }

  /// A call on a shared stream has its answer.
  func answered(_ id: UInt64, _ response: ClientResponse) { finish(id, .success(response)) }

  /// A call on a shared stream will not have one: the stream ended before.
  func lost(_ id: UInt64, _ reason: String) { finish(id, .failure(.connectionLost(reason))) }

  /// Asks again what the server has not looked at.
  func askAgain(_ id: UInt64) {
    guard let call = pending[id] else { return }
    pending[id]?.place = nil
    guard call.attemptCount < PendingCall.attemptCountMax else {
      return finish(id, .failure(.connectionLost("the server is leaving")))
    }
    route(id)
  }

  var callCountMax: Int { configuration.pendingCallCountMax }

  func established() { backOff.succeed() }

  /// The connection takes nothing new.
  func drains(_ connection: Connection) {
    if case .open(let current) = link, current === connection { link = .none }
  }

  func ended(_ connection: Connection) {
    // Of several addresses that were tried at once, only the first to answer was kept.
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    drains(connection)
    let reason = connection.endReason ?? "the server closed it"
    if connection.endedBadly || !connection.session.isEstablished { pause(because: reason) }
    for (id, call) in pending where call.place?.connection === connection {
      finish(id, .failure(.connectionLost(reason)))
    }
    if isClosed { finishClosing() }
  }

  // MARK: Connecting

  private func connect() {
    link = .connecting
    guard case .tls(let host, _) = configuration.endpoint else { return connect { nil } }
    tls.context(on: loop).assumeIsolated().whenComplete { result in
      switch result {
      case .success(let context): self.connect { try ClientTLS.makeHandler(context, host: host) }
      case .failure(let error): self.failed("\(error)")
      }
    }
  }

  /// Connects, with the handler of TLS where there is one.
  private func connect(makeTLS: @escaping @Sendable () throws -> NIOSSLClientHandler?) {
    let bound = NIOLoopBound(self, eventLoop: loop)
    let bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls = try makeTLS() { try channel.pipeline.syncOperations.addHandler(tls) }
          let connection = try Connection(dispatcher: bound.value)
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
    bootstrap.connect(to: configuration.endpoint).assumeIsolated().whenComplete { result in
      do {
        let channel = try result.get()
        let connection = try channel.pipeline.syncOperations.handler(type: Connection.self)
        guard channel.isActive else { return self.failed("the server closed it at once") }
        self.connected(connection)
      } catch {
        self.failed(connectionText(of: error))
      }
    }
  }

  private func connected(_ connection: Connection) {
    connections[ObjectIdentifier(connection)] = connection
    link = .open(connection)
    let next = waiting
    waiting.removeAll()
    for id in next { send(id, over: connection) }
    if isClosed { finishClosing() }
  }

  private func failed(_ reason: String) {
    link = .none
    pause(because: reason)
    let next = waiting
    waiting.removeAll()
    for id in next { finish(id, .failure(.connectionFailed(reason))) }
    if isClosed { finishClosing() }
  }

  /// Waits before the next attempt, unless there is a better connection already.
  private func pause(because reason: String) {
    let wait = backOff.fail(using: &random)
    if case .none = link { link = .backingOff(until: .now() + wait, because: reason) }
  }

  private func finishClosing() {
    guard pending.isEmpty else { return }
    if case .connecting = link { return }
    link = .none
    for connection in connections.values { connection.retire() }
    guard connections.isEmpty else { return }
    for continuation in whenClosed { continuation.resume() }
    whenClosed.removeAll()
  }
}
