import EdgeProof
import HTTP2
import Logging
import NIOCore
import Sockets
import Synchronization
import TLS
import Tables

/// The running service: its sockets, its loops, and their end.
///
/// Tables reach it through `store`: whoever publishes there changes what the loops decide by.
public final class PosternServer: Sendable {
  private let configuration: ServerConfiguration
  private let triggers: TriggerRegistry
  private let loops: [Loop]
  private let listeners: [Listener]
  private let hasStoppedAccepting = Atomic(false)
  private let settings: Mutex<RunningSettings>
  private let memoryAtStart: MemoryBudget.Start
  private let limit: ConnectionLimit
  private let pulse: LoopPulse
  /// For probes: who asks one of the two does not see what the other has just asked.
  private let probedPulse: LoopPulse
  private let residentWatch: ResidentWatch
  private let residentLooks: Task<Void, Never>
  private let logger: Logger
  private let edgeProof: EdgeProofControl
  private let doorCounts: TLSCounts
  private let pipeline: ConnectionPipeline
  /// Its certificates are read again by `look`; `nil` where no door speaks TLS.
  public let tls: TLSDoors?
  /// Where it listens, ports known.
  public let addresses: [ListenAddress]

  /// Those of the server before that nothing asks for.
  private let socketsLeft: [ListeningSocket]

  struct Loop: Sendable {
    let eventLoop: SocketLoop
    /// To be used on its event loop only.
    let connections: NIOLoopBound<LoopConnections>
    let metrics: LoopMetrics
  }

  /// Starts the loops and binds every address, or binds none. An address at which one of the sockets
  /// that are `handed` over listens already is not bound: that socket is used, and belongs to the
  /// server from now on.
  public static func start(
    _ configuration: ServerConfiguration, handed: [ListeningSocket] = [], store: TableStore,
    logger: Logger
  ) async throws -> PosternServer {
    if let complaint = HTTP2Library.complaint() { throw ServerError.unusable(complaint) }
    var loops: [SocketLoop] = []
    do {
      for number in 0..<configuration.loopCount { loops.append(try SocketLoop.start(name: "loop \(number)")) }
      return try await PosternServer(configuration, handed, store, loops, logger)
    } catch {
      for loop in loops { try? await loop.shutdownGracefully() }
      throw error
    }
  }

  private init(
    _ settings: ServerConfiguration, _ handed: [ListeningSocket], _ store: TableStore,
    _ socketLoops: [SocketLoop], _ logger: Logger
  ) async throws {
    memoryAtStart = MemoryBudget.Start()
    let memory = MemoryBudget(settings.running, at: memoryAtStart)
    let configuration = memory.applied(to: settings)
    self.configuration = configuration
    self.logger = logger
    let triggers = TriggerRegistry(own: configuration.triggers)
    self.triggers = triggers
    let settings = ServiceSettings(
      triggers: triggers, onMissing: configuration.onMissing,
      trustedProxies: configuration.trustedProxies,
      compressedReplyByteCountMin: configuration.compressedReplyByteCountMin)
    let limit = ConnectionLimit(memory.connectionCount(upTo: configuration.connectionCountMax))
    self.limit = limit
    if configuration.running.residentByteCountMax == nil, memory.residentByteCountMax > 0 {
      logger.info(
        "memory is bounded by the container",
        metadata: [
          "residentByteCountMax": "\(memory.residentByteCountMax)",
          "heldByteCountMax": "\(configuration.heldByteCountMax)",
          "connectionCountMax": "\(memory.connectionCount(upTo: configuration.connectionCountMax))",
        ])
    }
    self.settings = Mutex(configuration.running)
    let doorCounts = TLSCounts(logger)
    self.doorCounts = doorCounts
    tls = try Self.makeTLS(configuration, logger, doorCounts)
    var loops: [Loop] = []
    for eventLoop in socketLoops {
      loops.append(
        try await eventLoop.submit {
          let service = LoopService(settings, store)
          let connections = LoopConnections(service, on: eventLoop, configuration, limit, doorCounts)
          return Loop(
            eventLoop: eventLoop, connections: NIOLoopBound(connections, eventLoop: eventLoop),
            metrics: connections.metrics)
        }.get())
    }
    self.loops = loops
    pulse = LoopPulse(loops.map(\.eventLoop))
    probedPulse = LoopPulse(loops.map(\.eventLoop))
    residentWatch = ResidentWatch(byteCountMax: memory.residentByteCountMax, logger) {
      [loops] refuses in
      for loop in loops { loop.eventLoop.execute { loop.connections.value.refuseAll(refuses) } }
    }
    edgeProof = EdgeProofControl(loops.map(\.connections))
    try await edgeProof.use(configuration.edgeProof)

    let (sockets, left) = try await ListeningSocket.open(configuration, handed: handed, logger)
    socketsLeft = left
    let descriptors = DescriptorBudget(
      loopCount: loops.count, handshakeCountMax: configuration.tls?.handshakeCountMax ?? 0)
    let pipeline = try await Self.makePipeline(
      loops, tls, handshakesPerLoop: descriptors.handshakesPerLoop, configuration.unixPeers, doorCounts)
    self.pipeline = pipeline
    let reception = Reception(loops, limit, descriptors, pipeline)
    listeners = zip(sockets, configuration.doors).map { socket, door in
      Listener(socket, on: loops[0].eventLoop, reception.handling(at: door.door))
    }
    do {
      for listener in listeners { try await listener.start() }
    } catch {
      for listener in listeners {
        await listener.close()
        listener.socket.close(removingFile: false)
      }
      throw error
    }
    addresses = listeners.map(\.address)
    residentLooks = Task { [residentWatch] in await residentWatch.run() }
  }

