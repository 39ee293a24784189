import PosternClient
import Rules

/// What `postern call` prints of a reply.
struct CallReport {
  private let reply: Reply
  private let roundTrip: Duration?

  /// `roundTrip` is `nil` for a reply that came out of a file.
  init(_ reply: Reply, roundTrip: Duration?) {
    self.reply = reply
    self.roundTrip = roundTrip
  }

  /// The first decision for a person, and how many there are of each verdict.
  var text: String {
    var lines = reply.decisions.prefix(1).flatMap(Self.lines)
    lines.append(("server time", "\(Self.text(Double(reply.serverNanoseconds) / 1000)) us"))
    if let roundTrip {
      let microseconds = Double(roundTrip / .nanoseconds(1)) / 1000
      lines.append(("round trip", "\(Self.text(microseconds)) us, connecting included"))
    }
    if reply.decisions.count > 1 {
      let verdicts = Verdict.allCases.filter { counts[$0.name] != nil }
      let parts = verdicts.map { "\($0.name) \(counts[$0.name] ?? 0)" }
      lines.append(("decisions", "\(reply.decisions.count): \(parts.joined(separator: ", "))"))
    }
    return lines.map { Self.padded($0.0) + Self.printable($0.1) }.joined(separator: "\n")
  }

  private var counts: [String: Int] {
    reply.decisions.reduce(into: [:]) { $0[$1.verdict.name, default: 0] += 1 }
  }

  private static func lines(_ decision: DecisionReply) -> [(String, String)] {
    var lines = [("verdict", decision.verdict.name)]
    if decision.wouldBe != decision.verdict { lines.append(("would be", decision.wouldBe.name)) }
    if let table = decision.value(of: .table) { lines.append(("table", table)) }
    if decision.rule != 0 {
      let name = decision.value(of: .rule).map { " \($0)" } ?? ""
      lines.append(("rule", "\(decision.rule)\(name)"))
    }
    let kinds: [(OutputKind, String)] = [
      (.reason, "reason"), (.code, "code"), (.message, "message"), (.obligation, "obligation"),
    ]
    for (kind, label) in kinds {
      if let value = decision.value(of: kind) { lines.append((label, value)) }
    }
    for output in decision.outputs where output.kind == .claim || output.kind == .metadata {
      let label = output.kind == .claim ? "claim" : "metadata"
      lines.append((label, "\(output.name) = \(output.value)"))
    }
    let flags = ReplyFlags.names.filter { decision.flags.contains($0.flag) }.map(\.name)
    if !flags.isEmpty { lines.append(("flags", flags.joined(separator: ", "))) }
    if let provenance = decision.provenance { lines.append(("provenance", provenance.name)) }
    lines.append(("mode", decision.mode.name))
    if decision.tableVersion != 0 {
      lines.append(("version", hexadecimal(decision.tableVersion)))
    }
    for part in decision.parts {
      let name = part.ruleName.isEmpty ? "" : " \(part.ruleName)"
      lines.append(
        ("part", "\(part.table) rule \(part.rule)\(name): \(part.verdict.name), \(part.standing)"))
    }
    for output in decision.outputs where output.kind == .explanation {
      lines.append(("because", output.value))
    }
    return lines
  }

  private static func padded(_ label: String) -> String {
    label + String(repeating: " ", count: max(1, 13 - label.count))
  }

  /// With one digit behind the point.
  private static func text(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

  /// Explanations repeat what a stranger sent: it must not steer the terminal.
  private static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
      scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension CallReport: Encodable {
  private enum Key: CodingKey {
    case decisions, verdicts, serverNanoseconds, roundTripMicroseconds
  }

  private struct Decision: Encodable {
    enum Key: CodingKey { case correlationID }
    let reply: DecisionReply

    func encode(to encoder: any Encoder) throws {
      try DecisionJSON(reply).encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      // A JSON number holds 53 bits only.
      try container.encode(String(reply.correlationID), forKey: .correlationID)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(reply.decisions.map(Decision.init), forKey: .decisions)
    try container.encode(counts, forKey: .verdicts)
    try container.encode(reply.serverNanoseconds, forKey: .serverNanoseconds)
    let microseconds = roundTrip.map { Int($0 / .microseconds(1)) }
    try container.encodeIfPresent(microseconds, forKey: .roundTripMicroseconds)
  }
}

/// What `postern call --json` prints where there is no decision.
struct CallError: Encodable {
  struct Body: Encodable {
    var message: String
    /// Where the server refused: the error's name and the offset of the first bad byte.
    var code: String?
    var offset: Int?
  }

  var error: Body

  init(_ failure: PosternFailure) {
    error = Body(message: "\(failure)")
    if case .refused(let code, let offset, _) = failure {
      error.code = "\(code)"
      error.offset = offset
    }
  }
}
