/// Looks at one table from every side. What each kind of finding needs is in a file of its own.
///
/// Exact: every question is answered for all inputs or reported as not decided.
struct Analyser {
  /// LIMIT: rules of a table that is looked at as a whole; the relations of 16,384 take 67 MB. Of
  /// a larger one, UNIQUE and ANY are still checked.
  static let ruleCountMax = 16_384
  /// LIMIT: words, by step of the budget, that relating rules to one another keeps in memory at once, and
  /// takes in all: 770 MB and seconds at the default. As many as the least are always taken.
  private static let (wordsAtOnceOfStep, wordsOfStep, wordCountMin) = (2, 32, 1 << 20)
  /// LIMIT: findings of one kind; the rest are counted.
  static let findingCountMax = 1000

  /// Its rules in the order in which they decide; where one rule answers, its default rule is the
  /// last of them.
  let table: Table
  /// Those that stand in the source as rows: without the default rule.
  let rows: Range<Int>
  /// By rule, how much of the table's traffic it decides.
  let reaches: [RuleReach]
  let rules: RuleBoxes
  let outcomes: [RuleOutcome]
  /// Equal where outcomes and reaches are, and quicker to compare.
  let answers: [Int]
  var budget: Budget
  /// Rules that were found to be masked.
  var masked: Set<Int> = []
  /// Gaps that were found so far, and whether the search for more took what one question may.
  var gaps: [Box] = []
  var hasOpenGaps = false
  private(set) var findings: [Finding] = []
  /// None where relating rules to one another would take too much.
  let blocks: [PairBlock]
  private let isTooLarge: Bool
  private var counts: [Finding.Kind: Int] = [:]
  private var undecided: [String] = []

  private struct Answer: Hashable {
    let outcome: RuleOutcome
    let reach: RuleReach
  }

  init(_ table: Table, _ budget: Budget) {
    var table = table.inDecidingOrder
    rows = table.rules.indices
    if table.hitPolicy.style != .all { table.rules += [table.defaultRule].compactMap(\.self) }
    self.table = table
    self.budget = budget
    rules = RuleBoxes([table])
    outcomes = table.rules.map(\.outcome)
    reaches = table.rules.map { table.reach(of: $0) }
    var numbers: [Answer: Int] = [:]
    answers = zip(outcomes, reaches).map { outcome, reach in
      let answer = Answer(outcome: outcome, reach: reach)
      let number = numbers[answer] ?? numbers.count
      numbers[answer] = number
      return number
    }
    let pairs = PairTable(rules.boxes, all: rules.space.all)
    let words = pairs.wordCounts(blockRuleCount: PairBlock.ruleCountMax)
    isTooLarge =
      rules.isOverfull
      || words.atOnce > max(Self.wordCountMin, Self.wordsAtOnceOfStep * budget.stepCountMax)
      || words.inAll > max(Self.wordCountMin, Self.wordsOfStep * budget.stepCountMax)
    guard !isTooLarge else {
      blocks = []
      return
    }
    var blocks: [PairBlock] = []
    for start in stride(from: 0, to: table.rules.count, by: PairBlock.ruleCountMax) {
      let block = start..<min(table.rules.count, start + PairBlock.ruleCountMax)
      let (end, wants) = (table.rules.count, true)
      _ = self.budget.allows(pairs.stepCount(block, end: end, wantsContaining: wants))
      blocks.append(PairBlock(block, of: pairs, end: end, wantsContaining: wants))
    }
    self.blocks = blocks
  }

  /// Everything there is to say, by place.
  mutating func run(_ progress: (String) -> Void) -> [Finding] {
    guard !isTooLarge else {
      report(
        .notDecided, .info,
        "not decided within \(budget.stepCountMax) steps: anything, for the cells of all rules together"
          + " name too many values to relate each rule to every other; raise --steps, or split the table")
      return findings
    }
    let passes: [(String, (inout Analyser) -> Void)] = [
      ("gaps", { $0.findGaps() }), ("overlaps", { $0.findOverlaps() }),
      ("masked rules", { $0.findMaskedRules() }),
      ("misleading rules", { $0.findMisleadingRules() }),
      ("contractions", { $0.findContractions() }), ("columns", { $0.findIdleColumns() }),
      ("gaps", { $0.findOpenGaps() }),
    ]
    for (name, pass) in passes {
      progress("\(table.file): \(name)")
      pass(&self)
    }
    reportWhatIsLeft()
    return findings.sorted { ($0.location, $0.kind.rawValue) < ($1.location, $1.kind.rawValue) }
  }

  mutating func report(
    _ kind: Finding.Kind, _ severity: Finding.Severity, at location: SourceLocation? = nil,
    rules involved: [Int] = [], regions: [Box] = [], isComplete: Bool = true, input: Box? = nil,
    _ message: String
  ) {
    append(
      Finding(
        kind: kind, severity: severity, file: table.file,
        location: location ?? involved.first.map { table.rules[$0].location } ?? table.location,
        message: message, rules: involved.map { table.rules[$0].name(in: table.file) },
        regions: regions.map { Region($0, of: rules.space) }, isComplete: isComplete,
        input: (input ?? regions.first).map(witness)))
  }

