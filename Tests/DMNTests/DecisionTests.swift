@testable import DMN
import Foundation
import Testing

/// A line of a `.cases` file: a decision, its input and its result.
struct DecisionCase: Sendable, CustomTestStringConvertible {
  var file: String
  var decision: String
  var input: String
  var expected: String
  var testDescription: String { "\(file): \(decision) \(input)" }

  /// All cases of all fixtures; a folder without any is an error.
  static func all() throws -> [DecisionCase] {
    let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)
    let cases = try names.filter { $0.hasSuffix(".cases") }.sorted().flatMap { name in
      let url = Fixture.folder.appendingPathComponent(name)
      return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        .compactMap { line -> DecisionCase? in
          guard !line.hasPrefix("#"), let bar = line.range(of: " | "),
            let arrow = line.range(of: " => ", options: .backwards)
          else { return nil }
          return DecisionCase(
            file: name.replacing(".cases", with: ".dmn"), decision: String(line[..<bar.lowerBound]),
            input: String(line[bar.upperBound..<arrow.lowerBound]),
            expected: String(line[arrow.upperBound...]))
        }
    }
    try #require(cases.count >= 80)
    return cases
  }
}

@Suite struct DecisionTests {
  @Test(arguments: try DecisionCase.all())
  func `a decision gives what its case says`(_ test: DecisionCase) throws {
    let reading = try Fixture.read(test.file)
    guard case .context(let input) = try FeelJSON.read(test.input) else { return }
    let members = Fixture.keys(of: .context(input))
    let evaluator = try #require(DecisionEvaluator(reading, memberNames: members))
    let decision = try #require(evaluator.model.invocable(named: test.decision))
    #expect(evaluator.problems.map(\.description) == [])
    let evaluation = try evaluator.evaluate(decision, input: input)
    #expect(
      FeelJSON.write(evaluation.value) == test.expected, "\(evaluation.warnings)")
  }

  @Test(arguments: [
    "loan-desk.dmn", "policies.dmn", "names.dmn", "dates.dmn", "functions.dmn", "editor.dmn",
    "types.dmn",
  ])
  func `each fixture is written and read again as an equal model`(file: String) throws {
    let model = try #require(try Fixture.read(file).model)
    let text = ModelWriter.write(model)
    let again = Fixture.read(xml: text)
    #expect(again.problems.map(\.description) == [])
    #expect(again.model == model)
    #expect(try ModelWriter.write(#require(again.model)) == text)
  }

  @Test func `each decision is evaluated once however many require it`() throws {
    // 2^60 evaluations, were it not so.
    var body =
      #"<decision id="d0" name="d0"><literalExpression><text>1</text></literalExpression></decision>"#
    for index in 1...60 {
      body += """
        <decision id="d\(index)" name="d\(index)"><variable name="d\(index)"/>
        <informationRequirement><requiredDecision href="#d\(index - 1)"/></informationRequirement>
        <literalExpression><text>d\(index - 1) + d\(index - 1)</text></literalExpression></decision>
        """
    }
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: Fixture.definitions(body))))
    let decision = try #require(evaluator.model.invocable(named: "d60"))
    let value = try evaluator.evaluate(decision, input: FeelContext()).value
    #expect(FeelJSON.write(value) == "1152921504606846976")
  }

  @Test func `a violated hit policy is told with its rules`() throws {
    let evaluator = try #require(DecisionEvaluator(try Fixture.read("policies.dmn")))
    guard case .context(let input) = try FeelJSON.read(#"{"Age": 20, "Risk": "high"}"#) else {
      return
    }
    let decision = try #require(evaluator.model.invocable(named: "Unique"))
    let warnings = try evaluator.evaluate(decision, input: input).warnings.map(\.message)
    #expect(warnings == ["rules 1, 2 of a UNIQUE table match at once; it is null"])
  }

  @Test func `what an input has and a decision does not read is told, with the names that are near`() throws {
    let evaluator = try #require(
      DecisionEvaluator(
        Fixture.read(
          xml: Fixture.definitions(
            """
            <itemDefinition name="person"><itemComponent name="Birth Date"><typeRef>date</typeRef></itemComponent>
            <itemComponent name="Home"><itemComponent name="City"><typeRef>string</typeRef></itemComponent>
            </itemComponent></itemDefinition>
            <inputData id="a" name="Applicant"><variable name="Applicant" typeRef="person"/></inputData>
            <inputData id="b" name="Other"><variable name="Other"/></inputData>
            <decision id="d" name="Grade">
            <informationRequirement><requiredInput href="#a"/></informationRequirement>
            <informationRequirement><requiredDecision href="#e"/></informationRequirement>
            <literalExpression><text>[Applicant.Home.Zip, Limit]</text></literalExpression></decision>
            <decision id="e" name="Limit"><literalExpression><text>Credit</text></literalExpression></decision>
            """))))
    let decision = try #require(evaluator.model.invocable(named: "Grade"))
    func unread(_ text: String) throws -> [String] {
      guard case .context(let input) = try FeelJSON.read(text) else { return [] }
      return evaluator.unreadInputs(input, of: decision).map { entry in
        ([entry.name] + (entry.isCalculated ? ["calculated"] : entry.near.map { "near \($0)" })).joined(separator: ", ")
      }
    }
    #expect(
      try unread(#"{"Applicant": {"Birth  Date": null, "Home": {"City": "x", "Zip": 1}}, "Credit": 1, "Other": 2}"#)
        == [])
    #expect(
      try unread(
        #"{"Aplicant": 1, "Applicant": {"BirthDate": "", "Home": {"Citi": 1}}, "credit": 1, "Limit": 2, "Far": 3}"#)
        == [
          "Aplicant, near Applicant", "Applicant.BirthDate, near Birth Date", "Applicant.Home.Citi, near City",
          "credit, near Credit", "Limit, calculated", "Far",
        ])
  }

  /// Types that name a structure: lists of it, components, another name of it.
  @Test(arguments: [
    ("Part", #"{"q": "a"}"#, #"{"q": "a", "r": null}"#),
    ("Part", #"{"r": "2024-01-31"}"#, #"{"r": "2024-01-31", "q": null}"#),
    ("Alias", #"{"q": "a"}"#, #"{"q": "a", "r": null}"#),
    ("Alias", #"{"q": "a", "r": "2024-01-31"}"#, #"{"q": "a", "r": "2024-01-31"}"#),
    ("Alias", #"{"q": "a", "r": "foo"}"#, "null"),
    ("List", #"[{"q": "a"}, {}]"#, #"[{"q": "a", "r": null}, {"q": null, "r": null}]"#),
    ("List", #"[{"q": "a", "r": "2024-01-31"}]"#, #"[{"q": "a", "r": "2024-01-31"}]"#),
    ("List", #"{"q": "a"}"#, #"[{"q": "a", "r": null}]"#),
    ("Whole", "{}", #"{"p": null, "ps": null}"#),
    ("Whole", #"{"p": {"q": "a"}}"#, #"{"p": {"q": "a", "r": null}, "ps": null}"#),
    (
      "Whole", #"{"p": null, "ps": [{"q": "a", "r": "2024-01-31"}, {}]}"#,
      #"{"p": null, "ps": [{"q": "a", "r": "2024-01-31"}, {"q": null, "r": null}]}"#
    ),
    (
      "Wholes", #"[{"p": {"q": "a", "r": "2024-01-31"}}]"#,
      #"[{"p": {"q": "a", "r": "2024-01-31"}, "ps": null}]"#
    ),
  ])
  func `an input is filled up and read wherever its type names a structure`(
    type: String, text: String, expected: String
  ) throws {
    let evaluation = try Self.evaluation(
      of: "x", given: text, typed: type,
      """
      <itemDefinition name="Part"><itemComponent name="q"><typeRef>string</typeRef></itemComponent>
      <itemComponent name="r"><typeRef>date</typeRef></itemComponent></itemDefinition>
      <itemDefinition name="Alias"><typeRef>Part</typeRef></itemDefinition>
      <itemDefinition name="List" isCollection="true"><typeRef>Alias</typeRef></itemDefinition>
      <itemDefinition name="Whole"><itemComponent name="p"><typeRef>Alias</typeRef></itemComponent>
      <itemComponent name="ps" isCollection="true"><typeRef>Part</typeRef></itemComponent>
      </itemDefinition>
      <itemDefinition name="Wholes" isCollection="true"><typeRef>Whole</typeRef></itemDefinition>
      """)
    #expect(FeelJSON.write(evaluation.value) == expected)
    #expect(evaluation.warnings.isEmpty == (expected != "null"), "\(evaluation.warnings)")
  }

  @Test func `a structure of its own kind inside is read as deep as inputs go`() throws {
    let nodes = (0..<60).reduce("null") { inner, _ in #"{"d": "2024-01-31", "next": \#(inner)}"# }
    let evaluation = try Self.evaluation(
      of: "x\(String(repeating: ".next", count: 59)).d instance of date", given: nodes, typed: "Node",
      """
      <itemDefinition name="Node"><itemComponent name="d"><typeRef>date</typeRef></itemComponent>
      <itemComponent name="next"><typeRef>Node</typeRef></itemComponent></itemDefinition>
      """)
    #expect(FeelJSON.write(evaluation.value) == "true", "\(evaluation.warnings)")
  }

  /// An expression of one input `x`, which is given as JSON and of a type that `types` define.
  private static func evaluation(
    of expression: String, given json: String, typed type: String, _ types: String
  ) throws -> Evaluation {
    let xml = Fixture.definitions(
      types + """

        <inputData id="x" name="x"><variable name="x" typeRef="\(type)"/></inputData>
        <decision id="d" name="d"><informationRequirement><requiredInput href="#x"/></informationRequirement>
        <literalExpression><text>\(expression)</text></literalExpression></decision>
        """)
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: xml)))
    return try evaluator.evaluate(
      evaluator.model.decisions[0], input: FeelContext([("x", FeelJSON.read(json))]))
  }

  /// An entry of an output has the type that it says, and then its output's; what an input's expression says
  /// is for those who read the table.
  @Test func `an output entry is made to fit its own type, and an input no type`() throws {
    let xml = Fixture.definitions(
      """
      <inputData id="x" name="x"/>
      <decision id="d" name="d"><informationRequirement><requiredInput href="#x"/></informationRequirement>
      <decisionTable hitPolicy="COLLECT">
      <input><inputExpression typeRef="number"><text>x</text></inputExpression></input>
      <output name="a"/><output name="b" typeRef="string"/>
      <rule><inputEntry><text>-</text></inputEntry><outputEntry typeRef="number"><text>x</text></outputEntry>
      <outputEntry><text>x</text></outputEntry></rule>
      <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>x</text></outputEntry>
      <outputEntry typeRef="string"><text>x</text></outputEntry></rule>
      </decisionTable></decision>
      """)
    let reading = Fixture.read(xml: xml)
    let table = try #require(reading.model?.decisions[0].table)
    #expect(table.rules.map(\.outputTypeRefs) == [["number", nil], []])
    #expect(try Fixture.read(xml: ModelWriter.write(#require(reading.model))).model == reading.model)
    let evaluator = try #require(DecisionEvaluator(reading))
    guard case .context(let input) = try FeelJSON.read(#"{"x": "t"}"#) else { return }
    let evaluation = try evaluator.evaluate(evaluator.model.decisions[0], input: input)
    #expect(FeelJSON.write(evaluation.value) == #"[{"a": null, "b": "t"}, {"a": "t", "b": "t"}]"#)
    #expect(
      evaluation.warnings.map(\.message) == [
        "the output `a` of rule 1 is a string that is no `number`; it is null"
      ])
  }

  @Test func `an expression that does not conform to its type is told with its place`() throws {
    let evaluator = try #require(
      DecisionEvaluator(
        Fixture.read(
          xml: Fixture.definitions(
            """
            <decision id="d" name="d">
            <list><literalExpression typeRef="number"><text>"a"</text></literalExpression></list></decision>
            """))))
    let warnings = try evaluator.evaluate(evaluator.model.decisions[0], input: FeelContext()).warnings
    #expect(warnings.map(\.message) == ["the expression is a string that is no `number`; it is null"])
    #expect(warnings.map { [$0.line, $0.column] } == [[3, 7]])
  }

  @Test func `a call of what is no function is told with its place, once for each`() throws {
    let evaluator = try #require(
      DecisionEvaluator(
        Fixture.read(
          xml: Fixture.definitions(
            """
            <decision id="d" name="d"><literalExpression><text>
              [roundd(1.2),
               date(x: roundd(2.3)), abs(1, 2)]
            </text></literalExpression></decision>
            <decision id="e" name="e">
              <invocation><literalExpression><text>nothing</text></literalExpression></invocation>
            </decision>
            """))))
    func places(_ name: String) throws -> [String] {
      let decision = try #require(evaluator.model.invocable(named: name))
      return try evaluator.evaluate(decision, input: FeelContext()).warnings.map { warning in
        "\(warning.line ?? 0):\(warning.column ?? 0): \(warning.message)"
      }
    }
    #expect(
      try places("d") == [
        "3:4: `roundd` is not a function; the call is null",
        "4:12: `roundd` is not a function; the call is null",
        "4:4: no parameters named `x`; it is null",
        "4:26: a function is called with 2 arguments, which does not fit; it is null",
      ])
    #expect(try places("e") == ["7:15: `nothing` is not a function; the call is null"])
  }

  @Test func `a warning is one line that can be read, whatever the table and the input`() throws {
    let rule =
      "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>x</text></outputEntry></rule>"
    let evaluator = try #require(
      DecisionEvaluator(
        Fixture.read(
          xml: Fixture.definitions(
            """
            <inputData id="x" name="x"><variable name="x" typeRef="string"/></inputData>
            <decision id="d" name="d"><variable name="d" typeRef="number"/>
            <informationRequirement><requiredInput href="#x"/></informationRequirement>
            <decisionTable><input><inputExpression><text>x</text></inputExpression>
            <inputValues><text>"a"</text></inputValues></input><output/>
            \(String(repeating: rule, count: 100))</decisionTable></decision>
            """))))
    let decision = evaluator.model.decisions[0]
    func warnings(_ input: String) throws -> [String] {
      guard case .context(let input) = try FeelJSON.read(input) else { return [] }
      return try evaluator.evaluate(decision, input: input).warnings.map(\.message)
    }
    #expect(
      try warnings(#"{"x": "a"}"#) == [
        "rules 1, 2, 3, 4, 5, 6, 7, 8 and 92 more of a UNIQUE table match at once; it is null"
      ])
    let long = try warnings(#"{"x": "\#(String(repeating: "b", count: 100_000))"}"#)
    #expect(long.count == 2 && long[0].count == 301)
  }
}
