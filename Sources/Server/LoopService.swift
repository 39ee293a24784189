import EdgeProof
import HTTP2
import Signals
import Tables
import Wire

/// What the loops of one server share. Nothing in it changes while they run.
struct ServiceSettings: Sendable {
  var triggers: TriggerRegistry
  var onMissing: Verdict
  var trustedProxies: Int
  /// Replies to compressed requests are compressed from so many bytes on; 0 for never.
  var compressedReplyByteCountMin: Int
}

/// One loop's doors: requests in, responses out.
///
/// Not thread-safe: it lives on its event loop.
///
/// SAFETY, for all of it: `store` and `reader` hold what `sharedStore` and `ownReader` refer to.
@safe
struct LoopService: ~Copyable {
  let settings: ServiceSettings
  let metrics: LoopMetrics
  private let store: TableStore
  private let reader: LoopReader
  /// The same. Retained for each read, the store's one count would go from loop to loop with it.
  private let sharedStore: Unmanaged<TableStore>
  private let ownReader: Unmanaged<LoopReader>
  var decider: Decider
  /// A compressed message's plain form, or a check's reply.
  var plain = ByteWriter(capacity: 4096)
  /// A reply as it is before it is compressed, and its compressed form.
  var unpacked = ByteWriter(capacity: 4096)
  var packed = ByteWriter(capacity: 4096)
  /// A check's headers, as a request message.
  var transcoded = RequestWriter()
  var headers = HeaderList()
  /// In which of a check's headers proof comes.
  var proofHeaders = ProofHeaders()
  /// Names that resemble those which a check reads.
  var lookAlikes = LookAlikes()
  /// Whether what `x-forwarded-*` headers of the connection at hand say is believed.
  var peerMayForward = false
  var admission = Admission()
  private var answered = AnsweredRequests()
  /// What the clock said last, in nanoseconds: read when bytes come and when decisions are made.
  var clock: UInt64 = 0
  /// When the loop first could have answered the requests at hand.
  var queuedSince: UInt64 = 0
  /// When the connection at hand began to be answered, and how long that may go on.
  var turnStart: UInt64 = 0
  var turnNanoseconds = UInt64.max

  init(_ settings: ServiceSettings, _ store: TableStore) {
    self.settings = settings
    self.store = store
    reader = store.makeReader()
    unsafe sharedStore = .passUnretained(store)
    unsafe ownReader = .passUnretained(reader)
    metrics = LoopMetrics(triggerCount: settings.triggers.names.count)
    decider = Decider(settings, metrics)
  }

  /// Verifies requests by new settings from now on.
  mutating func use(
    _ settings: EdgeProofSettings, _ replays: ReplayMemory?
  ) throws(EdgeProofError) {
    decider.use(try EdgeProofVerifier(settings, replays: replays))
    let headers = settings.isOff ? [] : settings.headers.all
    proofHeaders = ProofHeaders(headers)
    lookAlikes = LookAlikes(of: headers)
  }

  /// Goes by these settings from now on.
  mutating func use(_ settings: RunningSettings) {
    admission.use(latencyBoundMilliseconds: settings.latencyBoundMilliseconds)
  }

  /// Answers complete requests of a session, and complete messages of its streams, as many as its part
  /// of a turn allows. One read section for all of them, and one look at the clock on the wall.
  /// Returns whether more are complete.
  ///
  /// Each knows when its bytes came: its budget counts from then. `turnStart` is when the part of the turn
  /// began, `turnNanoseconds` how long it is, `now` what the clock says. `queuedSince` is when the loop first
  /// could have answered them: admission goes by that. Went it by the arrival, a loop that was stopped for a
  /// moment would refuse all that came meanwhile, and while it did so all that came next.
  mutating func answer(
    _ session: ServerSession, from peer: ConnectionPeer, queuedSince: UInt64, turnStart: UInt64,
    turnNanoseconds: UInt64, now: UInt64
  ) -> Bool {
    var next = session.takeRequest()
    guard next != nil || session.hasPieces else { return false }
    if decider.verifies {
      decider.origin = RequestOrigin(peer: peer, seconds: wallClockSeconds())
    }
    peerMayForward = peer.mayForward
    clock = now
    self.turnStart = turnStart
    self.turnNanoseconds = turnNanoseconds
    self.queuedSince = queuedSince
    decider.decisionNanoseconds = admission.decisionNanoseconds
    return unsafe Self.read(sharedStore, ownReader) { tables in
      var uncounted = 0
      while let stream = next {
        answer(stream, session, tables, arrival: stream.arrival)
        if turnIsOver(at: &uncounted) { return session.hasRequest }
        next = session.takeRequest()
      }
      if session.hasPieces { decideParts(session, tables, arrival: session.arrival) }
      return false
    }
  }

