import TestSupport
import Wire

@testable import Server
@testable import Tables

/// Whether an answer is the right one.
extension World {
  func judge(_ stream: UInt32, of client: SimulatedClient) throws {
    let request = client.requests[stream]!
    let response = client.responses[stream]!
    guard response.isComplete else {
      if client.isHostile || request.isCancelled { return }
      if mayBeTooSlow, Self.slowEnds.contains(response.resetCode ?? 0) { return }
      throw Violation("stream \(stream) was reset with code \(response.resetCode ?? 0)")
    }
    if timePasses, response.status == 503, response["postern-error"] == "overloaded" {
      guard response["retry-after"] != nil else { throw Violation("503 without retry-after") }
      return try noteOverload()
    }
    switch request.kind {
    case .refused(let code):
      outcome.refusalCount += 1
      try expect(response.status, code.status, "status of \(code)")
      try expect(response["postern-error"], "\(code)", "code")
    case .ping:
      try expect(response.status, 200, "status of a ping")
      try expect(response.text, "pong\n", "body of a ping")
    case .check(let login): try judge(response, login, request, by: client.writeTimes[stream]!)
    case .decisions(let logins):
      let refusal = response["postern-error"] ?? "no refusal"
      try expect(response.status, 200, "status of a message (\(refusal))")
      let time = client.writeTimes[stream]!
      try judge(try Reply(reading: response.body.span), logins, request, by: time)
    case .stream(let messages): try judge(response, messages, request, by: client.writeTimes[stream]!)
    }
  }

  /// Something was refused for its wait. That is longer than half of the bound then, and all there was of
  /// time.
  private func noteOverload() throws {
    outcome.overloadCount += 1
    let bound = UInt64(RunningSettings().latencyBoundMilliseconds) * 1_000_000
    if clock.age < bound / 2 { throw Violation("refused for its wait after \(clock.age) ns of the world") }
  }

  /// `time` is when the last of it was written.
  private func judge(
    _ reply: Reply, _ logins: [Login], _ request: SimulatedRequest, by time: UInt64
  ) throws {
    try expect(reply.decisions.map(\.correlationID), logins.map(\.correlationID), "correlation ids")
    // Where all of it came at once the clock was looked at for each before, if it had a budget.
    var lookCount: UInt64 = 1
    for (reply, login) in zip(reply.decisions, logins) {
      try judge(reply, login, request, by: time, looks: lookCount)
      if login.budgetMicroseconds > 0, !reply.flags.contains(.missing), request.cameAtOnce { lookCount += 1 }
    }
  }

  /// Each message of a stream has its answer, up to one that is refused, or behind which the stopping server
  /// ended the stream.
  private func judge(
    _ response: RawResponse, _ messages: [[Login]], _ request: SimulatedRequest, by time: UInt64
  ) throws {
    try expect(response.status, 200, "status of a stream")
    var rest = response.body[...]
    for (index, logins) in messages.enumerated() {
      // The end of a connection on which nothing has moved is that of a server that stops.
      if rest.isEmpty, isDraining || mayBeTooSlow { return }
      let isError = rest.count > 1 && rest[rest.startIndex + 1] == MessageKind.error.rawValue
      let kind: MessageKind = isError ? .error : .reply
      guard let count = try MessageHeader.firstByteCount(in: Array(rest).span, expecting: kind),
        count <= rest.count
      else { throw Violation("message \(index) of \(messages.count) of a stream is not answered") }
      let message = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      if isError {
        let code = try ErrorMessage(reading: message.span).code
        guard timePasses, code == .overloaded, rest.isEmpty else {
          throw Violation("message \(index) of a stream is refused: \(code)")
        }
        return try noteOverload()
      }
      outcome.streamedCount += 1
      try judge(try Reply(reading: message.span), logins, request, by: time)
    }
    try expect(rest.count, 0, "bytes behind a stream's last reply")
  }

