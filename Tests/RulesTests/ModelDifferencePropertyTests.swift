import DMN
import Foundation
import RulesOracle
import Testing

@testable import Rules

/// What is said to differ between two versions of a model's table, and what evaluating both gives.
@Suite struct ModelDifferencePropertyTests {
  static let policies = [
    "UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT", "COLLECT SUM", "COLLECT MIN",
    "COLLECT MAX", "COLLECT COUNT",
  ]
  private static let numbers = ["4", "5", "5.5", "6", "6.5", "7", "8", "null"]
  private static let texts = ["\"a\"", "\"c\"", "null"]

  /// A version of a model, and its evaluator.
  private struct Version {
    let reading: ModelReading
    let evaluator: DecisionEvaluator

    /// Rules are two cells and an output each; with `isDouble` the output is there twice.
    init(_ policy: String, default value: String?, _ rules: [[String]], isDouble: Bool = false) throws {
      let words = policy.split(separator: " ")
      let aggregation = words[0] == "COLLECT" && words.count > 1 ? " aggregation=\"\(words[1])\"" : ""
      let name = aggregation.isEmpty ? policy : "COLLECT"
      let ranks = ["PRIORITY", "OUTPUT ORDER"].contains(policy)
      func entry(_ name: String, _ text: String) -> String {
        "<\(name)><text>\(text.replacing("<", with: "&lt;"))</text></\(name)>"
      }
      let xml = """
        <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
        <inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>
        <inputData id="s" name="s"/>
        <decision id="d" name="d"><informationRequirement><requiredInput href="#x"/></informationRequirement>
        <informationRequirement><requiredInput href="#s"/></informationRequirement>
        <decisionTable hitPolicy="\(name)"\(aggregation)>
        <input><inputExpression typeRef="number"><text>x</text></inputExpression></input>
        <input><inputExpression typeRef="string"><text>s</text></inputExpression></input>
        <output name="fee">\(ranks ? entry("outputValues", "3, 1, 2") : "")
        \(value.map { entry("defaultOutputEntry", $0) } ?? "")</output>\(isDouble ? "<output name=\"b\"/>" : "")
        \(rules.map { rule in
          "<rule>" + entry("inputEntry", rule[0]) + entry("inputEntry", rule[1])
            + String(repeating: entry("outputEntry", rule[2]), count: isDouble ? 2 : 1) + "</rule>"
        }.joined(separator: "\n"))
        </decisionTable></decision></definitions>
        """
      reading = ModelReader.read(Data(xml.utf8), file: "m.dmn")
      evaluator = try #require(DecisionEvaluator(reading), "\(reading.problems)")
    }

    func result(_ number: String, _ text: String) throws -> String {
      try result("{\"x\": \(number), \"s\": \(text)}")
    }

    func result(_ json: String) throws -> String {
      guard case .context(let input) = try FeelJSON.read(json) else { return "no input" }
      return FeelJSON.write(try evaluator.evaluate(evaluator.model.decisions[0], input: input).value)
    }
  }

  private static func rules(using random: inout SeededGenerator) -> [[String]] {
    (0..<(1 + random.below(4))).map { _ in
      [
        random.pick(["-", "> 5", "> 6", "[5..7]", "not(6)", "<= 5", "null", "not(null)"]),
        random.pick(["-", "-", "\"a\"", "not(\"a\")", "null", "not(null)"]),
        random.pick(["1", "2", "3", "null"]),
      ]
    }
  }

  @Test(arguments: policies)
  func `regions that differ are those where evaluating differs, whatever the policies`(policy: String) throws {
    var differing = 0
    for seed in UInt64(0)..<60 {
      var random = SeededGenerator(seed: 0xD1FF_0000 + seed)
      let old = Self.rules(using: &random)
      var new = old
      if random.chance(70) { new[random.below(new.count)] = Self.rules(using: &random)[0] }
      if random.chance(30) { new.shuffle(using: &random) }
      let other = random.chance(50) ? policy : random.pick(Self.policies)
      let defaults = [random.pick([nil, "1", "2"]), random.pick([nil, "1", "2"])]
      let isDouble = random.chance(30)
      let before = try Version(policy, default: defaults[0], old, isDouble: isDouble)
      let after = try Version(
        other, default: random.chance(70) ? defaults[0] : defaults[1], new, isDouble: isDouble)
      let found = TableDifference.ofModels(
        ModelVersion(before.evaluator.model, file: "m.dmn"), ModelVersion(after.evaluator.model, file: "m.dmn"))[0]
      let note = Comment(rawValue: "seed \(seed): \(old) \(policy) \(new) \(other) \(defaults): \(found)")
      #expect(found.problem.isEmpty && found.isComplete, note)
      if !found.changes.isEmpty { differing += 1 }
      for change in found.changes where !isDouble {
        #expect(try before.result(change.input.json) == change.before.outcome?.outputs["fee"] ?? "null", note)
        #expect(try after.result(change.input.json) == change.after.outcome?.outputs["fee"] ?? "null", note)
      }
      // Regions are cells as DMN has them.
      let regions = try Version("COLLECT COUNT", default: nil, found.changes.map { $0.region.cells + ["1"] })
      for number in Self.numbers {
        for text in Self.texts {
          let differs = try before.result(number, text) != after.result(number, text)
          let isIn = try regions.result(number, text) != "0"
          #expect(isIn == differs, "x \(number), s \(text), \(note)")
        }
      }
    }
    #expect((10..<60).contains(differing))
  }
}
