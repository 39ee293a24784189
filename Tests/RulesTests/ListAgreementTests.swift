import Foundation
import RulesOracle
import Signals
import Tables
import Testing
import Wire

@testable import Rules

/// Random columns with lists, compiled and analysed, against the meaning of their cells.
@Suite struct ListAgreementTests {
  private static func texts(_ random: inout SeededGenerator, _ count: Int) -> [String] {
    Set((0..<count).map { _ in "t\(Int.random(in: 0..<24, using: &random))" }).sorted()
  }

  /// Nested, side by side, in either space and at its ends.
  private static func block(_ random: inout SeededGenerator) -> ClosedRange<UInt128> {
    let bits = UInt128(Int.random(in: 0..<12, using: &random))
    let place = UInt128(Int.random(in: 0..<(1 << 12), using: &random))
    let base: UInt128 = [0xFFFF_0000_0000, 0xFFFF_FFFF_F000, 0, .max - 0xFFF, 0x2001 << 112]
      .randomElement(using: &random)!
    let first = base + (place >> bits) << bits
    return first...(first + ((1 << bits) - 1))
  }

  private static func lists(_ signal: Signal, _ random: inout SeededGenerator) -> [NamedList] {
    (0..<3).map { number in
      let count = Int.random(in: 0..<[4, 12, 90].randomElement(using: &random)!, using: &random)
      return NamedList(
        "list\(number)",
        signal.type == .address
          ? .blocks((0..<count).map { _ in block(&random) }.normalized())
          : .texts(texts(&random, count)))
    }
  }

  private static func cell(
    _ signal: Signal, _ lists: [NamedList], _ random: inout SeededGenerator
  ) -> UnaryTests {
    if Int.random(in: 0..<6, using: &random) == 0 { return .any }
    let tests = (0...Int.random(in: 0..<3, using: &random)).map { _ -> UnaryTest in
      if Bool.random(using: &random) { return .list(lists.randomElement(using: &random)!) }
      if signal.type == .address { return .addresses(block(&random)) }
      return .text(ExactText(texts(&random, 1)[0]))
    }
    return Bool.random(using: &random)
      ? UnaryTests(states: Bool.random(using: &random) ? .absent : [], values: .anyOf(tests))
      : UnaryTests(states: [], values: .noneOf(tests))
  }

  private static func samples(_ signal: Signal, _ cells: [UnaryTests]) -> [PlainSignal] {
    switch signal.type {
    case .address:
      let ends = cells.flatMap(\.tests).flatMap { test -> [UInt128] in
        switch test {
        case .addresses(let block): [block.lowerBound, block.upperBound]
        case .list(let list): list.blocks.flatMap { [$0.lowerBound, $0.upperBound] }
        default: []
        }
      }
      return Set(ends.flatMap { [$0, $0 &- 1, $0 &+ 1] }).sorted().map(PlainSignal.address)
    case .list:
      let pairs = (0..<25).flatMap { a in [0, 7, 24].map { b in ["t\(a)", "t\(b)"] } }
      return ([[]] + pairs).map(PlainSignal.list)
    default: return (0..<25).map { .text("t\($0)") }
    }
  }

  private static let signals = ["user.id", "authentication.methods", "request.ip"]

  @Test(arguments: UInt64(0)..<30)
  func `a compiled column with lists is what its cells mean, and proved to be`(seed: UInt64) throws {
    for name in Self.signals {
      var random = SeededGenerator(seed: seed)
      let signal = try #require(SignalRegistry()[name])
      let lists = Self.lists(signal, &random)
      let count = Int.random(in: 1..<9, using: &random)
      let cells = (0..<count).map { _ in Self.cell(signal, lists, &random) }
      let table = Table(
        file: "t.table.md", name: "t", trigger: "a", hitPolicy: .first, mode: .enforce, version: 1,
        inputs: [signal],
        rules: cells.enumerated().map { number, cell in
          Rule(number: number + 1, cells: [cell], verdict: .mfa)
        })
      let plan = try #require(ChainCompiler.compile([table]).plan)
      let chain = try CompiledChain(plan)
      #expect(throws: Never.self, "seed \(seed)") { try ChainProof.prove(chain, equals: [table]) }
      var evaluator = Evaluator()
      for sample in Self.samples(signal, cells) + PlainSignal.states {
        var input = DecisionInput()
        input.signals = [.init(signal: signal, value: sample)]
        let encoded = EncodedInput(input, for: plan.signals, of: table.key)
        try encoded.fill(&evaluator.vector, reading: chain.view.schema)
        let decision = evaluator.evaluate(chain.view, in: encoded.bytes.span, fallback: .allow)
        let rule = decision.decidingHit.map { Int(evaluator.hits[$0].rule) }
        let expected = cells.firstIndex { $0.matches(sample) }
        #expect(rule == expected, "seed \(seed), \(name): \(sample)")
      }
    }
  }

  @Test(arguments: UInt64(100)..<130)
  func `classes of the analyser hold inputs that no cell tells apart`(seed: UInt64) throws {
    for name in Self.signals {
      var random = SeededGenerator(seed: seed)
      let signal = try #require(SignalRegistry()[name])
      let lists = Self.lists(signal, &random)
      let cells = (0..<6).map { _ in Self.cell(signal, lists, &random) }
      let space = Space([signal], cells: [cells])
      for cell in cells {
        let boxes = space.alternatives(cell, column: 0).map { alternative -> Box in
          var box = space.all
          for (axis, set) in alternative { box[axis] = box[axis].intersection(set) }
          return box
        }
        for box in boxes where box.hasInputs {
          #expect(cell.matches(space.input(in: box)[0]), "seed \(seed), \(name): \(cell)")
        }
        guard signal.type != .list else { continue }
        let set = space.domains[0].set(of: cell)
        for number in 0..<space.domains[0].classCount {
          #expect(
            set.contains(number) == cell.matches(space.domains[0].sample(number)),
            "seed \(seed), \(name): \(cell)")
        }
        try check(space.domains[0], set, lists, cells, seed)
      }
    }
  }

  /// A set's text is cells that match just the set, joined by `or` and `and`.
  private func check(
    _ domain: Domain, _ set: ClassSet, _ lists: [NamedList], _ cells: [UnaryTests], _ seed: UInt64
  ) throws {
    for wanted in [set, domain.all.subtracting(set)] where !wanted.isEmpty {
      let text = domain.text(wanted)
      let alternatives = try text.components(separatedBy: eitherWord).map { alternative in
        try alternative.components(separatedBy: " and ").map { part in
          try CellParser.parse(part, for: domain.signal, lists: lists.map(\.name))
            .replacingLists { name in lists.first { $0.name == name }! }
        }
      }
      for number in 0..<domain.classCount {
        let sample = domain.sample(number)
        let matches = alternatives.contains { $0.allSatisfy { $0.matches(sample) } }
        #expect(matches == wanted.contains(number), "seed \(seed): \(text) at \(sample)")
      }
    }
  }
}
