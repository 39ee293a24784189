/// Looks for an input that no rule of a set matches, column by column.
struct CoverageSearch {
  enum Outcome {
    /// Every input is matched.
    case covered
    /// One sample a column.
    case uncovered([Int])
    /// Too many combinations to tell.
    case unknown
  }

  /// LIMIT: combinations looked at in one search; a search of a large table stops at about 10 ms.
  private static let stepCountMax = 20_000

  private let columns: [[ColumnSamples.Sample]]
  private let isExhaustive: Bool
  /// By column: the rules that match whatever the columns from it on say.
  private let unconditional: [RuleBits]
  private var stepCount = 0
  private var covered: Set<Visit> = []

  private struct Visit: Hashable {
    let column: Int
    let alive: RuleBits
  }

  init(_ columns: [CellColumn], ruleCount: Int) {
    let samples = columns.map(ColumnSamples.init)
    self.columns = samples.map(\.samples)
    isExhaustive = samples.allSatisfy(\.isExhaustive)
    var rules = RuleBits(below: ruleCount, count: ruleCount)
    var unconditional = [rules]
    for column in columns.reversed() {
      rules.formIntersection(
        column.cells.first { $0.cell.isAny }?.rules ?? RuleBits(count: ruleCount))
      unconditional.append(rules)
    }
    self.unconditional = unconditional.reversed()
  }

  /// Whether `rules` match every input that `isAllowed` lets through, by column and sample.
  mutating func run(
    _ rules: RuleBits, where isAllowed: (Int, ColumnSamples.Sample) -> Bool
  ) -> Outcome {
    stepCount = 0
    covered = []
    var path: [Int] = []
    switch search(rules, &path, isAllowed) {
    case .some(true): return .uncovered(path)
    case .some(false): return isExhaustive ? .covered : .unknown
    case nil: return .unknown
    }
  }

  /// Whether there is an uncovered input that begins with `path`, which is completed then; `nil`
  /// when the search gave up.
  private mutating func search(
    _ alive: RuleBits, _ path: inout [Int], _ isAllowed: (Int, ColumnSamples.Sample) -> Bool
  ) -> Bool? {
    let column = path.count
    if alive.intersects(unconditional[column]) { return false }
    // Past the last column every rule still alive is unconditional.
    if column == columns.count { return true }
    let visit = Visit(column: column, alive: alive)
    if covered.contains(visit) { return false }
    for (index, sample) in columns[column].enumerated() where isAllowed(column, sample) {
      stepCount += 1
      guard stepCount <= Self.stepCountMax else { return nil }
      path.append(index)
      let found = search(alive.intersection(sample.rules), &path, isAllowed)
      if found != false { return found }
      path.removeLast()
    }
    covered.insert(visit)
    return false
  }

  /// The samples of a path.
  func input(_ path: [Int]) -> [PlainSignal] {
    zip(columns, path).map { $0[$1].signal }
  }
}
