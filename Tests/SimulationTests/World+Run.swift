import HTTP2
import NIOCore
import NIOEmbedded
import TestSupport

@testable import Server
@testable import Tables

/// What happens in a world, and what must be true when it ends.
extension World {
  /// Lives through a seed; throws the first thing that must not happen.
  /// With `lying`, other tables are served than the oracle knows of.
  static func run(
    seed: UInt64, lying: Bool = false, faults: FaultCounter? = nil
  ) throws -> Outcome {
    try AllocationFault.$isDue.withValue(faults.map { faults in { @Sendable in faults.isDue() } }) {
      try live(seed: seed, lying: lying, faults: faults)
    }
  }

  private static func live(seed: UInt64, lying: Bool, faults: FaultCounter?) throws -> Outcome {
    let world = try World(seed: seed, lying: lying, faults: faults)
    let clock = world.clock
    return try SimulatedClock.$nanoseconds.withValue({ clock.look() }) {
      for _ in 0..<(30 + world.random.below(170)) {
        world.tick += 1
        try world.happen()
        world.runLoop()
      }
      try world.settle()
      try world.checkAnswers()
      try world.checkStreams()
      return try world.end()
    }
  }

  /// Lets the loop do what is due, what waits for another turn of it included.
  private func runLoop() {
    let start = turnStart ?? clock.now
    turnStart = nil
    loop.run()
    loop.advanceTime(by: .milliseconds(1))
    turnBefore = (start, clock.now)
  }

  private func happen() throws {
    let client = random.pick(clients)
    switch random.below(100) {
    case 0..<22: begin(client)
    case 22..<36: client.continueUpload(using: &random)
    case 36..<62: try deliver(client, upTo: random.length(upTo: client.outgoing.count + 1))
    case 62..<76: try drain(client, upTo: random.length(upTo: client.socket.pendingCount + 1))
    case 76..<84:
      let key = random.pick(Self.keys)
      if isKilled(key) { try toggleKill(key) } else { try publish(key) }
    case 84..<86: try toggleKill(random.pick(Self.keys))
    case 86..<90: moveClock()
    case 90: loop.advanceTime(by: .seconds(1))
    case 91: if clients.count < 6, !isDraining { try connect() }
    case 92..<94: client.cancelOne(using: &random)
    case 94: client.ping()
    case 95: if !client.isGenerous { client.openWindows() }
    case 96: if random.chance(50) { vanish(client) }
    case 97: if random.chance(50) { misbehave(client) }
    case 98: if random.chance(25) { client.socket.isBroken = true }
    default: if random.chance(15) { startDraining() }
    }
  }

  private func moveClock() {
    guard timePasses else { return }
    clock.step = random.pick([0, 1, 300, 3_000, 200_000, 5_000_000, 60_000_000])
    clock.advance(by: random.pick([0, 1_000, 2_000_000, 3_600_000_000_000]))
  }

  /// The client is gone: a closed connection, or one that was reset.
  private func vanish(_ client: SimulatedClient) {
    guard client.isOpen else { return }
    client.hasVanished = true
    if random.chance(50) {
      client.channel.pipeline.fireErrorCaught(SimulatedSocket.Broken())
    } else {
      client.channel.close(promise: nil)
    }
  }

  private func misbehave(_ client: SimulatedClient) {
    client.isHostile = true
    // Not one of its own: what it does to its requests, it has asked for.
    let stream: UInt32 = random.pick([0, 2, 4, 9_999])
    switch random.below(6) {
    case 0: client.enqueue((0..<random.below(60)).map { _ in UInt8(random.below(256)) })
    case 1: client.enqueue(Frame(.data, stream: stream, [1, 2, 3]))
    case 2: client.enqueue(Frame(.headers, flags: Frame.endHeaders, stream: stream, [0x82, 0xFF]))
    case 3: client.enqueue(Frame(.continuation, stream: stream))
    case 4: client.enqueue(Frame.windowUpdate(stream, 0x7FFF_FFFF))
    default: client.enqueue(Frame(.rstStream, stream: stream, [0]))
    }
  }

  private func startDraining() {
    isDraining = true
    connections.drain()
  }

  // MARK: The end

