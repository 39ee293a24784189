import HTTP2
import Signals
import Tables
import Wire

/// `/v1/check/{trigger}`: the signals are the request's own headers, the verdict is the status.
///
/// The headers are transcoded to a request message, so that from there on a check is a decision
/// like any other. What follows the trigger in the path is the path that a proxy asks about.
extension LoopService {
  mutating func check(
    _ stream: HTTP2Stream, _ session: ServerSession, _ tables: borrowing PublishedTables,
    arrival: UInt64
  ) {
    if let fault = stream.wireError { return refuse(stream, session, fault, asText: true) }
    let target = CheckTarget(path: stream.path)
    let path = stream.path
    guard settings.triggers.index(of: path.extracting(target.trigger)) != nil else {
      return refuse(stream, session, WireError(.unknownTrigger, at: 0), asText: true)
    }
    do {
      try transcode(stream, target)
      if isPressed {
        // SAFETY: nobody changes what was transcoded before the call returns.
        let bytes = unsafe _overrideLifetime(transcoded.bytes.span, copying: ())
        try admit(bytes, decisions: 1, tables)
      }
      plain.removeAll()
      let decision = try decider.decideSingle(
        in: transcoded, tables, arrival: arrival, into: &plain)
      respond(to: stream, session, decision, tables)
      measure(decisions: 1, endingAt: monotonicNanoseconds())
      countRequest(.check, arrival: arrival)
    } catch {
      // No byte of a message is to blame: the caller sent none.
      refuse(
        stream, session, WireError(error.code, at: 0), asText: true,
        explanation: complaint(about: stream, error.code))
    }
  }

  /// Turns the request's headers into fields of one decision request.
  private mutating func transcode(_ stream: HTTP2Stream, _ target: CheckTarget) throws(WireError) {
    let controls = try CheckControls(stream)
    transcoded.reset()
    transcoded.beginDecision(
      tenant: controls.tenant(of: stream), trigger: stream.path.extracting(target.trigger),
      correlationID: controls.correlationID, budgetMicroseconds: controls.budgetMicroseconds,
      flags: controls.flags)
    var forwardsPath = false
    var forwardsTarget = false
    for index in 0..<stream.keptHeaderCount {
      let name = stream.headerName(at: index)
      let proof = proofHeaders.field(of: name)
      // Whoever is no proxy proves what it asks about, and nothing else.
      let isAside = proof == .forwardedTarget && !peerMayForward && !target.rest.isEmpty
      if let proof, !isAside {
        forwardsTarget = forwardsTarget || proof == .forwardedTarget
        transcoded.append(proof, bytes: stream.headerValue(at: index))
      }
      guard let source = ContextHeaders.source(of: name) else {
        if lookAlikes.contains(name) { metrics.countLookAlike() }
        if !peerMayForward, name.isText("x-forwarded-for") { metrics.forwardedHeaders.add(1, at: 0) }
        continue
      }
      if source.isForwarded, controls.names(source.field) { continue }
      if source.isOfProxy, !peerMayForward {
        if proof == nil || isAside { metrics.forwardedHeaders.add(1, at: 0) }
        continue
      }
      var value = stream.headerValue(at: index)
      if source.isForwarded, source.field == .requestPath {
        forwardsPath = true
        value = value.withoutQuery
      }
      try transcoded.append(source.field, text: value)
    }
    if !controls.names(.requestIP), peerMayForward,
      let forwarded = controls.forwardedAddress(of: stream, fromLast: settings.trustedProxies)
    {
      let value = stream.headerValue(at: forwarded.header)
      transcoded.append(.requestIP, bytes: value.extracting(forwarded.address))
    }
    if !forwardsPath, !controls.names(.requestPath), !target.rest.isEmpty {
      transcoded.append(.requestPath, bytes: stream.path.extracting(target.rest).withoutQuery)
    }
    if !forwardsTarget, !proofHeaders.isEmpty, !target.rest.isEmpty {
      transcoded.append(.forwardedTarget, bytes: stream.path.extracting(target.rest))
    }
    transcoded.endDecision()
    transcoded.finish()
  }

