/// What one decision reply says, as an owned value (proto-spec 5).
///
/// The server never makes one: it writes replies with `ByteWriter.beginReply`. Clients and tests do.
public struct DecisionReply: Equatable, Sendable {
  public struct Output: Equatable, Sendable {
    public var kind: OutputKind
    /// Empty but for claims and metadata.
    public var name: String
    public var value: String

    public init(kind: OutputKind, name: String = "", value: String) {
      self.kind = kind
      self.name = name
      self.value = value
    }
  }

  /// The fixed part, in bytes (proto-spec 5.1).
  public static let fixedByteCount = 32
  /// The fixed part of an output, in bytes (proto-spec 5.3).
  public static let outputFixedByteCount = 4

  public var correlationID: UInt64
  public var verdict: Verdict
  /// The verdict if every audit and advisory table were enforced.
  public var wouldBe: Verdict
  /// The mode of the table that gave the verdict.
  public var mode: Mode
  /// How the edge was known to have sent the request, or why it was not. `nil` where nothing was verified, or
  /// by a number that a later server added: `flags` say whether it is unproven.
  public var provenance: EdgeProofOutcome?
  public var flags: ReplyFlags
  /// The rule that gave the verdict, counted from 1 in its table; 0 for none.
  public var rule: UInt32
  /// Digest of the source of the table that gave the verdict; 0 for none.
  public var tableVersion: UInt64
  public var outputs: [Output]

  public init(
    correlationID: UInt64 = 0, verdict: Verdict, wouldBe: Verdict? = nil, mode: Mode = .enforce,
    provenance: EdgeProofOutcome? = nil, flags: ReplyFlags = [], rule: UInt32 = 0,
    tableVersion: UInt64 = 0, outputs: [Output] = []
  ) {
    self.correlationID = correlationID
    self.verdict = verdict
    self.wouldBe = wouldBe ?? verdict
    self.mode = mode
    self.provenance = provenance
    self.flags = flags
    self.rule = rule
    self.tableVersion = tableVersion
    self.outputs = outputs
  }

  /// The first output of a kind that has no name.
  public func value(of kind: OutputKind) -> String? {
    outputs.first { $0.kind == kind }?.value
  }
}

/// A whole reply message, as an owned value.
public struct Reply: Equatable, Sendable {
  public var serverNanoseconds: UInt64
  public var decisions: [DecisionReply]

  public init(serverNanoseconds: UInt64, decisions: [DecisionReply]) {
    self.serverNanoseconds = serverNanoseconds
    self.decisions = decisions
  }
}
