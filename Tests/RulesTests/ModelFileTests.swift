import DMN
import Foundation
import RulesOracle
import Testing

@testable import Rules

/// Decision models as Markdown and as comma-separated values.
@Suite struct ModelFileTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../DMNTests/Fixtures")

  private static func models() throws -> [(name: String, model: DecisionModel)] {
    let names = try FileManager.default.contentsOfDirectory(atPath: fixtures.path)
      .filter { $0.hasSuffix(".dmn") }.sorted()
    try #require(names.count >= 6)
    return try names.map { name in
      let bytes = [UInt8](try Data(contentsOf: fixtures.appendingPathComponent(name)))
      return (name, try #require(ModelFile.read(bytes, file: name).model))
    }
  }

  private static func read(_ text: String, _ file: String) -> ModelReading {
    ModelFile.read(Array(text.utf8), file: file)
  }

  @Test func `every fixture turned into Markdown and back is the same model`() throws {
    for (name, model) in try Self.models() {
      let text = try ModelFile.text(of: model, for: "m.md")
      #expect(ModelFile.isModel(Array(text.utf8), file: "m.table.md"), "\(name)")
      let reading = Self.read(text, "m.md")
      #expect(reading.problems.map(\.description) == [], "\(name)\n\(text)")
      #expect(reading.model == model, "\(name)\n\(text)")
      #expect(ModelWriter.write(try #require(reading.model)) == ModelWriter.write(model))
    }
  }

  @Test func `a model among the tables is refused in one line`() throws {
    let (name, whole) = try #require(Self.models().first { $0.model.decisions.contains { $0.table != nil } })
    var model = whole
    model.decisions = [try #require(whole.decisions.first { $0.table != nil })]
    model.decisions[0].requirements.decisions = []
    model.decisions[0].requirements.knowledge = []
    (model.knowledgeModels, model.services) = ([], [])
    for file in ["a.table.md", "a.table.csv"] {
      let text = try ModelFile.text(of: model, for: file)
      let messages = TableReader.read(text, file: file).diagnostics.map(\.description)
      #expect(messages.count == 1, "\(name): \(messages)")
      #expect(messages[0].hasPrefix("\(file):1:1: error: a decision model, by which no login is decided"))
      #expect(messages[0].contains("give it a name that does not end in .table."))
    }
    let text = try ModelFile.text(of: whole, for: "a.table.dmn")
    let named = TableReader.read(text, file: "a.table.dmn").diagnostics.map(\.description)
    #expect(named.count == 1 && named[0].contains("a name that does not end in .table.dmn"), "\(named)")
    let position = try #require(ModelFile.read(Array(text.utf8), file: "a.table.dmn").model?.decisions.first?.position)
    #expect(named[0].hasPrefix("a.table.dmn:\(position.line):\(position.column): error: a decision model"))
    let given = TableReader.read(text, file: "a.dmn").diagnostics.map(\.description)
    #expect(given.count == 1 && given[0].contains("a login table has the output `verdict`"), "\(given)")
  }

  @Test func `every table of the fixtures turned into a CSV file and back is the same model`() throws {
    var count = 0
    for (name, model) in try Self.models() {
      for decision in model.decisions where decision.table != nil {
        var one = model
        one.decisions = [decision]
        one.decisions[0].requirements.decisions = []
        one.decisions[0].requirements.knowledge = []
        (one.knowledgeModels, one.services) = ([], [])
        let text = try ModelFile.text(of: one, for: "m.csv")
        #expect(ModelFile.isModel(Array(text.utf8), file: "m.csv"))
        let reading = Self.read(text, "m.csv")
        #expect(reading.problems.map(\.description) == [], "\(name)\n\(text)")
        #expect(reading.model == one, "\(name)\n\(text)")
        count += 1
      }
    }
    #expect(count >= 20)
  }

  /// Every form of expression inside of another, with ids, types and texts that need care.
  private static func model() -> DecisionModel {
    func literal(_ text: String, typeRef: String? = nil) -> BoxedExpression {
      BoxedExpression(.literal(SourceText(text)), typeRef: typeRef)
    }
    let forms: [BoxedExpression.Kind] = [
      .context([
        ContextEntry(name: "a | b", typeRef: "number", expression: literal("1 * 2 * 3")),
        ContextEntry(name: nil, expression: literal("// two\nlines", typeRef: "string")),
      ]),
      .invocation(
        called: literal("f"),
        bindings: [Binding(parameter: Parameter(name: "x", typeRef: "any"), expression: literal(""))]),
      .function(
        FunctionDefinition(parameters: [Parameter(name: "x")], body: literal("\"``` | \\\\s\""))),
      .list([]), .list([literal("\u{2192}"), literal("-")]),
      .relation(columns: [Parameter(name: "c", typeRef: "t")], rows: [[literal("1")], [literal("2")]]),
      .relation(columns: [], rows: []),
      .conditional(condition: literal("true"), then: literal("a < b"), otherwise: literal("null")),
      .filter(list: literal("[1..5]"), match: literal("item > 2")),
      .iteration(Iteration(form: .for, variable: "i", domain: literal("1..3"), body: literal("i"))),
      .iteration(Iteration(form: .some, variable: "i", domain: literal("l"), body: literal("i"))),
      .iteration(Iteration(form: .every, variable: "i", domain: literal("l"), body: literal("i"))),
    ]
    var table = DecisionTable(hitPolicy: .collect, aggregation: .min)
    table.orientation = "Rule-as-Row"
    table.inputs = [.init(expression: SourceText("if x then \"|\" else \"\"\n"), typeRef: "string")]
    table.inputs[0].expression.text = "if x then \"|\"\nelse \"\""
    table.inputs[0].allowedValues = SourceText("\"a\", \"b\"")
    table.outputs = [.init(name: nil, typeRef: "number")]
    table.outputs[0].defaultEntry = SourceText("1 + 1")
    table.annotations = ["", "why"]
    table.rules = [
      .init(inputEntries: [SourceText("")], outputEntries: [SourceText("-")], annotations: ["", "x_y_"])
    ]
    table.rules[0].description = "two\nlines"
    var model = DecisionModel(id: "m", name: "A: \"model\" # 1", namespace: "urn:x")
    for (index, kind) in (forms + [.table(table)]).enumerated() {
      var decision = Decision(id: "d\(index)", name: "D \(index)", typeRef: index == 3 ? "t" : nil)
      decision.description = index == 2 ? "some\nlines: `with` marks" : nil
      decision.expression = BoxedExpression(
        .list([BoxedExpression(kind, typeRef: "any", id: "e\(index)"), BoxedExpression(kind)]))
      model.decisions.append(decision)
    }
    var item = ItemDefinition(name: "t", typeRef: nil)
    item.isCollection = true
    item.components = [ItemDefinition(name: "c", typeRef: "string"), ItemDefinition(name: "s")]
    item.components[0].allowedValues = SourceText("\"a\"")
    item.components[1].components = [ItemDefinition(name: "deep > er", typeRef: "number")]
    var function = ItemDefinition(name: "fn")
    function.functionItem = FunctionItem()
    function.functionItem?.parameters = [Parameter(name: "p", typeRef: "number")]
    model.itemDefinitions = [item, function]
    return model
  }

  @Test func `every form of expression, however deep, is the same in Markdown`() throws {
    let model = Self.model()
    let text = try ModelFile.text(of: model, for: "m.md")
    let reading = Self.read(text, "m.md")
    #expect(reading.problems.filter { $0.severity == .error }.map(\.description) == [], "\(text)")
    #expect(reading.model == model, "\(text)")
    let xml = Self.read(ModelWriter.write(model), "m.dmn")
    #expect(xml.model == model)
  }

  @Test func `what a format cannot hold is refused with its place`() throws {
    func message(_ model: DecisionModel, _ file: String) -> String? {
      do throws(UnwritableModel) {
        _ = try ModelFile.text(of: model, for: file)
        return nil
      } catch { return "\(error.position.line): \(error.message)" }
    }
    var model = DecisionModel(name: "m", namespace: "n")
    #expect(message(model, "m.csv")?.contains("no decision table") == true)
    var decision = Decision(id: "d", name: "d")
    decision.position.line = 7
    decision.expression = BoxedExpression(.literal(SourceText("1")))
    model.decisions = [decision]
    #expect(message(model, "m.csv")?.hasPrefix("7: no decision table") == true)
    #expect(message(model, "m.md") == nil)
    model.decisions[0].question = "what \u{23CE}"
    #expect(message(model, "m.md")?.hasPrefix("7: `what") == true)
    model.decisions[0].question = nil
    model.decisions[0].expression = BoxedExpression(.table(DecisionTable()))
    model.decisions.append(decision)
    #expect(message(model, "m.csv")?.hasPrefix("7: `d`: a CSV file holds one") == true)
    model.decisions[0].extensions = [ModelExtension("table")]
    #expect(message(model, "m.md")?.contains("makes a login table") == true)
  }

  @Test func `every mistake in a model's text is reported with its place`() {
    let text = """
      ---
      model: m
      colour: red
      ---
      ## Type
      ## Inputs

      | input | kind |
      |-------|------|
      | a     |      |
      ## Decision: a
      - requires input: b
      - question: why
      - quetsion: how
      - form: list

      | part | expression |
      |------|------------|
      | item | \u{2192}          |
      | itme | 1          |
      ### 3
      ```feel
      1
      ```
      ## Decision: t

      | X | a | = r |
      |---|---|-----|
      | 1 | 2 | 3   |
      """
    let found = Self.read(text, "m.md").problems.map(\.description)
    let wanted = [
      "m.md:3:1: error: no setting `colour`", "m.md:5:1: error: no section `## Type`",
      "m.md:8:11: error: no column `kind`", "m.md:14:1: error: nothing here is called `quetsion`",
      "m.md:19:10: error: no part `1`", "m.md:17:1: error: these are not the parts of a list",
      "m.md:21:1: error: nothing refers to the part `3`", "m.md:27:3: error: `X` is no hit policy",
      "requires `b`, which is no input data",
    ]
    for message in wanted { #expect(found.contains { $0.contains(message) }, "\(message): \(found)") }
  }

  @Test(arguments: 0..<20)
  func `a damaged text is read or refused, and nothing else`(part: Int) throws {
    let seed = 0x40DE_1000 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    let text = Array(try ModelFile.text(of: Self.model(), for: "m.md").utf8)
    for _ in 0..<20 {
      var bytes = text
      for _ in 0...random.below(4) {
        bytes[random.below(bytes.count)] = random.pick(Array("|-#\n`: >a\u{0}".utf8))
      }
      let reading = ModelFile.read(Array(bytes.prefix(1 + random.below(bytes.count))), file: "m.md")
      #expect(reading.model != nil || reading.hasErrors, "seed \(seed)")
    }
  }

  @Test func `a file whose last line has no end is refused, and its decisions are not evaluated`() throws {
    for (name, model) in try Self.models() where model.decisions.first?.table != nil {
      var one = model
      one.decisions = [model.decisions[0]]
      one.decisions[0].requirements = Requirements()
      (one.knowledgeModels, one.services) = ([], [])
      for file in ["m.md", "m.csv"] {
        let bytes = Array(try ModelFile.text(of: one, for: file).utf8)
        #expect(!ModelFile.read(bytes, file: file, isWhole: true).hasErrors, "\(name)")
        for count in 1...8 {
          let reading = ModelFile.read(Array(bytes.dropLast(count)), file: file, isWhole: true)
          let isSaid = reading.problems.contains { $0.message.contains("may have been cut off") }
          #expect(isSaid && reading.hasErrors)
          guard let evaluator = DecisionEvaluator(reading), let decision = evaluator.model.decisions.first
          else { continue }
          #expect(throws: EvaluationError.self) { try evaluator.evaluate(decision, input: FeelContext()) }
        }
      }
    }
  }

  @Test func `the model in the description of the format is read and written as it stands there`()
    throws
  {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../ops/tables/models.md")
    let lines = try String(contentsOf: file, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let block = lines.drop { !$0.hasPrefix("    ") }.prefix { $0.isEmpty || $0.hasPrefix("    ") }
    let text = block.map { $0.dropFirst(4) + "\n" }.joined()
    let reading = Self.read(text, "m.md")
    #expect(reading.problems.map(\.description) == [])
    let model = try #require(reading.model)
    let lineEnds = text.reversed().prefix { $0 == "\n" }.count
    #expect(try ModelFile.text(of: model, for: "m.md") == text.dropLast(lineEnds - 1))
    let evaluator = try #require(DecisionEvaluator(reading))
    #expect(evaluator.problems.map(\.description) == [])
    guard case .context(let input) = try FeelJSON.read(#"{"Applicant": [{"Age": 30}, {"Age": 61}]}"#),
      let decision = model.invocable(named: "Risk Grade")
    else { return }
    let value = try evaluator.evaluate(decision, input: input).value
    #expect(FeelJSON.write(value) == #""middle""#)
  }

  @Test func `what is a model is told by what the file says, in each format`() throws {
    let model = DecisionModel(name: "m", namespace: "n")
    let xml = Array(ModelWriter.write(model).utf8)
    #expect(ModelFile.isModel(xml, file: "m.dmn"))
    #expect(ModelFile.read(xml, file: "m.dmn").model == model)
    #expect(try ModelFile.text(of: model, for: "m.dmn") == ModelWriter.write(model))
    let login = """
      <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:postern="urn:postern:dmn:1"
          name="d" namespace="n"><decision id="a" name="a"><extensionElements><postern:table/>
      </extensionElements></decision></definitions>
      """
    #expect(!ModelFile.isModel(Array(login.utf8), file: "a.table.dmn"))
    #expect(ModelFile.isModel(Array("\u{FEFF}# ---\n".utf8), file: "m.csv"))
    #expect(!ModelFile.isModel(Array("# trigger: a\n".utf8), file: "m.csv"))
    #expect(!ModelFile.isModel(Array("---\ntrigger: a\n---\n".utf8), file: "m.table.md"))
    #expect(ModelFile.read([0xFF], file: "m.md").hasErrors)
    #expect(ModelFile.read([0xFF], file: "m.csv").hasErrors)
  }

  /// Names, variables, types and ids that differ from each other, of everything that has them.
  @Test func `ids and variables that are not the name are kept`() throws {
    var model = DecisionModel(name: "m", namespace: "n")
    var input = InputData(id: "i-1", name: "In", typeRef: "number")
    input.variableName = "in var"
    model.inputs = [input]
    var knowledge = KnowledgeModel(id: "k-1", name: "K")
    (knowledge.variableName, knowledge.typeRef) = ("k var", "string")
    knowledge.function = FunctionDefinition(
      parameters: [Parameter(name: "x")], body: BoxedExpression(.literal(SourceText("x"))))
    model.knowledgeModels = [knowledge]
    var decision = Decision(id: "d-1", name: "D", typeRef: "string")
    decision.variableName = "d var"
    decision.requirements.inputs = ["i-1"]
    decision.requirements.knowledge = ["k-1"]
    decision.expression = BoxedExpression(.literal(SourceText("````")))
    model.decisions = [decision]
    var service = DecisionService(id: "s-1", name: "S")
    (service.variableName, service.typeRef) = ("s var", "string")
    service.outputDecisions = ["d-1"]
    service.inputData = ["i-1"]
    model.services = [service]
    let text = try ModelFile.text(of: model, for: "m.md")
    #expect(Self.read(text, "m.md").model == model, "\(text)")
    #expect(Self.read(ModelWriter.write(model), "m.dmn").model == model)
  }

  @Test func `a model that a text cannot say is refused, with what to do`() {
    func message(_ change: (inout DecisionModel) -> Void, for file: String = "m.md") -> String? {
      var model = DecisionModel(name: "m", namespace: "n")
      var decision = Decision(id: "d", name: "d")
      decision.expression = BoxedExpression(.table(DecisionTable()))
      model.decisions = [decision]
      change(&model)
      do throws(UnwritableModel) {
        _ = try ModelFile.text(of: model, for: file)
        return nil
      } catch { return error.message }
    }
    func expression(_ kind: BoxedExpression.Kind) -> (inout DecisionModel) -> Void {
      { $0.decisions[0].expression = BoxedExpression(kind) }
    }
    var table = DecisionTable(hitPolicy: .unique)
    table.inputs = [.init(expression: SourceText("= x"))]
    table.outputs = [.init(name: "o")]
    #expect(message(expression(.table(table))) == "`= x` is no input of a cell")
    table.inputs = (0..<2000).map { .init(expression: SourceText("x\($0)")) }
    #expect(message(expression(.table(table)))?.contains(" columns; ") == true)
    table.inputs = []
    table.rules = [.init(inputEntries: [], outputEntries: [SourceText("1")])]
    table.rules[0].extensions = [ModelExtension("rule")]
    #expect(message(expression(.table(table))) == "`postern:rule` is for login tables; remove it")
    table.rules[0].extensions = []
    #expect(message(expression(.table(table))) == nil)
    table.rules[0].outputTypeRefs = ["number"]
    #expect(
      message(expression(.table(table)))
        == "an output entry with another type than its output; give the output the type")
    #expect(message(expression(.unsupported(element: "x"))) == "`x` is not read; remove it")
    let code = message(expression(.literal(SourceText("a\rb"))))
    #expect(code == "a line end that is no line feed; write line feeds")
    let cell = BoxedExpression(.literal(SourceText("1")))
    #expect(
      message(expression(.relation(columns: [Parameter(name: "c")], rows: [[cell, cell]])))
        == "a row of a relation with another number of cells than columns")
    #expect(message { $0.decisions[0].description = "" } == "an empty text; remove it")
    #expect(
      message {
        var item = ItemDefinition(name: "t", typeRef: "number")
        item.functionItem = FunctionItem()
        $0.itemDefinitions = [item]
      } == "`t` is a function and something else; make it one")
    let control = message({ $0.decisions[0].name = "a\u{1}b" }, for: "m.dmn")
    #expect(control == "`a\u{1}b` has a character or a text that the format cannot hold")
    #expect(
      message({ $0.knowledgeModels = [KnowledgeModel(id: "k", name: "K")] }, for: "m.csv")
        == "`K`: a CSV file holds one decision table; convert to Markdown")
    #expect(
      message({ $0.services = [DecisionService(id: "s", name: "S")] }, for: "m.csv")
        == "`S`: a CSV file holds one decision table; convert to Markdown")
  }

  @Test func `mistakes in types, functions, services and rows are reported`() {
    let text = """
      ---
      model: [m, n]
      ---
      ## Types

      | type      | of | is     |
      |-----------|----|--------|
      | > > deep  |    |        |
      | odd       |    | round  |

      ## Knowledge model: k
      - variable: v
      - colour: red

      ## Service: s
      - variable: v
      - type: number
      - input decision: d
      - colour: red

      ## Decision: t

      | U | a | = r |
      |---|---|-----|
      | x | 2 | 3   |
      """
    let found = Self.read(text, "m.md").problems.map(\.description)
    let wanted = [
      "`model` is one value", "write 0 `> ` before it", "`round` is nothing that a type is",
      "no function; write `- form: function`", "nothing here is called `colour`",
      "`x` begins no row; write a rule's number",
    ]
    for message in wanted { #expect(found.contains { $0.contains(message) }, "\(message): \(found)") }
  }
}
