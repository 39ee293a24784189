@testable import DMN
import Foundation
import Testing

/// A context of 60 entries, each made of the one before.
private func doubling(_ first: String, _ next: String) -> String {
  "{x0: \(first), "
    + (1...60).map { "x\($0): \(next.replacing("x", with: "x\($0 - 1)"))" }.joined(separator: ", ")
    + "}"
}

@Suite struct BadInputTests {
  private func problems(_ xml: String) -> [String] {
    Fixture.read(xml: xml).problems.map(\.description)
  }

  @Test func `a document type is refused before the parser runs`() {
    let laughs = """
      <?xml version="1.0"?>
      <!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
      <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
      <definitions>&c;</definitions>
      """
    let refusal =
      "test.dmn:2:1: error: a document type declaration (`<!DOCTYPE`) and its entities are not read; remove it"
    #expect(problems(laughs) == [refusal])
    let external = """
      <!-- first --><!DOCTYPE d SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>
      <definitions>&x;</definitions>
      """
    #expect(problems(external) == [refusal.replacing("2:1", with: "1:15")])
  }

  @Test func `an instruction without content is refused before the parser runs`() {
    let refusal = "error: an instruction without content, as `<?x?>`; remove it"
    #expect(problems("<?x?><definitions/>") == ["test.dmn:1:1: \(refusal)"])
    #expect(problems("<a>\n  <b/><?x?></a>") == ["test.dmn:2:7: \(refusal)"])
    // These have some, or are none.
    for text in ["<?x ?>", "<?x y?>", "<?x y??>", "&lt;?x?>"] {
      #expect(problems("<a>\(text)</a>").allSatisfy { !$0.contains("instruction") }, "\(text)")
    }
  }