  /// Lets `body` read the tables that are published.
  @inline(__always)
  private static func read(
    _ store: Unmanaged<TableStore>, _ reader: Unmanaged<LoopReader>,
    _ body: (borrowing PublishedTables) -> Bool
  ) -> Bool {
    unsafe store._withUnsafeGuaranteedRef { store in
      unsafe reader._withUnsafeGuaranteedRef { reader in store.read(reader, body) }
    }
  }

  private mutating func answer(
    _ stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) {
    guard let door = Door(of: stream) else {
      // The path itself may be what did not fit.
      let code = stream.fault == .headersTooLarge ? ErrorCode.headersTooLarge : .unknownPath
      return refuse(stream, session, WireError(code, at: 0), asText: true)
    }
    if session.isOverMemory, door != .ping, !stream.isAnswering {
      return refuseForMemory(stream, session, asText: door != .decide && door != .stream)
    }
    switch door {
    case .decide: decide(stream, session, tables, arrival: arrival)
    case .check: check(stream, session, tables, arrival: arrival)
    case .ping: ping(stream, session, arrival: arrival)
    case .stream: self.stream(stream, session, tables, arrival: arrival)
    }
  }

  /// Refuses a request whole. `explanation` is for what the code's own does not tell.
  mutating func refuse(
    _ stream: HTTP2Stream, _ session: ServerSession, _ error: WireError, asText: Bool,
    allow: StaticString? = nil, explanation: String? = nil
  ) {
    metrics.countRefusal(error.code)
    headers.removeAll()
    headers.append("postern-error-offset", String(error.offset))
    if let allow { headers.append("allow", allow.description) }
    stream.response.removeAll()
    if stream.method.isText("HEAD") || stream.method.isEmpty {
      // No body answers HEAD, nor what may have been: its headers were too much to be kept.
    } else if asText {
      stream.response.append("\(error.code): \(explanation ?? error.code.explanation)\n")
    } else {
      stream.response.append(ErrorMessage(error))
    }
    let heads = asText ? Heads.textRefusals : Heads.binaryRefusals
    session.respond(to: stream, heads[error.code]!, headers)
  }

  private mutating func ping(
    _ stream: HTTP2Stream, _ session: ServerSession, arrival: UInt64
  ) {
    let method = stream.method
    guard method.isText("GET") || method.isText("POST") else {
      return refuse(
        stream, session, WireError(.methodNotAllowed, at: 0), asText: true, allow: "GET, POST")
    }
    if let fault = stream.wireError { return refuse(stream, session, fault, asText: true) }
    stream.response.append("pong\n")
    session.respond(to: stream, Heads.pong)
    countRequest(.ping, arrival: arrival)
  }

  /// Counts a request, or a message of a stream, that was answered and not refused. `arrival` is when its
  /// last bytes came.
  @inline(__always)
  mutating func countRequest(_ door: Door, arrival: UInt64) {
    metrics.count(.requests, 1)
    if answered.isFull { countWritten() }
    answered.add(door, arrival: arrival)
  }

  /// Counts how long the requests took that were answered since the last time: their replies have been
  /// written.
  mutating func countWritten() { answered.count(in: metrics, at: monotonicNanoseconds) }
}

extension HTTP2Stream {
  /// The refusal that a fault of the request's transport asks for.
  var wireError: WireError? {
    switch fault {
    case .none: nil
    case .headersTooLarge: WireError(.headersTooLarge, at: 0)
    case .bodyTooLarge: WireError(.messageTooLarge, at: Limits.messageByteCount)
    case .noRoom: WireError(.overloaded, at: 0)
    }
  }
}
