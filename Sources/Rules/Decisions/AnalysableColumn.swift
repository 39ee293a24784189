import DMN
import Signals

/// An input column of a DMN decision table whose cells compare with literals of one kind.
struct AnalysableColumn {
  let signal: Signal
  /// By rule, without what the input may not be.
  let cells: [UnaryTests]
  /// What its numbers mean.
  let scale: LiteralScale
  /// The values that the input may take; nil for any. What a table's own input says counts, and the type of
  /// what the decision requires by this name: evaluation holds values to these and no others.
  let allowed: UnaryTests?

  /// Where neither cells nor types say what the input is, `other` is: another version of the table.
  init(
    _ table: DecisionTable, _ index: Int, of decision: Decision?, in model: DecisionModel,
    _ types: ItemTypes, beside other: AnalysableTable.Version?, _ budget: inout Budget
  ) throws(AnalysableTable.Refusal) {
    let input = table.inputs[index]
    let name = input.expression.text
    let required = decision.flatMap { model.typeRef(of: name, requiredBy: $0) }
    let declared = types.type(input.typeRef ?? required)
    var literals: [LiteralTests] = []
    for rule in table.rules {
      let cell = rule.inputEntries[index]
      guard let tests = cell.literalTests else {
        let reason = cell.inexactLiteral.map { "compares with \($0), which the analysis does not tell apart" }
        throw .init(
          position: cell.position, message: "`\(cell.text)` \(reason ?? "says more than literals do")")
      }
      literals.append(tests)
    }
    var lists: [LiteralTests] = []
    for text in [input.allowedValues].compactMap(\.self) + types.type(required).allowed {
      lists.append(try Self.allowed(text))
    }
    let tests = (literals + lists).flatMap(\.tests)
    let kinds = Set(tests.compactMap(\.type))
    let scales = Set(tests.compactMap(\.scale))
    guard kinds.count < 2, scales.count < 2 else {
      throw .init(position: input.position, message: "`\(name)` is compared with values of several kinds")
    }
    let known = kinds.isEmpty ? Self.kind(of: name, named: declared.name, beside: other) : nil
    let type = kinds.first ?? known?.type ?? .string
    scale = scales.first ?? known?.scale ?? .number
    if let name = declared.name, name != "Any", let other = kinds.first,
      !(other == .number ? scale.isNamed(name) : other.isNamed(name))
    {
      throw .init(
        position: input.position,
        message: "`\(input.expression.text)` is a \(name) and compared with something else")
    }
    signal = .custom(name, type)
    func tooMuch(_ position: SourcePosition) -> AnalysableTable.Refusal {
      .init(
        position: position,
        message: "comparing its cells with the values that `\(name)` may have takes more than"
          + " \(budget.stepCountMax) steps; raise --steps")
    }
    var domain = NumberInterval(within: scale.limits).map { Alternatives([.number($0)]) }
    for tests in lists {
      let own = Alternatives(tests.tests.compactMap(\.test))
      guard let before = domain else {
        domain = own
        continue
      }
      guard budget.allows(before.stepCount(own)) else { throw tooMuch(input.position) }
      domain = Alternatives(before.intersection(own))
    }
    if let domain, domain.tests.isEmpty {
      throw .init(position: input.position, message: "no value of `\(name)` is allowed")
    }
    var cells: [UnaryTests] = []
    for (rule, tests) in literals.enumerated() {
      let own = Alternatives(tests.tests.compactMap(\.test))
      guard budget.allows(domain?.stepCount(own) ?? 0) else {
        throw tooMuch(table.rules[rule].inputEntries[index].position)
      }
      cells.append(tests.unaryTests(own, in: domain))
    }
    self.cells = cells
    allowed = domain.map { UnaryTests(states: .all, values: .anyOf($0.tests)) }
  }

  private typealias Kind = (type: SignalType, scale: LiteralScale?)

  /// What a type of FEEL has for values; `nil` where they are of no one kind.
  private static func kind(named name: String?) -> Kind? {
    guard let name else { return nil }
    if let scale = LiteralScale(named: name) { return (.number, scale) }
    return [SignalType.string, .boolean].first { $0.isNamed(name) }.map { ($0, nil) }
  }

  /// Of an input that no cell compares with anything: what the other version compares it with, if its type
  /// allows, for times with a zone and without are one type; else what one of the two is declared.
  private static func kind(
    of name: String, named typeName: String?, beside other: AnalysableTable.Version?
  ) -> Kind? {
    guard let other, let index = other.table.inputs.firstIndex(where: { $0.expression.text == name }) else {
      return kind(named: typeName)
    }
    let tests = other.table.rules.compactMap { $0.inputEntries[index].literalTests }.flatMap(\.tests)
    if let type = tests.compactMap(\.type).first {
      let scale = tests.compactMap(\.scale).first
      guard let typeName, kind(named: typeName) != nil else { return (type, scale) }
      if scale?.isNamed(typeName) ?? type.isNamed(typeName) { return (type, scale) }
    }
    let required = other.decision.flatMap { other.model.typeRef(of: name, requiredBy: $0) }
    let declared = other.types.type(other.table.inputs[index].typeRef ?? required)
    return kind(named: typeName) ?? kind(named: declared.name)
  }

