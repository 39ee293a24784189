/// How much work an analysis may still do.
///
/// A step is one look at a rule on one column, or at 64 rules on one class of a column: 20 to 100 ns.
/// What the steps do not suffice for is reported as not decided, never guessed.
public struct Budget: Sendable {
  /// LIMIT: steps of one table's analysis, 1 to 2.3 seconds. A thousand rules of twelve columns need up to
  /// 48 million (`ops/lib/check-analysis`).
  public static let stepCountDefault = 48_000_000
  /// LIMIT: steps of one question ("is this rule ever reached?"), a fraction of all, so that a
  /// hard one leaves something for the others.
  static let questionFraction = 16

  /// Steps that one table may take.
  public let stepCountMax: Int
  public private(set) var stepCount = 0
  private var questionEnd = 0

  public init(stepCountMax: Int = Budget.stepCountDefault) { self.stepCountMax = stepCountMax }

  mutating func beginQuestion() {
    questionEnd = min(stepCountMax, stepCount + stepCountMax / Self.questionFraction)
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
