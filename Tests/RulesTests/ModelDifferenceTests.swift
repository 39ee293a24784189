import DMN
import Foundation
import Testing

@testable import Rules

/// What two versions of a decision model decide differently.
@Suite struct ModelDifferenceTests {
  /// Decisions with one input `Day`, of a type, and their rules; an empty policy makes an expression of the
  /// first rule's output.
  private static func version(
    _ decisions: (name: String, policy: String, type: String, rules: [(String, String)])...
  ) throws -> ModelVersion {
    let elements = decisions.map { decision in
      let rules = decision.rules.map { cell, output in
        "<rule><inputEntry><text>\(cell.replacing("<", with: "&lt;"))</text></inputEntry>"
          + "<outputEntry><text>\(output)</text></outputEntry></rule>"
      }
      let body =
        decision.policy.isEmpty
        ? "<literalExpression><text>\(decision.rules[0].1)</text></literalExpression>"
        : """
        <decisionTable hitPolicy="\(decision.policy)">
        <input><inputExpression typeRef="\(decision.type)"><text>Day</text></inputExpression></input>
        <output name="fee"/>\(rules.joined(separator: "\n"))</decisionTable>
        """
      return "<decision id=\"\(decision.name)\" name=\"\(decision.name)\">\(body)</decision>"
    }
    let xml =
      "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"n\">\n"
      + elements.joined(separator: "\n") + "\n</definitions>"
    let reading = ModelReader.read(Data(xml.utf8), file: "m.dmn")
    #expect(reading.problems.map(\.description) == [])
    return ModelVersion(try #require(reading.model), file: "m.dmn")
  }

  @Test func `a changed boundary is a region in words of the model, and one input of it`() throws {
    let early = [("< date(\"2026-07-01\")", "1"), ("-", "2")]
    let late = [("< date(\"2026-08-01\")", "1"), ("-", "2")]
    let before = try Self.version(("season", "FIRST", "date", early), ("other", "FIRST", "date", early))
    let after = try Self.version(("season", "FIRST", "date", late), ("other", "FIRST", "date", early))
    let found = TableDifference.ofModels(before, after)
    #expect(found.map(\.table) == ["season", "other"] && found.map(\.isEqual) == [false, true])
    #expect(
      found[0].description == """
        season: 1 region decided differently
            | Day                                      | before       | after        |
            |------------------------------------------|--------------|--------------|
            | [date("2026-07-01")..date("2026-08-01")) | rule 2 fee=2 | rule 1 fee=1 |
            for example --input '{"Day":"2026-07-01"}'
        """)
    let json = String(decoding: try JSONEncoder().encode(found[0]), as: UTF8.self)
    #expect(json.contains("\"outputs\":{\"fee\":\"2\"}") && !json.contains("verdict"))
  }

  @Test func `decisions are matched by name, and what is no table by its text`() throws {
    let rules = [("> 5", "1")]
    let before = try Self.version(("a", "FIRST", "number", rules), ("b", "", "", [("", "1 + 1")]))
    let after = try Self.version(("b", "", "", [("", "1 + 2")]), ("c", "FIRST", "number", rules))
    #expect(
      TableDifference.ofModels(before, after).map(\.description) == [
        "a: the decision is gone",
        "b: it is written otherwise, and what is no decision table is not compared",
        "c: the decision is new",
      ])
    #expect(TableDifference.ofModels(before, before).map(\.isEqual) == [true, true])
  }

  /// What no rule shows: a type, a list of values, a default, a requirement, a function.
  @Test(arguments: [
    ("<output name=\"fee\"/>", "<output name=\"fee\" typeRef=\"string\"/>", "outputs `fee: string`, before `fee`"),
    (
      "<output name=\"fee\"/>",
      "<output name=\"fee\"><defaultOutputEntry><text>7</text></defaultOutputEntry></output>",
      "outputs `fee, default 7`, before `fee`"
    ),
    (
      "</inputExpression></input>", "</inputExpression><inputValues><text>[0..9]</text></inputValues></input>",
      "input `Day` `number, values [0..9]`, before `number`"
    ),
    ("<decisionTable ", "<decisionTable typeRef=\"number\" ", "table's type `number`, before none"),
    (
      "<input><inputExpression typeRef=\"number\"", "<input><inputExpression",
      "input `Day` none, before `number`"
    ),
    (
      "<decisionTable", "<informationRequirement><requiredInput href=\"#d\"/></informationRequirement><decisionTable",
      "requirements `Day`, before none"
    ),
    (
      "<decision id", "<businessKnowledgeModel id=\"k\" name=\"k\"><encapsulatedLogic><literalExpression><text>1</text>"
        + "</literalExpression></encapsulatedLogic></businessKnowledgeModel><decision id",
      "types, inputs, functions or services are written otherwise, and are not compared"
    ),
  ])
  func `what rules do not show is a difference as well`(old: String, new: String, line: String) throws {
    let xml = """
      <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
      <inputData id="d" name="Day"/><decision id="a" name="a"><decisionTable hitPolicy="FIRST">
      <input><inputExpression typeRef="number"><text>Day</text></inputExpression></input><output name="fee"/>
      <rule><inputEntry><text>5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
      </decisionTable></decision></definitions>
      """
    func version(_ text: String) throws -> ModelVersion {
      let reading = ModelReader.read(Data(text.utf8), file: "m.dmn")
      #expect(reading.problems.map(\.description) == [])
      return ModelVersion(try #require(reading.model), file: "m.dmn")
    }
    let before = try version(xml)
    let renamed = try version(xml.replacing("name=\"m\"", with: "name=\"other\""))
    #expect(TableDifference.ofModels(before, renamed).map(\.isEqual) == [true])
    let found = TableDifference.ofModels(before, try version(xml.replacing(old, with: new)))
    #expect(found.contains { !$0.isEqual && $0.description.contains(line) }, "\(found)")
  }

  @Test func `tables of all hits are compared by what all say, and inputs of two kinds are not`() throws {
    let before = try Self.version(
      ("a", "COLLECT", "number", [("> 5", "1"), ("> 7", "2")]), ("b", "FIRST", "number", [("> 5", "1")]),
      ("c", "FIRST", "number", [("> Limit", "1")]))
    let after = try Self.version(
      ("a", "COLLECT", "number", [("> 5", "1"), ("> 8", "2")]),
      ("b", "FIRST", "date", [("> date(\"2026-07-01\")", "1")]), ("c", "FIRST", "number", [("> Limit", "2")]))
    let found = TableDifference.ofModels(before, after)
    #expect(found[0].changes.map(\.region.cells) == [["(7..8]"]])
    #expect(found[0].changes.map(\.before.outcome?.outputs) == [["fee": "[1, 2]"]])
    #expect(found[1].problem == "`Day` is a number in one and a date in the other")
    #expect(found[2].problem.hasSuffix("is not compared: `> Limit` says more than literals do"))
  }
}
