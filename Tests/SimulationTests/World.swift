import EdgeProof
import HTTP2
import Logging
import NIOCore
import NIOEmbedded
import Signals
import TLS
import TestSupport
import Wire

@testable import Server
@testable import Tables

/// A server of one event loop, its clients, their networks, its tables and its clock, all in memory:
/// everything that happens comes from one seed.
///
/// The server's code is the real one from a connection's bytes to a connection's bytes.
final class World {
  /// LIMIT: small, so that bodies over it are quick to send.
  static let bodyByteCountMax = 16 << 10
  static let keys = [
    TableKey(trigger: "post-login"), TableKey(tenant: "acme", trigger: "post-login"),
  ]
  static let onMissing = Verdict.review
  /// The tenant that asks for proof, and what proves it.
  static let provingTenant = "acme"
  static let secret = "0123456789abcdef"

  var random: SplitMix64
  let clock = WorldClock()
  let loop = EmbeddedEventLoop()
  let store = TableStore()
  let connections: LoopConnections
  var clients: [SimulatedClient] = []
  /// Counts what happens: one thing at a time.
  var tick = 0
  /// When the loop's turn began: what is delivered before it runs again was there from then on, as all is
  /// that a loop reads in one turn. `nil` before the first of it.
  var turnStart: UInt64?
  /// The same of the turn before, and when it ended: no kernel says when what is delivered came, and so it
  /// may have come while that turn kept the loop from looking.
  var turnBefore: (start: UInt64, end: UInt64)?
  /// From when on what is delivered in this turn may be said to have waited.
  private var waitStart: UInt64 {
    let start = turnStart ?? clock.now
    guard let turnBefore, start - turnBefore.end < 1_000_000 else { return start }
    return turnBefore.start
  }
  /// What is served under each key since when; `nil` for nothing.
  private var history: [TableKey: [(tick: Int, version: Int?)]] = [:]
  private var killed: Set<TableKey> = []
  private var published: [TableKey: Int] = [:]
  /// Keys under which something was ever published.
  private var known: Set<TableKey> = []
  /// Whether time passes while the server works, so that something may be late or turned away.
  let timePasses: Bool
  /// Whether no timer ends what is slow.
  let hasPatience: Bool
  /// Whether a client may have been too slow by now: its requests need not be answered then, nor its
  /// connection be kept. LIMIT: the shortest patience of all is some seconds.
  var mayBeTooSlow: Bool { !hasPatience && clock.age > 1_000_000_000 }
  /// By which codes a connection, or a request, may end that was too slow: NO_ERROR, SETTINGS_TIMEOUT, CANCEL,
  /// ENHANCE_YOUR_CALM; and STREAM_CLOSED, where it is an hour before a client hears of a reset.
  static let slowEnds: Set<UInt32> = [0, 4, 5, 8, 11]
  var isDraining = false
  /// Serves other tables than it says.
  private let isLying: Bool
  /// Refuses libnghttp2 memory.
  let faults: FaultCounter?
  /// Draws which clients end their sides of their connections once they have asked all.
  var endings: SplitMix64
  private var nextID: UInt64 = 1
  var outcome = Outcome()

