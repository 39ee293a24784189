import Wire

extension Table {
  /// LIMIT: overlaps of one table that are reported one by one; the rest are counted.
  private static let overlapCountMax = 100

  /// In a UNIQUE table, each rule with each later one that matches an input of it; in an ANY table, with
  /// each that answers something else to it. At any number of rules. Beyond `overlapCountMax`, how many
  /// pairs they are, or at least are, in a finding before the others.
  ///
  /// O(rules² × columns / 64), and for each column what sorting its cells takes. In 1.2 GB at most: rules
  /// and cells take `boxWordCountMax` words, relating a block of rules `blockWordCountMax`. `isComplete` is
  /// `false` where there were too few steps.
  func overlapFindings(
    _ budget: inout Budget, boxWordCountMax: Int = RuleBoxes.wordCountMax,
    blockWordCountMax: Int = PairBlock.wordCountMax
  ) -> (findings: [Finding], isComplete: Bool) {
    guard style == .disjoint || style == .agreeing else { return ([], true) }
    if rules.contains(where: { $0.mode == .off }) {
      return inDecidingOrder.overlapFindings(
        &budget, boxWordCountMax: boxWordCountMax, blockWordCountMax: blockWordCountMax)
    }
    guard !rules.isEmpty else { return ([], true) }
    let boxes = RuleBoxes([self], wordCountMax: boxWordCountMax)
    if let rule = boxes.unread.first {
      let unread = finding(
        style == .disjoint ? .overlap : .conflict, boxes.isOverfull ? location : rules[rule].location,
        boxes.refusal(of: rules[rule].label) + ", or set `hitPolicy: FIRST`")
      return ([unread], true)
    }
    let answers = style == .agreeing ? answerNumbers : []
    let pairs = PairTable(boxes.boxes, all: boxes.space.all)
    var found: [(first: Int, second: Int)] = []
    var count = 0
    var isComplete = true
    var (start, end) = (0, 0)
    var blockRuleCount = PairBlock.ruleCountMax
    while end < rules.count {
      start = end
      blockRuleCount = pairs.blockRuleCount(
        at: start, atMost: blockRuleCount, wordCountMax: blockWordCountMax)
      end = min(rules.count, start + blockRuleCount)
      guard budget.allows(pairs.stepCount(start..<end, end: end, wantsContaining: false)) else {
        isComplete = false
        break
      }
      let block = PairBlock(start..<end, of: pairs, end: end, wantsContaining: false)
      for rule in 0..<end {
        let later = block.rules(\.overlapping, rule, in: (rule + 1)..<max(rule + 1, end))
        for other in later where answers.isEmpty || answers[rule] != answers[other] {
          count += 1
          if found.count < Self.overlapCountMax { found.append((rule, other)) }
        }
        _ = budget.allows(1 + later.count / 8)
      }
      if count >= Self.overlapCountMax { break }
    }
    found.sort { ($0.first, $0.second) < ($1.first, $1.second) }
    var findings = found.map { overlapFinding($0.first, $0.second, boxes) }
    let isCounted = isComplete && end == rules.count
    if count > found.count || !isCounted && count == Self.overlapCountMax {
      findings.insert(countFinding(count, listed: found.count, isCounted: isCounted), at: 0)
    }
    return (findings, isComplete)
  }

  /// By rule, equal where two answer the same.
  private var answerNumbers: [Int] {
    var numbers: [RuleOutcome: Int] = [:]
    return rules.map { rule in
      let outcome = rule.outcome
      let number = numbers[outcome] ?? numbers.count
      numbers[outcome] = number
      return number
    }
  }

  private func countFinding(_ count: Int, listed: Int, isCounted: Bool) -> Finding {
    let isUnique = style == .disjoint
    var made = finding(
      isUnique ? .overlap : .conflict, location,
      "\(isCounted ? "" : "at least ")\(count) pairs of rules match the same input"
        + (isUnique ? "" : " and answer differently") + "; the first \(listed) are told one by one")
    made.isComplete = false
    return made
  }

  /// LIMIT: steps that compiling a UNIQUE or ANY table may take to relate its rules to one another: ten
  /// times what an analysis may take in all, for it is asked of 100,000 rules.
  private static let overlapStepCountMax = 10 * Budget.stepCountDefault

  /// What keeps the table from being compiled, as its hit policy says; an error too where that is not
  /// decided.
  func overlapErrors(
    _ budget: Budget = Budget(stepCountMax: overlapStepCountMax)
  ) -> [Diagnostic] {
    var budget = budget
    let (findings, isComplete) = overlapFindings(&budget)
    let errors = findings.compactMap(\.diagnostic)
    if isComplete { return errors }
    return errors + [
      Diagnostic(
        .error, file: file, at: location,
        "which rules overlap is not decided within \(budget.stepCountMax) steps; split the table, or set"
          + " `hitPolicy: FIRST`")
    ]
  }

  private var style: HitStyle { hitPolicy.style }

  private func overlapFinding(_ first: Int, _ second: Int, _ boxes: RuleBoxes) -> Finding {
    let isUnique = style == .disjoint
    let box = boxes.overlap(first, second) ?? boxes.space.all
    let witness = boxes.space.witness(in: box)
    var made = finding(
      isUnique ? .overlap : .conflict, rules[second].location,
      "\(rules[first].label) and \(rules[second].label) both match \(witness.text)"
        + (isUnique ? "; " : " and answer differently; make their answers the same, ")
        + "narrow one of them, or set `hitPolicy: FIRST`")
    made.rules = [rules[second].name(in: file), rules[first].name(in: file)]
    made.regions = [Region(box, of: boxes.space)]
    made.isComplete = boxes.isOverlapOfOneBox(first, second)
    made.input = witness
    return made
  }

  private func finding(_ kind: Finding.Kind, _ location: SourceLocation, _ message: String)
    -> Finding
  {
    Finding(
      kind: kind, severity: .error, file: file, location: location, message: message, rules: [],
      regions: [], isComplete: true, input: nil)
  }
}
