import EdgeProof
import Signals
import Tables
import Wire

/// Decides requests one by one, and keeps count. It owns all memory that deciding needs.
///
/// A struct without references: nothing in it is counted or checked for exclusivity per decision.
struct Decider: ~Copyable {
  let settings: ServiceSettings
  let metrics: LoopMetrics
  private var evaluator = Evaluator()
  private(set) var request = DecisionRequest()
  private var route = KnownRoute()
  /// Where each decision of the message at hand will be counted, once the message is answered.
  private var tally = ScratchList<Int>(capacity: Limits.decisionCount)
  /// The flags raised in the message at hand, decision by decision: usually none.
  private var raisedFlags = ScratchList<ReplyFlags>()
  private var proof = EdgeProofVerifier()
  /// Where the requests at hand came from, and when: set once for each batch of them.
  var origin = RequestOrigin()
  /// What one more decision takes, by what was measured: one whose budget is shorter is late already.
  var decisionNanoseconds: UInt64 = 0
  /// Times some of the batches.
  let timer: StageTimer
  /// What the chains will count of it.
  private var chainTally = CountTally()

  init(_ settings: ServiceSettings, _ metrics: LoopMetrics) {
    self.settings = settings
    self.metrics = metrics
    timer = StageTimer(metrics)
  }

  /// Verifies requests by new settings from now on.
  mutating func use(_ verifier: consuming EdgeProofVerifier) {
    proof = verifier
    route.forget()
  }

  /// Whether anything is verified.
  var verifies: Bool { !proof.isOff }

  /// Decides a whole message and appends the reply or, on error, decides none of it: what was
  /// appended is then to be discarded. Returns the nanoseconds from `arrival` to the last verdict.
  mutating func decideMessage(
    in bytes: borrowing ByteWriter, _ tables: borrowing PublishedTables, arrival: UInt64,
    into reply: inout ByteWriter
  ) throws(WireError) -> UInt64 {
    try decideMessage(bytes.span, tables, arrival: arrival, into: &reply)
  }

  /// As `decideMessage(in:)`, of borrowed bytes.
  mutating func decideMessage(
    _ message: Span<UInt8>, _ tables: borrowing PublishedTables, arrival: UInt64,
    into reply: inout ByteWriter
  ) throws(WireError) -> UInt64 {
    var reader = try reader(of: message)
    let count = reader.remaining
    let start = reply.count
    reply.beginMessage(.reply)
    forgetCounts()
    try decideAll(&reader, in: message, tables, arrival: arrival, into: &reply)
    return try finish(&reply, startingAt: start, decisionCount: count, arrival: arrival)
  }

  /// Decides what is whole of a part of a message: of the bytes behind those that `progress` says have
  /// been read. Its decisions are counted whatever comes of the rest. Returns how far it got.
  mutating func decidePart(
    _ part: Span<UInt8>, of progress: MessageProgress, _ tables: borrowing PublishedTables,
    arrival: UInt64, into reply: inout ByteWriter
  ) throws(WireError) -> MessageProgress {
    var reader = reader(of: part, progress)
    forgetCounts()
    try decideAll(
      &reader, ifWhole: true, in: part, at: progress.byteCount, tables, arrival: arrival, into: &reply)
    commitCounts()
    var progress = progress
    progress.advance(by: reader.offset, remaining: reader.remaining)
    return progress
  }

  /// Decides the last part of a message and ends the reply, as `decideMessage`.
  mutating func decideLastPart(
    _ part: Span<UInt8>, of progress: MessageProgress, _ tables: borrowing PublishedTables,
    arrival: UInt64, into reply: inout ByteWriter
  ) throws(WireError) -> UInt64 {
    var reader = reader(of: part, progress)
    forgetCounts()
    try decideAll(&reader, in: part, at: progress.byteCount, tables, arrival: arrival, into: &reply)
    return try finish(
      &reply, startingAt: 0, decisionCount: progress.decisionCount, arrival: arrival)
  }