  private mutating func respond(
    to stream: HTTP2Stream, _ session: ServerSession, _ decision: Decision,
    _ tables: borrowing PublishedTables
  ) {
    headers.removeAll()
    headers.append("postern-verdict", decision.verdict.name)
    if decision.wouldBe != decision.verdict {
      headers.append("postern-would-be", decision.wouldBe.name)
    }
    headers.append("postern-mode", decision.mode.name)
    if !decision.flags.isEmpty {
      headers.append("postern-flags") { decision.flags.write(to: &$0) }
    }
    if let provenance = EdgeProofOutcome(rawValue: plain.span[7]) {
      headers.append("postern-provenance", provenance.name)
    }
    let correlationID = decider.request.correlationID
    if correlationID > 0 { headers.append("postern-correlation-id") { $0.append(decimal: correlationID) } }
    stream.response.removeAll()
    stream.response.append(decision.verdict.name)
    let isKilled = decision.flags.contains(.missing) && decider.isKilled(tables)
    let fallback = isKilled ? "the trigger is killed" : decision.reasonOfNone
    headers.append(outputsOf: plain, without: fallback, reasonTo: &stream.response)
    stream.response.append("\n")
    if stream.method.isText("HEAD") { stream.response.removeAll() }
    session.respond(to: stream, Heads.checked(decision.verdict), headers)
  }
}

extension HeaderList {
  /// The outputs of a decision reply as headers; the reason also behind the verdict in the body. Where the
  /// rule gives none, the header has `fallback`.
  fileprivate mutating func append(
    outputsOf writer: borrowing ByteWriter, without fallback: StaticString, reasonTo body: inout ByteWriter
  ) {
    let reply = writer.span
    let rule = reply.load(UInt32.self, at: 20)
    let version = reply.load(UInt64.self, at: 24)
    var namesRule = false
    var hasReason = false
    var offset = DecisionReply.fixedByteCount
    while offset < reply.count {
      let kind = OutputKind(rawValue: reply[offset])
      let nameEnd = offset + DecisionReply.outputFixedByteCount + Int(reply[offset + 1])
      let valueEnd = nameEnd + Int(reply.load(UInt16.self, at: offset + 2))
      let name = (offset + DecisionReply.outputFixedByteCount)..<nameEnd
      let value = nameEnd..<valueEnd
      switch kind {
      case .table: append("postern-table", reply.extracting(value))
      case .rule:
        namesRule = true
        append("postern-rule", reply.extracting(value))
      case .reason:
        hasReason = true
        append("postern-reason", reply.extracting(value))
        body.append(": ")
        body.append(reply.extracting(value))
      case .code: append("postern-code", reply.extracting(value))
      case .message: append("postern-message", reply.extracting(value))
      case .obligation: append("postern-obligation", reply.extracting(value))
      case .claim: append("postern-claim", reply.extracting(name), reply.extracting(value))
      case .metadata:
        append("postern-metadata", reply.extracting(name), reply.extracting(value))
      case .explanation:
        body.append("\n  ")
        body.append(reply.extracting(value))
      case .part: append("postern-part", reply.extracting(value))
      case nil: break
      }
      offset = valueEnd
    }
    if !hasReason { append("postern-reason") { $0.append(fallback) } }
    if rule > 0, !namesRule { append("postern-rule") { $0.append(decimal: UInt64(rule)) } }
    if version > 0 { append("postern-table-version") { $0.append(hexadecimal: version) } }
  }
}

extension Decision {
  /// Why it is the verdict, where no rule says so.
  fileprivate var reasonOfNone: StaticString {
    if flags.contains(.missing) { return "the trigger has no table" }
    if flags.contains(.noMatch) { return "no rule matches" }
    if flags.contains(.late), decidingHit == nil { return "the budget had run out" }
    if decidingHit == nil { return "no rule decided: no table is enforced for this login" }
    return "the rule gives no reason"
  }
}

extension ReplyFlags {
  /// Writes the names of the flags that are set, comma-separated.
  fileprivate func write(to text: inout ByteWriter) {
    let start = text.count
    for (flag, name) in ReplyFlags.names where contains(flag) {
      if text.count > start { text.append(", ") }
      text.append(name)
    }
  }
}