  /// Lets everything that is under way arrive.
  private func settle() throws {
    for client in clients { while !client.uploads.isEmpty { client.continueUpload(using: &random) } }
    for client in clients where client.isOpen { client.openWindows() }
    let ending = clients.filter { _ in endings.chance(25) }
    for _ in 0..<400 {
      tick += 1
      var hasMoved = false
      for client in clients {
        hasMoved = hasMoved || client.socket.pendingCount > 0
        hasMoved = hasMoved || (client.isOpen && !client.outgoing.isEmpty)
        try deliver(client, upTo: client.outgoing.count)
        if client.isOpen, ending.contains(where: { $0 === client }) { client.endSending() }
        try drain(client, upTo: client.socket.pendingCount)
      }
      runLoop()
      hasMoved = hasMoved || connections.turns.isWaiting
      if !hasMoved { return }
    }
    throw Violation("the world does not come to rest")
  }

  /// Every request that was asked in full has its answer.
  private func checkAnswers() throws {
    var sentAwayCount = 0
    clients: for client in clients
    where !client.isHostile && !client.hasVanished && !client.socket.isBroken {
      let number = clients.firstIndex { $0 === client }!
      if !isDraining, !client.hasEndedSending,
        !client.isOpen || client.goAway != nil || client.socket.isOutputClosed
      {
        if mayBeTooSlow, Self.slowEnds.contains(client.goAway?.code ?? 0) {
          outcome.tooSlowCount += 1
          continue
        }
        // For want of memory a connection may end, and no other beside it.
        sentAwayCount += 1
        if sentAwayCount <= faults?.count ?? 0 { continue }
        throw Violation("client \(number) was sent away: \(String(describing: client.goAway))")
      }
      let last = client.goAway?.lastStream ?? (isDraining ? 0 : .max)
      for stream in client.requests.keys.sorted() where stream <= last {
        let request = client.requests[stream]!
        guard request.endTick != nil, !request.isCancelled, !request.isAnswered else { continue }
        // The connection of one that has ended its side, or of a server that stops, ends in any case: want of
        // memory shows by this.
        if client.hasEndedSending || isDraining, sentAwayCount < faults?.count ?? 0 {
          sentAwayCount += 1
          continue clients
        }
        if mayBeTooSlow { continue }
        throw Violation("client \(number): stream \(stream) is never answered")
      }
      if !isDraining, !mayBeTooSlow, client.pingsAnswered != client.pingsSent,
        !client.hasEndedSending || faults == nil
      {
        throw Violation("client \(number): \(client.pingsAnswered) of \(client.pingsSent) pings")
      }
    }
  }

  /// At rest no stream is held for a request that has ended; hostile clients open streams of their own.
  private func checkStreams() throws {
    let connected = clients.filter(\.isOpen)
    if connected.contains(where: \.isHostile) { return }
    let open = connected.map { client in
      client.requests.count { stream, request in
        !(request.isCancelled || client.ended.contains(stream)) || client.isSending(stream)
      }
    }
    let most = open.reduce(0, +)
    if connections.streamsInUse > most {
      throw Violation("\(connections.streamsInUse) streams are held for \(most) requests")
    }
  }

  /// Ends all connections: by the server's own will where it drains, else by the clients'.
  private func end() throws -> Outcome {
    if isDraining {
      // One that never opens its connection's end again is cut off: see `LoopConnections`.
      loop.advanceTime(by: .seconds(hasPatience ? 5 : 70))
      for client in clients where client.isOpen && !client.isHostile && !client.socket.isBroken {
        throw Violation("a connection stays open after the drain")
      }
    }
    for client in clients where client.isOpen { client.channel.close(promise: nil) }
    loop.run()
    loop.advanceTime(by: .seconds(2))
    for client in clients { outcome.transcript = outcome.transcript &* 31 &+ client.transcript }

    let handlers = clients.map { WeakHandler($0.handler) }
    clients.removeAll()
    if connections.count != 0 { throw Violation("\(connections.count) connections are remembered") }
    if connections.streamsInUse != 0 { throw Violation("\(connections.streamsInUse) streams leak") }
    if handlers.contains(where: { $0.handler != nil }) { throw Violation("a connection leaks") }
    if store.reclaim() != 0 { throw Violation("replaced tables leak") }
    try loop.syncShutdownGracefully()
    return outcome
  }

  private struct WeakHandler {
    weak var handler: ConnectionHandler?

    init(_ handler: ConnectionHandler?) { self.handler = handler }
  }
}
