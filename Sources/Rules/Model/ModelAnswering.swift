/// What a decision model's table makes of the rules that match the same input: its hit policy, its defaults
/// and what its outputs may be.
struct ModelAnswering: Equatable, Sendable {
  /// Equal where tables make the same of the same rules.
  let kind: String
  private let answer: @Sendable (_ ruleNumbers: [Int]) -> RuleOutcome

  /// `answer` is given the numbers of rules, in their order.
  init(kind: String, _ answer: @escaping @Sendable ([Int]) -> RuleOutcome) {
    self.kind = kind
    self.answer = answer
  }

  /// `nil` for null. The default is what follows where none of the rules is one of the source.
  func outcome(of hits: [Rule]) -> RuleOutcome? {
    let outcome = answer(hits.map(\.number).filter { $0 > 0 }.sorted())
    return outcome.outputs.isEmpty ? nil : outcome
  }

  static func == (first: Self, second: Self) -> Bool { first.kind == second.kind }
}