  init(seed: UInt64, lying: Bool = false, faults: FaultCounter? = nil) throws {
    isLying = lying
    self.faults = faults
    random = SplitMix64(seed: seed)
    endings = SplitMix64(seed: ~seed)
    timePasses = random.chance(60)
    var configuration = ServerConfiguration()
    configuration.http2.bodyByteCount = Self.bodyByteCountMax
    // Messages are decided in parts, some, none or all of them.
    configuration.http2.lentByteCountMin = random.pick([1, 1, 200, 4096])
    // Clients take what time they like, and the clock leaps: in most worlds nobody is too slow for it.
    var others = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    hasPatience = others.chance(75)
    if hasPatience {
      configuration.http2.prefaceSeconds = 0
      configuration.http2.headerSeconds = 0
      configuration.http2.bodySeconds = 0
      configuration.http2.stallSeconds = 0
      configuration.streamStallSeconds = .max
      configuration.running.idleSeconds = 0
    }
    let service = LoopService(
      ServiceSettings(triggers: TriggerRegistry(), onMissing: Self.onMissing, trustedProxies: 0,
        compressedReplyByteCountMin: configuration.compressedReplyByteCountMin),
      store)
    connections = LoopConnections(
      service, on: loop, configuration, ConnectionLimit(configuration.connectionCountMax),
      TLSCounts(Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }))
    var proof = EdgeProofSettings()
    proof.tenants = [Self.provingTenant: .require]
    proof.secrets = [SharedSecret(Array(Self.secret.utf8))]
    try connections.use(proof, nil)
    for key in Self.keys where random.chance(80) { try publish(key) }
    for _ in 0...random.below(3) { try connect() }
  }

  // MARK: Tables

  /// The version that is served under a key at a moment; `nil` for none.
  func version(of key: TableKey, at tick: Int) -> TableVersion? {
    history[key]?.last { $0.tick <= tick }?.version.map { TableVersion.all[$0] }
  }

  /// All that were served under a key in some span of time, in their order.
  func versions(of key: TableKey, in ticks: ClosedRange<Int>) -> [TableVersion?] {
    let changes = (history[key] ?? []).filter { ticks.contains($0.tick) }
    return [version(of: key, at: ticks.lowerBound)] + changes.map { $0.version.map { TableVersion.all[$0] } }
  }

  /// Publishes some version under a key, or takes it away.
  func publish(_ key: TableKey) throws {
    let index = random.chance(90) ? random.below(TableVersion.all.count) : nil
    let change: [TableKey: CompiledChain?] = [
      key: index.map { TableVersion.all[isLying ? $0 ^ 1 : $0].chain }
    ]
    try store.publish(change)
    published[key] = index
    if index != nil { known.insert(key) }
    note(key)
    outcome.publicationCount += 1
  }

  /// Switches a trigger off, or on again.
  func toggleKill(_ key: TableKey) throws {
    guard known.contains(key) else { return }
    if killed.remove(key) != nil {
      try store.unkill(key)
    } else {
      try store.kill(key)
      killed.insert(key)
    }
    note(key)
  }

  func isKilled(_ key: TableKey) -> Bool { killed.contains(key) }

  private func note(_ key: TableKey) {
    let version = killed.contains(key) ? nil : published[key]
    history[key, default: []].append((tick, version))
  }

  // MARK: Connections

  func connect() throws {
    clients.append(try SimulatedClient(connections, on: loop, clock: clock, using: &random))
  }

  /// Makes a request of a client's, without sending all of it yet.
  func begin(_ client: SimulatedClient) {
    client.begin(SimulatedRequest(id: nextID, using: &random), using: &random)
    nextID += 1_000
    outcome.requestCount += 1
  }

  /// Hands the server a client's next bytes, unless it does not read. What was read already when the
  /// server asked for no more comes all the same, now and then.
  func deliver(_ client: SimulatedClient, upTo count: Int) throws {
    guard client.isOpen, !client.outgoing.isEmpty else { return }
    guard client.channel.isWritable || random.chance(30) else { return }
    let bytes = client.takeOutgoing(count)
    turnStart = turnStart ?? clock.now
    for stream in client.requests.keys {
      client.requests[stream]!.note(client.deliveredCount, at: tick, waitStart, clock)
    }
    try client.channel.writeInbound(ByteBuffer(bytes: bytes))
  }

  /// Lets a client read, and judges what it has been told.
  func drain(_ client: SimulatedClient, upTo count: Int) throws {
    let bytes = client.socket.take(count)
    if client.hasVanished { return }
    try client.receive(bytes)
    if let breach = client.breach, !client.isHostile { throw Violation(breach) }
    for stream in client.ended where client.requests[stream]?.isAnswered == false {
      try judge(stream, of: client)
      client.requests[stream]!.isAnswered = true
    }
  }
}

extension SimulatedRequest {
  /// Takes note of how much of the connection the server has been handed.
  fileprivate mutating func note(
    _ deliveredCount: Int, at tick: Int, _ waitStart: UInt64, _ clock: WorldClock
  ) {
    if startTime == nil, startOffset < deliveredCount {
      startTime = waitStart
      startTick = tick
    }
    if endTick == nil, let endOffset, endOffset <= deliveredCount { endTick = tick }
    if startTick != nil, !isAnswered { stepMin = min(stepMin, clock.step) }
  }
}

/// What a run has seen: a run that sees nothing proves nothing.
struct Outcome: Equatable {
  var requestCount = 0
  var verdictCount = 0
  var lateCount = 0
  var missingCount = 0
  var refusalCount = 0
  /// Requests, and messages of streams, that were refused since the loop was busy.
  var overloadCount = 0
  var unprovenCount = 0
  /// Messages of streams that were answered, each by itself.
  var streamedCount = 0
  /// Connections that were ended since something on them took too long.
  var tooSlowCount = 0
  var publicationCount = 0
  var transcript: UInt64 = 0

  static func + (a: Outcome, b: Outcome) -> Outcome {
    Outcome(
      requestCount: a.requestCount + b.requestCount, verdictCount: a.verdictCount + b.verdictCount,
      lateCount: a.lateCount + b.lateCount, missingCount: a.missingCount + b.missingCount,
      refusalCount: a.refusalCount + b.refusalCount,
      overloadCount: a.overloadCount + b.overloadCount, unprovenCount: a.unprovenCount + b.unprovenCount,
      streamedCount: a.streamedCount + b.streamedCount, tooSlowCount: a.tooSlowCount + b.tooSlowCount,
      publicationCount: a.publicationCount + b.publicationCount,
      transcript: a.transcript &* 31 &+ b.transcript)
  }
}

/// Something happened that must not.
struct Violation: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
