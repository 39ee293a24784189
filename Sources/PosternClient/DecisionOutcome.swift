import Wire

/// What to do with one login: the server's decision, or the verdict named for its absence.
public struct DecisionOutcome: Equatable, Sendable {
  public var verdict: Verdict
  /// For logs: the same number is in the server's.
  public var correlationID: UInt64
  /// All that the server said; `nil` in a fallback.
  public var reply: DecisionReply?
  /// Why there is no reply; `nil` where there is one.
  public var failure: PosternFailure?

  /// Whether `verdict` is `PosternClient.Configuration.onFailure`.
  public var isFallback: Bool { reply == nil }
  /// Why, for a person in operations.
  public var reason: String? { reply?.value(of: .reason) }
  /// Why, for a program.
  public var code: String? { reply?.value(of: .code) }
  /// What the handler may show to the user.
  public var message: String? { reply?.value(of: .message) }
  /// What the user's session owes from now on.
  public var obligation: String? { reply?.value(of: .obligation) }
  /// Claims for the token, by name.
  public var claims: [String: String] { named(.claim) }
  public var metadata: [String: String] { named(.metadata) }
  /// The part of each table that had one, in the order of the chain; for `LoginRequest.listsParts`.
  public var parts: [DecisionPart] { reply?.parts ?? [] }

  private func named(_ kind: OutputKind) -> [String: String] {
    var values: [String: String] = [:]
    for output in reply?.outputs ?? [] where output.kind == kind {
      values[output.name] = output.value
    }
    return values
  }
}