  /// Verifies requests by these settings from now on; by those before where they cannot be used.
  public func use(_ settings: EdgeProofSettings) async throws { try await edgeProof.use(settings) }

  /// Goes by these settings from now on.
  public func use(_ settings: RunningSettings) {
    self.settings.withLock { $0 = settings }
    let memory = MemoryBudget(settings, at: memoryAtStart)
    limit.change(to: memory.connectionCount(upTo: settings.connectionCountMax))
    residentWatch.use(byteCountMax: memory.residentByteCountMax)
    for loop in loops { loop.eventLoop.execute { loop.connections.value.use(settings) } }
  }

  /// The loops, by number, that have not moved since this was asked last. Asks them again.
  public func stuckLoops() -> [Int] { pulse.stuckLoops() }

  /// LIMIT: how long a loop may take to answer a probe, of which Kubernetes gives a second for all.
  private static let probePatience = Duration.milliseconds(500)

  /// The loops, by number, that do not move now. Takes as long as they do to answer, half a second at most.
  public func hungLoops() async -> [Int] { await probedPulse.hungLoops(patience: Self.probePatience) }

  /// Counts settings of edge proof that were refused before they could be used.
  public func countRefusedEdgeProof() { edgeProof.countRefused() }

  /// What all loops have counted so far.
  public func metrics() -> MetricsSnapshot {
    var snapshot = MetricsSnapshot(loops.map(\.metrics), triggers: triggers.names)
    edgeProof.report(to: &snapshot)
    snapshot.doors = DoorMetrics(doorCounts, tls)
    snapshot.overload.residentByteCount = UInt64(residentByteCount())
    snapshot.overload.residentShortages = residentWatch.shortageCount
    return snapshot
  }

  /// Lets this process have as many descriptors as it may. To be called before `start`, which counts on
  /// what there is.
  public static func raiseDescriptorLimit() { DescriptorBudget.raiseLimit() }

  /// How long a stop may take, as was told last.
  public var drainSeconds: Int { settings.withLock(\.drainSeconds) }

  /// What a successor can listen on: valid until the server stops.
  public var listeningSockets: [ListeningSocket] { listeners.map(\.socket) }

  /// Removes the files of sockets that were handed over and that nothing listens on any more. To be called
  /// once the server before has stopped accepting: it serves them until then, and goes on where we fail.
  public func removeFilesLeft() {
    for socket in socketsLeft { socket.removeFile() }
  }

  /// Accepts nothing more. Connections that wait in a socket that others have too are theirs; a unix
  /// socket's file is removed unless it `isHandedOver` to a successor.
  public func stopAccepting(isHandedOver: Bool = false) async {
    guard !hasStoppedAccepting.exchange(true, ordering: .relaxed) else { return }
    for listener in listeners {
      await listener.close()
      listener.socket.close(removingFile: !isHandedOver)
    }
  }

  /// Stops accepting, lets handshakes come to their end, says GOAWAY, lets answers leave, and ends. Returns
  /// when all is closed, at most `drainSeconds` and two seconds later.
  public func stop() async {
    await stopAccepting()
    for loop in loops { loop.eventLoop.execute { loop.connections.value.drain() } }
    let deadline = NIODeadline.now() + .seconds(Int64(settings.withLock(\.drainSeconds)))
    while NIODeadline.now() < deadline {
      if await openConnectionCount() == 0 { break }
      try? await Task.sleep(for: .milliseconds(10))
    }
    let left = await openConnectionCount()
    if left > 0 {
      logger.warning("closing connections that did not drain", metadata: ["count": "\(left)"])
      for loop in loops { loop.eventLoop.execute { loop.connections.value.abortAll() } }
    }
    residentLooks.cancel()
    await residentLooks.value
    for loop in loops { try? await loop.eventLoop.shutdownGracefully() }
  }

  /// Those whose handshakes are under way among them: who is let in still asks something.
  private func openConnectionCount() async -> Int {
    var count = 0
    for loop in loops {
      let handshakes = pipeline.loops[ObjectIdentifier(loop.eventLoop)]?.handshakes
      count +=
        (try? await loop.eventLoop.submit {
          loop.connections.value.count + (handshakes?.value.unfinishedCount ?? 0)
        }.get()) ?? 0
    }
    return count
  }
}