  @Test(arguments: ["utf-16", "UTF-7", "ebcdic-cp-us"])
  func `another encoding cannot hide a document type`(encoding: String) {
    let found = problems("<?xml version='1.0' encoding='\(encoding)'?><a/>")
    #expect(
      found == [
        "test.dmn:1:1: error: the encoding `\(encoding.lowercased())` is not read; save the file as UTF-8"
      ])
  }

  @Test func `UTF-16 bytes are refused`() {
    let data = "<definitions/>".data(using: .utf16)!
    let reading = ModelReader.read(data, file: "x.dmn")
    #expect(reading.problems.map(\.message) == ["the file is not UTF-8; save it as UTF-8"])
  }

  @Test func `deep elements are refused`() {
    let deep = String(repeating: "<list>", count: 100_000)
    let xml = Fixture.definitions("<decision id='a' name='a'>\(deep)")
    #expect(problems(xml).count == 1)
    #expect(problems(xml)[0].contains("error: elements nest more than 64 deep; flatten the model"))
    let foreign = String(repeating: "<x:y xmlns:x='z'>", count: 100_000)
    #expect(problems(Fixture.definitions(foreign))[0].contains("nest more than 64 deep"))
  }

  @Test func `a cell of 10,000 characters is refused at its place`() {
    let cell = String(repeating: "1", count: 10_000)
    let xml = Fixture.definitions(
      "<decision id='a' name='a'><literalExpression><text>\(cell)</text></literalExpression></decision>"
    )
    #expect(
      problems(xml) == [
        "test.dmn:2:52: error: the text of `text` is longer than 9999 characters; shorten it"
      ])
    #expect(problems(xml.replacing(cell, with: cell.dropLast(1))) == [])
  }

  /// A model whose only decision is a table of as many rules as fit in `byteCount` bytes.
  private func table(byteCount: Int) -> String {
    let rule = """
      <rule><inputEntry><text>&lt; 5</text></inputEntry><inputEntry><text>-</text></inputEntry>\
      <outputEntry><text>"a value of some length, as in an outcome that is told to people"</text>\
      </outputEntry></rule>\n
      """
    return Fixture.definitions(
      """
      <decision id='a' name='a'><decisionTable>
      <input><inputExpression><text>x</text></inputExpression></input>
      <input><inputExpression><text>y</text></inputExpression></input>
      <output/>\(String(repeating: rule, count: byteCount / rule.utf8.count))
      </decisionTable></decision>
      """)
  }

  @Test(.timeLimit(.minutes(5))) func `a table of 50 MB is read, or refused, in bounded time`() {
    let elapsed = ContinuousClock().measure {
      let found = Fixture.read(xml: table(byteCount: 50 << 20)).problems
      #expect(found == [])
    }
    print("a 50 MB table: \(elapsed)")
    let large = Data(count: DMNLimits.fileByteCountMax + 1)
    #expect(
      ModelReader.read(large, file: "x").problems[0].message
        == "the file has 67108865 bytes and may have 67108864; split the model")
  }

  @Test func `a long attribute is refused, and no message repeats it`() {
    let name = String(repeating: "n", count: 1_000_000)
    #expect(
      problems(Fixture.definitions("<inputData id='i' name='\(name)'/>")) == [
        "test.dmn:2:1: error: the attribute `name` is longer than 9999 bytes; shorten it"
      ])
    #expect(problems("<definitions xmlns='\(name)'/>")[0].count < 700)
  }

  @Test func `more elements than fit are refused`() {
    let xml = Fixture.definitions(String(repeating: "<a/>", count: 2_000_000))
    let found = problems(xml)
    #expect(found.count == 1)
    #expect(found[0].contains("more than 2000000 elements; split the model"))
  }

  @Test func `requirements in a circle are refused with their names`() throws {
    func decision(_ name: String, requires: String) -> String {
      """
      <decision id="\(name)" name="\(name)"><variable name="\(name)"/>
      <informationRequirement><requiredDecision href="#\(requires)"/></informationRequirement>
      <literalExpression><text>\(requires)</text></literalExpression></decision>
      """
    }
    let xml = Fixture.definitions(
      decision("a", requires: "b") + decision("b", requires: "c") + decision("c", requires: "b")
        + #"<decision id="d" name="d"><literalExpression><text>1</text></literalExpression></decision>"#
    )
    let reading = Fixture.read(xml: xml)
    #expect(
      reading.problems.map(\.message) == [
        "requirements in a circle: `b` requires `c` requires `b`; remove one of them"
      ])
    let evaluator = try #require(DecisionEvaluator(reading))
    let names = evaluator.model.decisions.filter { !evaluator.errors(of: Invocable($0)).isEmpty }.map(\.name)
    #expect(names == ["a", "b", "c"])
    let good = try #require(evaluator.model.invocable(named: "d"))
    #expect(try FeelJSON.write(evaluator.evaluate(good, input: FeelContext()).value) == "1")
  }

  @Test func `all errors of a file are told at once, with their places`() throws {
    let xml = Fixture.definitions(
      """
      <decision id="a" name="a">
        <informationRequirement><requiredInput href="#nowhere"/></informationRequirement>
        <decisionTable hitPolicy="BEST" aggregation="AVERAGE">
          <input><inputExpression><text>1 +</text></inputExpression></input>
          <output name="x"/>
          <output name="x"/>
          <rule><inputEntry><text>&lt; (</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
        </decisionTable>
      </decision>
      <decision id="a" name="b"><fuzzy/></decision>
      <decision id="c" name="c">
        <literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>
      </decision>
      <businessKnowledgeModel id="k" name="k">
        <encapsulatedLogic kind="Java"><context/></encapsulatedLogic>
      </businessKnowledgeModel>
      """)
    let reading = Fixture.read(xml: xml)
    let evaluator = try #require(DecisionEvaluator(reading))
    #expect(
      evaluator.problems.map(\.description) == [
        "test.dmn:2:1: error: `a` requires `nowhere`, which is no input data of this file; correct the `href`",
        "test.dmn:4:3: error: `BEST` is no hit policy; the policies are UNIQUE, ANY, PRIORITY, FIRST, "
          + "RULE ORDER, OUTPUT ORDER, COLLECT",
        "test.dmn:4:3: error: `AVERAGE` is no aggregation; the aggregations are SUM, MIN, MAX, COUNT",
        "test.dmn:5:38: error: `1 +` is no FEEL: an expression is expected, not the end",
        "test.dmn:7:5: error: a second output named `x` in a table of several; give each a name of its own",
        "test.dmn:8:5: error: the rule has 1 output entries and the table 2 outputs; make them equal",
        "test.dmn:8:32: error: `< (` is no FEEL: an expression is expected, not the end",
        "test.dmn:11:1: error: a second element with id `a`; give each an id of its own",
        "test.dmn:11:27: error: the element `fuzzy` is not an expression that is read; use a decision table "
          + "or FEEL text",
        "test.dmn:13:3: error: expressions in `javascript` are not read; write FEEL",
        "test.dmn:16:3: error: functions of kind `Java` are not run; use a decision table or FEEL text",
      ])
  }

  @Test func `an import is refused at its place, and what refers to it`() throws {
    func evaluator(_ text: String) throws -> DecisionEvaluator {
      let xml = Fixture.definitions(
        #"<import name="base" namespace="https://base.example"/><inputData id="i" name="x"/>"#
          + #"<decision id="d" name="d"><description>As base. says</description>"#
          + "<informationRequirement><requiredInput href=\"#i\"/></informationRequirement>"
          + "<literalExpression><text>\(text)</text></literalExpression></decision>")
      return try #require(DecisionEvaluator(ModelReader.read(Data(xml.utf8), file: "test.dmn")))
    }
    for text in ["base.Foo + 1", "1 + base . Foo", "base.a.b"] {
      let evaluator = try evaluator(text)
      let errors = evaluator.errors(of: Invocable(evaluator.model.decisions[0]))
      #expect(evaluator.problems == errors)
      #expect(errors.map(\.severity) == [.error, .error], "\(text)")
      #expect(errors[0].description.hasPrefix("test.dmn:2:1: error: models are read alone, and this one"))
      #expect(errors[1].message.hasPrefix("`base` is an imported model, which is not read;"))
    }
    for text in ["1", "x.base.y", "\"base.\"", "// base.Foo\n1", "{base: {y: 1}, z: base.y}.z"] {
      let evaluator = try evaluator(text)
      #expect(evaluator.problems.map(\.severity) == [.error], "\(text): \(evaluator.problems)")
      #expect(evaluator.problems[0].message.hasPrefix("models are read alone,"))
      let decision = evaluator.model.decisions[0]
      #expect(evaluator.errors(of: Invocable(decision)).isEmpty)
      _ = try evaluator.evaluate(decision, input: FeelContext())
    }
  }

  /// Told by the reader; nobody else may count on there being as many.
  @Test func `a rule of too many outputs, or too few, is refused`() throws {
    for outputs in ["", "<outputEntry><text>1</text></outputEntry><outputEntry><text>2</text></outputEntry>"] {
      let xml = Fixture.definitions(
        """
        <inputData id="i" name="x"/>
        <decision id="d" name="d"><informationRequirement><requiredInput href="#i"/></informationRequirement>
        <decisionTable><input><inputExpression><text>x</text></inputExpression></input>
        <output><outputValues><text>1</text></outputValues></output>
        <rule><inputEntry><text>-</text></inputEntry>\(outputs)</rule></decisionTable></decision>
        """)
      let evaluator = try #require(DecisionEvaluator(ModelReader.read(Data(xml.utf8), file: "test.dmn")))
      #expect(evaluator.problems.contains { $0.severity == .error }, "\(evaluator.problems)")
    }
  }

  @Test func `a type that is not defined is told, and refused where a model is imported`() throws {
    let input = """
      <inputData id="i" name="i"><variable name="i" typeRef="base.tAge"/></inputData>
      <inputData id="j" name="j"><variable name="j" typeRef="feel:number"/></inputData>
      """
    let told = "the type `base.tAge` of `i` is not defined; define it as an item definition"
    #expect(problems(Fixture.definitions(input)) == ["test.dmn:2:1: warning: \(told)"])
    let imported = Fixture.definitions(#"<import name="base" namespace="b"/>"# + input)
    #expect(problems(imported).last == "test.dmn:2:36: error: \(told)")
  }

  @Test func `types of another language are refused where FEEL has none of that name`() {
    let schema = #"typeLanguage="http://www.w3.org/2001/XMLSchema""#
    let input = #"<inputData id="i" name="i"><variable name="i" typeRef="xsd:int"/></inputData>"#
    let told =
      "the type `int` of `i` is not defined, and types of `http://www.w3.org/2001/XMLSchema` are not read;"
      + " define it as an item definition"
    let model = Fixture.definitions(input).replacing("<definitions ", with: "<definitions \(schema) ")
    #expect(problems(model) == ["test.dmn:2:1: error: \(told)"])
    func item(_ language: String, _ type: String) -> String {
      #"<itemDefinition name="t" typeLanguage="\#(language)"><typeRef>\#(type)</typeRef></itemDefinition>"#
    }
    #expect(problems(Fixture.definitions(item("juel", "string"))) == [])
    #expect(
      problems(Fixture.definitions(item("juel", "int") + input)) == [
        "test.dmn:2:1: error: the type `int` of `t` is not defined, and types of `juel` are not read; define it"
          + " as an item definition",
        "test.dmn:2:85: warning: the type `int` of `i` is not defined; define it as an item definition",
      ])
    let own = Fixture.definitions(item("FEEL", "int")).replacing(
      "<definitions ", with: "<definitions \(schema) ")
    #expect(problems(own) == ["test.dmn:2:1: warning: the type `int` of `t` is not defined; define it as an item"
      + " definition"])
  }

  @Test func `a type that is only another name of itself is refused`() {
    let items = [("t", "u"), ("u", "w"), ("w", "u"), ("v", "number")].map { name, type in
      "<itemDefinition name='\(name)'><typeRef>\(type)</typeRef></itemDefinition>"
    }
    #expect(
      problems(Fixture.definitions(items.joined(separator: "\n"))) == [
        "test.dmn:3:1: error: the type `u` is defined by itself: `u`, `w`, `u`; give one of them a type of FEEL's"
      ])
    let chain = (0..<50_000).map { "<itemDefinition name='t\($0)'><typeRef>t\($0 + 1)</typeRef></itemDefinition>" }
    // Circles of one each, too, of which 200 problems are listed, and that there are more.
    let circles = (0..<50_000).map { "<itemDefinition name='c\($0)'><typeRef>c\($0)</typeRef></itemDefinition>" }
    let time = ContinuousClock().measure {
      #expect(problems(Fixture.definitions(chain.joined())).count == 1)
      #expect(problems(Fixture.definitions(circles.joined())).count == 201)
    }
    #expect(time < .seconds(20))
    // One that holds itself is a tree.
    let tree = """
      <itemDefinition name='tree'><itemComponent name='leaves' isCollection='true'><typeRef>tree</typeRef>
      </itemComponent></itemDefinition>
      """
    #expect(problems(Fixture.definitions(tree)) == [])
  }

  @Test func `what is not well-formed or no DMN is refused`() {
    #expect(problems("") == ["test.dmn:1:1: error: the file is empty; write a DMN model"])
    #expect(problems("<a>\n<b></a>")[0].hasPrefix("test.dmn:2:"))
    #expect(problems("{}").count == 1)
    #expect(
      problems("<definitions xmlns='http://example.org'/>")[0].contains(
        "the root is `definitions` of"))
    #expect(problems(Fixture.definitions("&undeclared;")).count == 1)
  }

  @Test(arguments: [
    String(repeating: "(", count: 4000) + "1" + String(repeating: ")", count: 4000),
    String(repeating: "1 in (", count: 1000) + "1",
    String(repeating: "[", count: 5000),
    String(repeating: "-", count: 4999) + "1",
    "1" + String(repeating: "+1", count: 4999),
    "a" + String(repeating: ".a", count: 4999),
    String(repeating: "if ", count: 3000),
    String(repeating: "not(", count: 2000),
    String(repeating: "{a:", count: 3000),
    String(repeating: "< ", count: 4000) + "1",
    String(repeating: "(< ", count: 2000) + "1" + String(repeating: ")", count: 2000),
    "1 in " + String(repeating: "(< ", count: 2000) + "1" + String(repeating: ")", count: 2000),
    "1 instance of " + String(repeating: "list<", count: 3000) + "number",
    "1 instance of " + String(repeating: "function<", count: 3000) + "number",
  ])
  func `an expression that nests without end is refused, or evaluated`(text: String) {
    _ = try? FeelText.evaluate(text)
    _ = try? FeelText.test(text, of: .null)
  }

  /// A range that a text says is read as an expression is, however long the text.
  @Test(arguments: [
    "[1 instance of " + String(repeating: "list<", count: 100_000) + "number..2]",
    "[" + String(repeating: "< ", count: 100_000) + "5..6]",
    "[" + String(repeating: "(< ", count: 100_000) + "5..6]",
  ])
  func `a range that nests without end is none`(text: String) {
    #expect(throws: FeelSyntaxError.self) { try FeelParser.range(text) }
  }

  @Test(arguments: [
    ("{f: function(x) f(x + 1), r: f(1)}.r", "expressions and calls nest more than"),
    ("for a in 1..1000000, b in 1..1000000 return 1", "more than 100000 steps"),
    (#"matches(string join(for i in 1..40 return "a") + "!", "(a+)+$")"#, "takes too long"),
    (doubling("[0]", "[x, x]"), "more than"),
    (doubling("{a: 0}", "{a: x, b: x}"), "more than"),
    (doubling(#""aaaaaaaa""#, "x + x"), "a string has more than 16777216 bytes"),
    ("for i in 1..100000 return [partial[-1]]", "nests more than 200 deep"),
    (doubling("[0]", "concatenate(x, x)"), "more than"),
    ("for a in 1..100000000 return 1", "a loop over more than 1000000 elements"),
    ("some a in 1..100000, b in 1..100000 satisfies a + b < 0", "more than 100000 steps"),
  ])
  func `an evaluation without end is stopped`(text: String, message: String) throws {
    let error = #expect(throws: DMNProblem.self) {
      try FeelText.evaluate(text, stepCountMax: 100_000)
    }
    #expect(error?.message.contains(message) == true)
  }

  @Test func `a name that is nearly right is found`() throws {
    let model = try #require(try Fixture.read("loan-desk.dmn").model)
    #expect(model.namesNear("risk grad") == ["Risk Grade"])
    #expect(model.namesNear("Debt") == ["Total Debt", "Large Debts"])
    #expect(model.namesNear("zzz") == [])
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\": }", "01x", "\"a", "nul", "{\"a\": 1} x", "\"\\q\"", "{a: 1}",
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(throws: FeelJSON.Fault.self) { try FeelJSON.read(text) }
  }

  @Test func `deep JSON is refused`() {
    #expect(throws: FeelJSON.Fault.self) {
      try FeelJSON.read(String(repeating: "[", count: 100_000))
    }
  }

  @Test(arguments: ["PRIORITY", "OUTPUT ORDER"])
  func `a policy that ranks by output values is refused where no output has any`(policy: String) throws {
    func model(_ output: String, types: String = "") throws -> [String] {
      let xml = Fixture.definitions(
        """
        <inputData id="i" name="a"/>
        <decision id="d" name="d">
          <informationRequirement><requiredInput href="#i"/></informationRequirement>
          <decisionTable hitPolicy="\(policy)">
            <input><inputExpression><text>a</text></inputExpression></input>
            \(output)
            <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
          </decisionTable>
        </decision>
        \(types)
        """)
      let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: xml)))
      return evaluator.problems.map(\.description)
    }
    #expect(
      try model("<output/>") == [
        "test.dmn:5:3: error: \(policy) and no output with `outputValues`, which it ranks by; list the values"
          + " of an output, those of the highest priority first"
      ])
    #expect(try model("<output><outputValues><text>1, 2</text></outputValues></output>") == [])
    let type =
      "<itemDefinition name=\"t\"><typeRef>number</typeRef><allowedValues><text>1, 2</text></allowedValues>"
      + "</itemDefinition>"
    #expect(try model("<output typeRef=\"t\"/>", types: type) == [])
    let alias = "<itemDefinition name=\"u\"><typeRef>t</typeRef></itemDefinition>"
    #expect(try model("<output typeRef=\"u\"/>", types: type + alias) == [])
  }

  /// Values that a type allows may be written by every function.
  @Test(arguments: [
    ">= date and time(\"2026-01-01T00:00:00\")",
    "[date and time(\"2026-01-01T00:00:00\")..date and time(\"2026-12-31T00:00:00\")]",
  ])
  func `a date and time that its type does not allow is null`(allowed: String) throws {
    let xml = Fixture.definitions(
      """
      <itemDefinition name="moment"><typeRef>date and time</typeRef>
        <allowedValues><text>\(allowed.replacing("<", with: "&lt;"))</text></allowedValues></itemDefinition>
      <inputData id="i" name="a"><variable name="a" typeRef="moment"/></inputData>
      <decision id="d" name="d">
        <informationRequirement><requiredInput href="#i"/></informationRequirement>
        <literalExpression><text>a</text></literalExpression>
      </decision>
      """)
    let reading = Fixture.read(xml: xml)
    let model = try #require(reading.model)
    let evaluator = try #require(DecisionEvaluator(reading))
    for (text, isAllowed) in [("2025-12-31T00:00:00", false), ("2026-06-01T00:00:00", true)] {
      guard case .context(let input) = try FeelJSON.read("{\"a\": \"\(text)\"}") else { continue }
      let value = FeelJSON.write(try evaluator.evaluate(model.decisions[0], input: input).value)
      #expect(value == (isAllowed ? "\"\(text)\"" : "null"))
    }
  }
}