  /// What must be said of a login, where the answer says whether it is late, and shows which version has
  /// decided it. That is one that was served while its message came: a long one is decided as it comes.
  ///
  /// It was written at `time`, and not decided before the server had looked at the clock so often since it
  /// came.
  private func expected(
    _ login: Login, isLate: Bool, _ request: SimulatedRequest, by time: UInt64, looks: UInt64,
    _ isShown: (ExpectedAnswer) -> Bool = { _ in true }
  ) throws -> ExpectedAnswer {
    // A stream may be answered to its end before its own has come.
    guard let first = request.startTick, let start = request.startTime,
      let last = request.endTick ?? (request.isStream ? tick : nil)
    else {
      throw Violation("\(login.correlationID) is answered before it was sent")
    }
    let key = TableKey(tenant: login.tenant, trigger: login.trigger)
    let answers = versions(of: key, in: first...last).map {
      ExpectedAnswer(to: login, isLate: isLate, by: $0)
    }
    let answer = answers.last(where: isShown) ?? answers.last!
    if answer.flags.contains(.missing) {
      outcome.missingCount += 1
      return answer
    }
    let budget = UInt64(login.budgetMicroseconds) * 1_000
    if isLate {
      outcome.lateCount += 1
      // What a decision takes, by the server's measurements, counts too: some looks at the clock.
      if budget == 0 || time - start + 8 * clock.stepMax <= budget {
        throw Violation("\(login.correlationID) is called late within its budget")
      }
    } else if budget > 0, looks * request.stepMin > budget {
      throw Violation("\(login.correlationID) is late and does not say so")
    }
    if answer.version != nil { outcome.verdictCount += 1 }
    if answer.flags.contains(.unproven) { outcome.unprovenCount += 1 }
    return answer
  }

  private func judge(
    _ reply: DecisionReply, _ login: Login, _ request: SimulatedRequest, by time: UInt64, looks: UInt64
  ) throws {
    let isLate = reply.flags.contains(.late)
    let expected = try expected(login, isLate: isLate, request, by: time, looks: looks) { answer in
      answer.version?.digest ?? 0 == reply.tableVersion
        && answer.flags.contains(.missing) == reply.flags.contains(.missing)
        && (answer.version != nil || answer.verdict == reply.verdict)
    }
    let name = "\(login)"
    try expect(reply.verdict, expected.verdict, "verdict of \(name)")
    try expect(reply.flags, expected.flags, "flags of \(name)")
    try expect(reply.provenance, expected.provenance, "provenance of \(name)")
    try expect(reply.rule, expected.rule, "rule of \(name)")
    try expect(reply.tableVersion, expected.version?.digest ?? 0, "version for \(name)")
    try expect(
      reply.value(of: .reason), expected.version.map { "v\($0.index)" }, "reason for \(name)")
  }

  private func judge(
    _ response: RawResponse, _ login: Login, _ request: SimulatedRequest, by time: UInt64
  ) throws {
    let flags = response["postern-flags"] ?? ""
    let expected = try expected(login, isLate: flags.contains("late"), request, by: time, looks: 1)
    let name = "\(login)"
    try expect(response["postern-verdict"], expected.verdict.name, "verdict of \(name)")
    let listed = ReplyFlags.names.filter { expected.flags.contains($0.flag) }.map(\.name)
    try expect(flags, listed.joined(separator: ", "), "flags of \(name)")
    try expect(response["postern-provenance"], expected.provenance?.name, "provenance of \(name)")
    try expect(response["postern-correlation-id"], "\(login.correlationID)", "correlation id")
    let status =
      switch expected.verdict {
      case .allow: 200
      case .mfa, .review: 401
      case .deny, .revoke: 403
      }
    try expect(response.status, status, "status of \(name)")
    try expect(
      response["postern-rule"], expected.rule == 0 ? nil : "r\(expected.rule)", "rule of \(name)")
    let reason =
      expected.version.map { "v\($0.index)" }
      ?? (expected.flags.contains(.late) ? "the budget had run out" : "the trigger has no table")
    // History does not say whether tables were killed or taken away.
    let isKilled = expected.flags.contains(.missing) && response["postern-reason"] == "the trigger is killed"
    try expect(isKilled ? reason : response["postern-reason"], reason, "reason for \(name)")
  }

  private func expect<Value: Equatable>(_ got: Value, _ wanted: Value, _ what: String) throws {
    if got != wanted { throw Violation("\(what) is \(got), not \(wanted)") }
  }
}
