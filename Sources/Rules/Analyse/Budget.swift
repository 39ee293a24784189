/// How much work an analysis may still do.
///
/// A step is one look at a rule on one column, at 64 rules on one class of a column, or at 32 words of bits
/// that relate rules to one another: 20 to 100 ns.
/// What the steps do not suffice for is reported as not decided, never guessed.
public struct Budget: Sendable {
  /// LIMIT: steps of one table's analysis, 1 to 2.3 seconds. A thousand rules of twelve columns need
  /// up to 37 million (`ops/lib/check-analysis`).
  public static let stepCountDefault = 42_000_000
  /// LIMIT: steps of one question ("is this rule ever reached?"), a fraction of all, so that a
  /// hard one leaves something for the others.
  static let questionFraction = 16

  /// LIMIT: words of bits that are looked at one behind the other in a step.
  static let wordCountOfStep = 32

  /// Steps that one table may take.
  public let stepCountMax: Int
  public private(set) var stepCount = 0
  private var questionEnd = 0
  /// Nothing else is to come that would have to have some of it.
  var isLastQuestion = false

  public init(stepCountMax: Int = Budget.stepCountDefault) { self.stepCountMax = stepCountMax }

  mutating func beginQuestion() {
    let fraction = isLastQuestion ? 1 : Self.questionFraction
    questionEnd = min(stepCountMax, stepCount + stepCountMax / fraction)
  }

  /// Takes steps; `false` when they are more than the question has left.
  mutating func take(_ count: Int) -> Bool {
    stepCount += count
    return stepCount <= questionEnd
  }

  /// Takes steps of no question; `false` when none are left.
  mutating func allows(_ count: Int) -> Bool {
    stepCount += count
    return !isSpent
  }

  var isSpent: Bool { stepCount >= stepCountMax }
}
