import Wire

/// What makes two outputs the same one: a later table's value replaces an earlier one's.
public struct OutputIdentity: Hashable, Sendable {
  let kind: OutputKind
  /// As bytes: strings that only look alike are not the same.
  let name: [UInt8]

  public init(kind: OutputKind, name: String = "") {
    self.kind = kind
    self.name = Array(name.utf8)
  }

  public init(_ output: DecisionReply.Output) { self.init(kind: output.kind, name: output.name) }
}