  /// Decides all that `reader` has, or of it what is there whole. Errors count from the message's start:
  /// `bytes` begin at `offset` in it.
  private mutating func decideAll(
    _ reader: inout RequestReader, ifWhole: Bool = false, in bytes: Span<UInt8>, at offset: Int = 0,
    _ tables: borrowing PublishedTables, arrival: UInt64, into reply: inout ByteWriter
  ) throws(WireError) {
    do throws(WireError) {
      var chain = tables.chain(of: route)
      while try ifWhole ? reader.nextIfWhole(into: &request) : reader.next(into: &request) {
        if !request.repeatsRoute {
          try lookUpRoute(in: bytes, tables)
          chain = tables.chain(of: route)
        }
        _ = decide(by: chain, bytes, arrival: arrival, into: &reply)
      }
    } catch {
      throw WireError(error.code, at: error.offset + offset)
    }
  }

  private mutating func finish(
    _ reply: inout ByteWriter, startingAt start: Int, decisionCount: Int, arrival: UInt64
  ) throws(WireError) -> UInt64 {
    guard reply.count - start <= Limits.messageByteCount else {
      throw WireError(.messageTooLarge, at: 0)
    }
    let elapsed = monotonicNanoseconds() &- arrival
    reply.finishMessage(
      startingAt: start, decisionCount: decisionCount, serverNanoseconds: elapsed)
    commitCounts()
    return elapsed
  }

  /// Decides the one request of a message; its decision reply alone is then in `reply`.
  mutating func decideSingle(
    in writer: borrowing RequestWriter, _ tables: borrowing PublishedTables, arrival: UInt64,
    into reply: inout ByteWriter
  ) throws(WireError) -> Decision {
    let message = writer.bytes.span
    var reader = try reader(of: message)
    forgetCounts()
    _ = try reader.next(into: &request)
    if !request.repeatsRoute { try lookUpRoute(in: message, tables) }
    let chain = tables.chain(of: route)
    let decision = decide(by: chain, message, arrival: arrival, into: &reply)
    commitCounts()
    return decision
  }

  /// Whether the trigger of the request decided last is killed: no reply says it.
  // `mutating` only in name, as `isLate`.
  mutating func isKilled(_ tables: borrowing PublishedTables) -> Bool {
    guard let place = route.place else { return false }
    return tables.isKilled(at: place)
  }

  /// A reader that knows the route of the message before.
  @_lifetime(copy message)
  private func reader(of message: Span<UInt8>) throws(WireError) -> RequestReader {
    // SAFETY: the reader looks at the known names until it meets others, and only then are they
    // changed, by `lookUpRoute`.
    try RequestReader(message, knownNames: unsafe route.unsafeNames, byteCounts: route.byteCounts)
  }

  /// As above, of a part.
  @_lifetime(copy part)
  private func reader(of part: Span<UInt8>, _ progress: MessageProgress) -> RequestReader {
    // SAFETY: as above.
    RequestReader(part, of: progress, knownNames: unsafe route.unsafeNames, byteCounts: route.byteCounts)
  }

  /// Finds the trigger and the tables of a request whose names are not those before.
  private mutating func lookUpRoute(
    in message: Span<UInt8>, _ tables: borrowing PublishedTables
  ) throws(WireError) {
    guard let trigger = settings.triggers.index(of: message.extracting(request.trigger)) else {
      throw WireError(.unknownTrigger, at: request.trigger.start)
    }
    route.keep(
      request, in: message, trigger: trigger,
      tables.place(tenant: request.tenant, trigger: request.trigger, in: message),
      proof.proof(of: message.extracting(request.tenant)))
  }

  /// Decides `request` and appends its reply.
  private mutating func decide(
    by published: PublishedChain?, _ message: Span<UInt8>, arrival: UInt64,
    into reply: inout ByteWriter
  ) -> Decision {
    guard let published else {
      return ruleless(settings.onMissing, .missing, into: &reply)
    }
    let chain = published.view
    let isLate = isLate(arrival: arrival)
    let onLate = isLate ? lateVerdict(of: published, in: message) : .allow
    // To be late must not be a way around a proof that is required.
    if isLate, route.proof.mode != .require { return ruleless(onLate, .late, into: &reply) }
    let provenance = verify(message, isLate: isLate)
    if isLate, !provenance.isRefused { return ruleless(onLate, .late, provenance, into: &reply) }
    let scanStart = timer.start()
    evaluator.vector.fill(
      from: &request, in: message, reading: chain.schema, isUnproven: provenance.isRefused)
    let evaluateStart = timer.lap(.scan, since: scanStart)
    var decision = evaluator.evaluate(
      chain, in: message, fallback: settings.onMissing, killed: published.killed)
    let replyStart = timer.lap(.evaluate, since: evaluateStart)
    if provenance.isUnproven { decision.flags.insert(.unproven) }
    if isLate {
      guard decision.verdict >= onLate else {
        return ruleless(
          onLate, wouldBe: max(onLate, decision.wouldBe), [.late, .unproven], provenance,
          into: &reply)
      }
      decision.flags.insert(.late)
    }
    let start = reply.count
    chain.write(
      decision, of: &evaluator, correlationID: request.correlationID,
      answering: request.flags, in: message, to: &reply)
    _ = timer.lap(.reply, since: replyStart)
    tell(provenance, ofReplyAt: start, in: &reply)
    count(decision)
    chainTally.append(decision, of: &evaluator, by: published)
    return decision
  }