  private static func allowed(_ text: DMN.SourceText) throws(AnalysableTable.Refusal) -> LiteralTests {
    guard let tests = text.literalTests, !tests.isNegated else {
      throw .init(position: text.position, message: "the values `\(text.text)` say more than literals do")
    }
    return tests
  }
}

extension NumberInterval {
  /// nil for all numbers.
  fileprivate init?(within limits: ClosedRange<Double>) {
    guard limits.lowerBound.isFinite else { return nil }
    self.init(
      lower: limits.lowerBound, includesLower: true, upper: limits.upperBound, includesUpper: true)
  }
}

extension SignalType {
  /// Whether FEEL, in one of its versions, calls it so.
  fileprivate func isNamed(_ name: String) -> Bool {
    switch self {
    case .string: name == "string"
    case .boolean: name == "boolean"
    default: false
    }
  }
}

extension LiteralTests.Test {
  fileprivate var type: SignalType? {
    switch self {
    case .points: .number
    case .string: .string
    case .boolean: .boolean
    case .null: nil
    }
  }

  fileprivate var scale: LiteralScale? {
    if case .points(let scale, _, _, _, _) = self { scale } else { nil }
  }

  /// As a cell of a login table has it; nil for null.
  fileprivate var test: UnaryTest? {
    switch self {
    case .points(_, let lower, let includesLower, let upper, let includesUpper):
      .number(
        NumberInterval(
          lower: lower, includesLower: includesLower, upper: upper, includesUpper: includesUpper))
    case .string(let text): .text(ExactText(text))
    case .boolean(let boolean): .boolean(boolean)
    case .null: nil
    }
  }
}

extension LiteralTests {
  /// As a cell, without what is not in `domain` but for `-`; `own` are the values that it names. DMN's null
  /// is every state without a value.
  fileprivate func unaryTests(_ own: Alternatives, in domain: Alternatives?) -> UnaryTests {
    let states: UnaryTests.States = holdsForNull ? .all : []
    guard let domain, !isAnything else {
      let isAny = own.tests.isEmpty
      if isNegated { return UnaryTests(states: states, values: isAny ? .any : .noneOf(own.tests)) }
      return UnaryTests(states: states, values: isAny ? .none : .anyOf(own.tests))
    }
    let rest = isNegated ? domain.subtracting(own) : domain.intersection(own)
    return UnaryTests(states: states, values: rest.isEmpty ? .none : .anyOf(rest))
  }
}

/// Tests of which one has to pass. Those of one value each are looked up, not compared one by one.
private struct Alternatives {
  let tests: [UnaryTest]
  private let single: Set<UnaryTest>
  private let ranges: [UnaryTest]

  init(_ tests: [UnaryTest]) {
    self.tests = tests
    single = Set(tests.filter(\.isSingle))
    ranges = tests.filter { !$0.isSingle }
  }

  /// Looks that `intersection` and `subtracting` take.
  func stepCount(_ other: Alternatives) -> Int {
    tests.count + (tests.count - ranges.count) * other.ranges.count + ranges.count * other.tests.count
  }

  func intersection(_ other: Alternatives) -> [UnaryTest] {
    tests.flatMap { test in
      if test.isSingle, other.single.contains(test) { return [test] }
      return (test.isSingle ? other.ranges : other.tests).compactMap { test.intersection($0) }
    }
  }

  func subtracting(_ other: Alternatives) -> [UnaryTest] {
    tests.flatMap { test in
      if test.isSingle, other.single.contains(test) { return [UnaryTest]() }
      return (test.isSingle ? other.ranges : other.tests).reduce([test]) { rest, hole in
        rest.flatMap { $0.subtracting(hole) }
      }
    }
  }
}

extension UnaryTest {
  fileprivate var isSingle: Bool {
    if case .number(let interval) = self { interval.lower == interval.upper } else { true }
  }
}

extension UnaryTest {
  fileprivate func intersection(_ other: UnaryTest) -> UnaryTest? {
    guard case .number(let a) = self, case .number(let b) = other else { return self == other ? self : nil }
    var both = a
    if b.lower > a.lower || b.lower == a.lower && !b.includesLower {
      (both.lower, both.includesLower) = (b.lower, b.includesLower)
    }
    if b.upper < a.upper || b.upper == a.upper && !b.includesUpper {
      (both.upper, both.includesUpper) = (b.upper, b.includesUpper)
    }
    return both.isEmpty ? nil : .number(both)
  }

  fileprivate func subtracting(_ other: UnaryTest) -> [UnaryTest] {
    guard case .number = self, case .number(let hole) = other else { return self == other ? [] : [self] }
    let below = NumberInterval(upper: hole.lower, includesUpper: !hole.includesLower)
    let above = NumberInterval(lower: hole.upper, includesLower: !hole.includesUpper)
    return [below, above].compactMap { intersection(.number($0)) }
  }
}
