import Rules
import Wire

/// A decision as `postern eval` and `postern call` print it with `--json`.
///
/// Keys without a value are left out.
struct DecisionJSON: Encodable {
  var verdict: String
  var wouldBe: String
  var mode: String
  /// How the edge was known to have sent the request, or why it was not: proto-spec 4.5.
  var provenance: String?
  var flags: [String]
  var table: String?
  /// Counted from 1 in the table.
  var rule: UInt32?
  var ruleName: String?
  /// 16 hexadecimal digits.
  var tableVersion: String?
  var reason: String?
  var code: String?
  var message: String?
  var obligation: String?
  var claims: [String: String]?
  var metadata: [String: String]?
  /// Where a table's hits are a list: each with its outputs by name.
  var hits: [HitJSON]?
  var parts: [Part]?
  var explanation: [String]?

  /// What one table had to do with it.
  struct Part: Encodable {
    var table: String
    /// `decided`, `enforced` or `watched`.
    var standing: String
    var verdict: String
    /// Counted from 1 in the table; 0 for its default rule.
    var rule: UInt32
    var ruleName: String?
    var tableVersion: String

    init(_ part: DecisionPart) {
      table = part.table
      standing = part.standing.rawValue
      verdict = part.verdict.name
      rule = part.rule
      ruleName = part.ruleName.isEmpty ? nil : part.ruleName
      tableVersion = hexadecimal(part.tableVersion)
    }
  }

  init(_ reply: DecisionReply) {
    verdict = reply.verdict.name
    wouldBe = reply.wouldBe.name
    mode = reply.mode.name
    provenance = reply.provenance?.name
    flags = ReplyFlags.names.filter { reply.flags.contains($0.flag) }.map(\.name)
    table = reply.value(of: .table)
    rule = reply.rule == 0 ? nil : reply.rule
    ruleName = reply.value(of: .rule)
    tableVersion = reply.tableVersion == 0 ? nil : hexadecimal(reply.tableVersion)
    reason = reply.value(of: .reason)
    code = reply.value(of: .code)
    message = reply.value(of: .message)
    obligation = reply.value(of: .obligation)
    claims = Self.named(.claim, in: reply)
    metadata = Self.named(.metadata, in: reply)
    parts = reply.parts.isEmpty ? nil : reply.parts.map(Part.init)
    let lines = reply.outputs.filter { $0.kind == .explanation }.map(\.value)
    explanation = lines.isEmpty ? nil : lines
  }

  private static func named(_ kind: OutputKind, in reply: DecisionReply) -> [String: String]? {
    let outputs = reply.outputs.filter { $0.kind == kind }
    if outputs.isEmpty { return nil }
    return Dictionary(outputs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}