  /// What `request` is answered by, which is late. Signals are read only where a canary has the last word.
  @inline(never)
  private mutating func lateVerdict(of published: PublishedChain, in message: Span<UInt8>) -> Verdict {
    let (verdict, mayBeStricter) = evaluator.onLate(published.view, killed: published.killed)
    guard mayBeStricter else { return verdict }
    evaluator.vector.fill(from: &request, in: message, reading: published.view.schema)
    return evaluator.onLateByCanaries(published.view, killed: published.killed)
  }

  /// Whether the edge sent `request`, where its tenant asks. Counted at once: what is verified is
  /// verified, and may be remembered, even where the message is refused for a later decision.
  @inline(always)
  private mutating func verify(_ message: Span<UInt8>, isLate: Bool) -> Provenance {
    route.proof.mode == .off ? .notAsked : verifyProof(message, isLate: isLate)
  }

  @inline(never)
  private mutating func verifyProof(_ message: Span<UInt8>, isLate: Bool) -> Provenance {
    let tenant = route.proof
    let outcome = proof.verify(
      request, in: message, for: tenant, from: origin.peer, now: origin.seconds, usingUp: !isLate)
    let provenance = Provenance(mode: tenant.mode, outcome: outcome)
    metrics.countProof(provenance)
    return provenance
  }

  /// A decision that no rule gave, and its reply.
  private mutating func ruleless(
    _ verdict: Verdict, wouldBe: Verdict? = nil, _ flags: ReplyFlags, _ provenance: Provenance = .notAsked,
    into reply: inout ByteWriter
  ) -> Decision {
    let decision = Decision(verdict, wouldBe: wouldBe, mode: .off, flags: flags)
    let start = reply.beginReply(
      correlationID: request.correlationID, verdict: verdict, wouldBe: decision.wouldBe, mode: .off,
      flags: flags, rule: 0, tableVersion: 0)
    reply.finishReply(startingAt: start, outputCount: 0)
    tell(provenance, ofReplyAt: start, in: &reply)
    count(decision)
    return decision
  }

  /// Writes into a finished reply how its request was proven, or why not, where its tenant asks.
  @inline(always)
  private func tell(_ provenance: Provenance, ofReplyAt start: Int, in reply: inout ByteWriter) {
    guard provenance.mode != .off else { return }
    reply.store(provenance.outcome, ofReplyAt: start)
    if request.flags.contains(.explain) { reply.addExplanation(provenance.line, toReplyAt: start) }
  }

  /// Whether the request's budget has run out, or will have before the verdict is there.
  // `mutating` only in name: Swift 6.3 copies a large `~Copyable` struct to lend it.
  @inline(always)
  private mutating func isLate(arrival: UInt64) -> Bool {
    guard request.budgetMicroseconds > 0 else { return false }
    return monotonicNanoseconds() &- arrival &+ decisionNanoseconds
      > UInt64(request.budgetMicroseconds) * 1000
  }

  @inline(always)
  private mutating func count(_ decision: Decision) {
    tally.append(
      LoopMetrics.decisionIndex(trigger: route.trigger, decision.verdict, wouldBe: decision.wouldBe))
    if !decision.flags.isEmpty { raisedFlags.append(decision.flags) }
  }

  private mutating func forgetCounts() {
    tally.removeAll()
    raisedFlags.removeAll()
    chainTally.removeAll()
  }

  private mutating func commitCounts() {
    chainTally.commit()
    for index in tally.indices { metrics.decisions.add(1, at: tally[index]) }
    for index in raisedFlags.indices { metrics.countFlags(raisedFlags[index]) }
  }
}