  mutating func append(_ finding: Finding) {
    let count = counts[finding.kind, default: 0]
    counts[finding.kind] = count + 1
    if count < Self.findingCountMax { findings.append(finding) }
  }

  /// Notes a question that the budget did not suffice for.
  mutating func leave(_ question: String) { undecided.append(question) }

  func witness(_ box: Box) -> Witness { rules.space.witness(in: box) }

  /// The rules of a range that overlap a rule, ascending.
  mutating func overlapping(_ rule: Int, in range: Range<Int>) -> [Int] {
    related(\.overlapping, rule, range).filter { $0 != rule }
  }

  /// The rules of a range that hold all of a rule, ascending.
  mutating func containing(_ rule: Int, in range: Range<Int>) -> [Int] {
    related(\.containing, rule, range).filter { $0 != rule }
  }

  private mutating func related(
    _ relation: KeyPath<PairBlock, [UInt64]>, _ rule: Int, _ range: Range<Int>
  ) -> [Int] {
    var found: [Int] = []
    for block in blocks where block.rules.overlaps(range) { found += block.rules(relation, rule, in: range) }
    takeLooks(at: found.count, of: range)
    return found
  }

  /// Whether a rule overlaps one of a range that is as asked. Ends at the first.
  mutating func overlaps(_ rule: Int, in range: Range<Int>, where isWanted: (Int) -> Bool) -> Bool {
    var lookCount = 0
    let isFound = blocks.contains { block in
      block.contains(\.overlapping, rule, in: range) { other in
        lookCount += 1
        return other != rule && isWanted(other)
      }
    }
    takeLooks(at: lookCount, of: range)
    return isFound
  }

  /// LIMIT: rules that a row of bits names and that are looked at in a step.
  private static let lookCountOfStep = 8

  /// Takes the steps of a look at the bits of a range of rules, and at those rules that it found.
  private mutating func takeLooks(at count: Int, of range: Range<Int>) {
    _ = budget.allows(1 + range.count / (64 * Budget.wordCountOfStep) + count / Self.lookCountOfStep)
  }

  func label(_ rule: Int) -> String { table.rules[rule].label(reaches[rule]) }

  /// "rule 1 (line 9), rule 2 (line 10) and 3 more".
  func labels(_ rules: [Int]) -> String {
    let shown = rules.prefix(4).map(label).joined(separator: ", ")
    return rules.count > 4 ? "\(shown) and \(rules.count - 4) more" : shown
  }

  /// LIMIT: questions that are named where they are not decided; a line is for people.
  private static let shownQuestionCountMax = 12

  private mutating func reportWhatIsLeft() {
    for rule in rules.unread {
      leave("anything of \(label(rule)), which has more than \(RuleBoxes.boxCountMax) alternatives")
    }
    for kind in Finding.Kind.allCases where counts[kind, default: 0] > Self.findingCountMax {
      leave("\(counts[kind]! - Self.findingCountMax) more of kind \(kind.rawValue)")
    }
    guard !undecided.isEmpty else { return }
    let shown = undecided.prefix(Self.shownQuestionCountMax).joined(separator: "; ")
    let restCount = undecided.count - Self.shownQuestionCountMax
    let rest = restCount > 0 ? "; and \(restCount) more" : ""
    report(
      .notDecided, .info,
      "not decided within \(budget.stepCountMax) steps: \(shown)\(rest); raise --steps")
  }
}

extension Table {
  /// What there is to say about the table, by place. Within a second for 1,000 rules and 12
  /// columns; what more than `budget` would be needed for is reported as such.
  public func findings(
    budget: Budget = Budget(), progress: (String) -> Void = { _ in }
  ) -> [Finding] {
    var budget = budget
    return findings(&budget, progress)
  }

  /// As `findings(budget:progress:)`; the budget has then the steps that it took.
  func findings(_ budget: inout Budget, _ progress: (String) -> Void) -> [Finding] {
    var findings: [Finding]
    if rules.count <= Analyser.ruleCountMax {
      var analyser = Analyser(self, budget)
      findings = analyser.run(progress)
      budget = analyser.budget
    } else {
      let isComplete: Bool
      (findings, isComplete) = overlapFindings(&budget)
      let rest =
        isComplete ? "" : "; which of these overlap is not decided within \(budget.stepCountMax) steps"
      findings.append(
        Finding(
          kind: .notDecided, severity: .info, file: file, location: location,
          message: "\(rules.count) rules; gaps and masked rules are looked for in tables of up to"
            + " \(Analyser.ruleCountMax)\(rest)",
          rules: [], regions: [], isComplete: true, input: nil))
    }
    if examples.isEmpty {
      findings.append(
        Finding(
          kind: .noExamples, severity: .warning, file: file, location: location,
          message: "no examples; add a table under `## Examples` for `postern test` to run",
          rules: [], regions: [], isComplete: true, input: nil))
    }
    return findings
  }

  /// What is probably not meant, as diagnostics.
  public func warnings() -> [Diagnostic] {
    findings().filter { $0.severity == .warning }.compactMap(\.diagnostic).sorted()
  }
}
