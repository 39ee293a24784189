import DMN
import Foundation
import RulesOracle
import Testing

@testable import Rules

/// What the analysis says of the decision tables of a DMN model.
@Suite struct ModelAnalysisTests {
  /// Elements of a model from line 2 on.
  private static func findings(_ body: String) throws -> [Finding] {
    try model(body).findings(file: "m.dmn")
  }

  private static func model(_ body: String) throws -> DecisionModel {
    let xml =
      "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"n\">\n"
      + body + "\n</definitions>"
    let reading = ModelReader.read(Data(xml.utf8), file: "m.dmn")
    #expect(reading.problems.map(\.description) == [])
    return try #require(reading.model)
  }

  private static func decision(
    _ name: String, _ policy: String, type: String = "number", values: String = "",
    output: String = "<output/>", _ rules: (String, String)...
  ) -> String {
    decision(name, policy, type: type, values: values, output: output, rules: rules)
  }

  private static func decision(
    _ name: String, _ policy: String, type: String = "number", values: String = "",
    output: String = "<output/>", rules: [(String, String)]
  ) -> String {
    let lines = rules.map { cell, output in
      "<rule><inputEntry><text>\(cell.replacing("<", with: "&lt;"))</text></inputEntry>"
        + "<outputEntry><text>\(output)</text></outputEntry></rule>"
    }
    return """
      <decision id="\(name)" name="\(name)"><decisionTable hitPolicy="\(policy)">
      <input><inputExpression typeRef="\(type)"><text>Age</text></inputExpression>\(values)</input>\(output)
      \(lines.joined(separator: "\n"))
      </decisionTable></decision>
      """
  }

  private static func lines(_ findings: [Finding]) -> [String] {
    findings.filter { $0.severity != .info || $0.kind == .notDecided }
      .map { "\($0.location.line): \($0.severity.rawValue): \($0.message)" }
  }

  @Test func `each table of a model is analysed, with the lines of its rules`() throws {
    let found = try Self.findings(
      [
        Self.decision("one", "UNIQUE", (">= 18", "1"), ("[10..20]", "2"), ("< 10", "3")),
        Self.decision("two", "FIRST", ("-", "1"), ("> 5", "2")),
        Self.decision("three", "FIRST", ("< 5", "1")),
      ].joined(separator: "\n")
    ).filter { $0.kind != .undecidedState }
    #expect(found.map { "\($0.location.line) \($0.kind)" }.filter { !$0.hasSuffix("Form") } == [
      "5 overlap", "11 masked", "13 gap",
    ], "\(found)")
    #expect(found[0].severity == .error)
    #expect(found[0].message.hasPrefix("rule 1 (line 4) and rule 2 (line 5)"), "\(found[0].message)")
    #expect(found[0].input?.json.hasPrefix("{\"Age\":") == true)
  }

  @Test func `values that an input may not take leave no gap and no overlap`() throws {
    let values = "<inputValues><text>[0..100]</text></inputValues>"
    let all = Self.decision(
      "one", "UNIQUE", values: values, ("[0..50]", "1"), ("> 50", "2"), ("< 0", "3"))
    #expect(try Self.lines(Self.findings(all)) == ["6: warning: rule 3 (line 6) matches no input; remove it"])
    let some = Self.decision("one", "UNIQUE", values: values, ("[0..50]", "1"), ("> 60", "2"))
    let gap = try #require(try Self.findings(some).first { $0.kind == .gap })
    #expect(gap.regions.map(\.cells) == [["(50..60]"]])
    let texts = "<inputValues><text>\"a\", \"b\"</text></inputValues>"
    let text = Self.decision(
      "one", "UNIQUE", type: "string", values: texts, ("\"a\"", "1"), ("not(\"a\")", "2"))
    #expect(try Self.lines(Self.findings(text)) == [])
  }

  private static func messages(_ kinds: Finding.Kind..., of body: String) throws -> [String] {
    try findings(body).filter { kinds.contains($0.kind) }.map(\.message)
  }

  @Test func `rules of one order mislead by what they give`() throws {
    let text = try Self.messages(
      .misleading, .firstNormalForm,
      of: Self.decision(
        "one", "FIRST", output: "<output name=\"Grade\"/>", ("[0..10]", "\"low\""), ("[5..20]", "null"),
        ("[6..30]", "Base + 1")))
    #expect(
      text == [
        "the order of rules decides for 2 of them; rules that can be read in any order would be of first"
          + " normal form",
        "rule 2 (line 5) says `Grade` null, but rule 1 (line 4) above it says `Grade` \"low\" to a part of"
          + " what it matches; narrow it, so that it can be read alone",
        "rule 3 (line 6) says `Grade` Base + 1, but rule 1 (line 4) above it says `Grade` \"low\" to a part"
          + " of what it matches; narrow it, so that it can be read alone",
      ])
    let alike = Self.decision("one", "FIRST", ("[0..10]", "1"), ("[5..20]", "1.0"))
    #expect(try Self.messages(.misleading, .firstNormalForm, of: alike) == [])
  }

  /// Values that an input may not take are no rules, and no inputs either.
  @Test func `hit policies and columns are advised where values are allowed`() throws {
    let texts = "<inputValues><text>\"a\", \"b\"</text></inputValues>"
    let second = "<input><inputExpression typeRef=\"string\"><text>Kind</text></inputExpression>"
      + "<inputValues><text>\"x\", \"y\"</text></inputValues></input><output/>"
    func model(_ policy: String, _ rules: (String, String, String)...) -> String {
      Self.decision(
        "one", policy, type: "string", values: texts, output: second,
        rules: rules.map { ("\($0.0)@\($0.1)", $0.2) }
      ).replacing("@", with: "</text></inputEntry><inputEntry><text>")
    }
    let unique = "no two rules overlap, so `hitPolicy: UNIQUE` decides the same, and keeps it so"
    let apart = model("FIRST", ("\"a\"", "\"x\"", "1"), ("\"a\"", "\"y\"", "2"), ("\"b\"", "-", "3"))
    #expect(try Self.messages(.hitPolicy, .secondNormalForm, of: apart) == [unique])
    #expect(
      try Self.messages(
        .hitPolicy, .secondNormalForm, of: model("ANY", ("\"a\"", "-", "1"), ("\"b\"", "-", "2")))
        == [unique, "every cell of `Kind` is `-`; remove the column"])
    let any = model("FIRST", ("\"a\"", "\"x\"", "1"), ("\"a\"", "-", "1"), ("\"b\"", "-", "2"))
    #expect(
      try Self.messages(.hitPolicy, .secondNormalForm, of: any) == [
        "rules that overlap answer the same, so `hitPolicy: ANY` decides the same, and keeps it so",
        "no decision depends on `Kind`; remove the column",
      ])
    let needed = model("FIRST", ("\"a\"", "\"x\"", "1"), ("\"a\"", "-", "2"), ("\"b\"", "-", "2"))
    #expect(try Self.messages(.hitPolicy, .secondNormalForm, of: needed) == [])
    #expect(try Self.lines(Self.findings(needed)) == [], "and there is no gap")
  }

  @Test func `a type of the model and the input that it is of say what is allowed`() throws {
    let type =
      "<itemDefinition name=\"age\"><typeRef>number</typeRef><allowedValues><text>>= 0</text></allowedValues>"
      + "</itemDefinition>\n<inputData id=\"i\" name=\"Age\"><variable name=\"Age\" typeRef=\"age\"/></inputData>\n"
    let table = Self.decision("one", "UNIQUE", ("[0..50]", "1"), ("> 50", "2"))
      .replacing(" typeRef=\"number\"", with: "")
      .replacing("<decisionTable", with: "<informationRequirement><requiredInput href=\"#i\"/>"
        + "</informationRequirement><decisionTable")
    #expect(try Self.lines(Self.findings(type + table)) == [])
    let wider = type.replacing(">= 0", with: ">= -1")
    #expect(try Self.findings(wider + table).contains { $0.kind == .gap })
  }

  private static func item(_ name: String, _ base: String, _ allowed: String) -> String {
    "<itemDefinition name=\"\(name)\"><typeRef>\(base)</typeRef><allowedValues><text>\(allowed)</text>"
      + "</allowedValues></itemDefinition>\n"
  }

  private static func data(_ type: String) -> String {
    "<inputData id=\"i\" name=\"Age\"><variable name=\"Age\"\(type)/></inputData>\n"
  }

  private static let requirement =
    "<informationRequirement><requiredInput href=\"#i\"/></informationRequirement>"

  /// What evaluation does not hold a value to is no reason to call a rule dead.
  @Test func `values are allowed that only another thing's type forbids`() throws {
    let age = Self.item("age", "number", ">= 0")
    let table = Self.decision("one", "UNIQUE", type: "age", ("< 0", "1"), (">= 0", "2"))
    let untyped = table.replacing(" typeRef=\"age\"", with: "")
    let inner = untyped.replacing("<decision id=\"one\" name=\"one\">", with: "")
      .replacing("</decision>", with: "")
    let bodies = [
      // Of the expression, where the data has none.
      age + Self.data("") + table.replacing("<decisionTable", with: Self.requirement + "<decisionTable"),
      // Of data that the decision does not require.
      age + Self.data(" typeRef=\"age\"") + untyped,
      // Of data, where a parameter or an entry has its name.
      age + Self.data(" typeRef=\"age\"")
        + "<businessKnowledgeModel id=\"k\" name=\"k\"><encapsulatedLogic><formalParameter name=\"Age\"/>\(inner)</encapsulatedLogic></businessKnowledgeModel>",
      age + Self.data(" typeRef=\"age\"") + "<decision id=\"d\" name=\"d\">\(Self.requirement)<context>"
        + "<contextEntry><variable name=\"Age\"/><literalExpression><text>-1</text></literalExpression>"
        + "</contextEntry><contextEntry>\(inner)</contextEntry></context></decision>",
    ]
    for body in bodies { #expect(try Self.lines(Self.findings(body)) == [], "\(body)") }
    let typed = age + Self.data(" typeRef=\"age\"")
      + untyped.replacing("<decisionTable", with: Self.requirement + "<decisionTable")
    #expect(try Self.lines(Self.findings(typed)).contains { $0.contains("rule 1") && $0.contains("no input") })
  }

  /// The values that a type allows are all that it has, whatever it is based on; constraints narrow them.
  @Test
  func `what is allowed is what the nearest type allows that says so, within every constraint`() throws {
    let types = Self.item("age", "number", ">= 0") + Self.item("young", "age", "&lt;= 20")
    let table = Self.decision("one", "UNIQUE", ("[0..20]", "1")).replacing(" typeRef=\"number\"", with: "")
      .replacing("<decisionTable", with: Self.requirement + "<decisionTable")
      + Self.data(" typeRef=\"young\"")
    #expect(
      try Self.findings(types + table).filter { $0.kind == .gap }.flatMap(\.regions).map(\.cells)
        == [["< 0"]])
    let unsaid = types.replacing("<allowedValues><text>&lt;= 20</text></allowedValues>", with: "")
    #expect(
      try Self.findings(unsaid + table).filter { $0.kind == .gap }.flatMap(\.regions).map(\.cells)
        == [["> 20"]])
    let constrained = types.replacing(
      "<allowedValues><text>>= 0</text></allowedValues>",
      with: "<typeConstraint><text>>= 0</text></typeConstraint>")
    #expect(try Self.lines(Self.findings(constrained + table)) == [])
    let none = constrained.replacing("&lt;= 20", with: "&lt; 0")
    #expect(
      try Self.lines(Self.findings(none + table)).contains {
        $0.hasSuffix("is not analysed: no value of `Age` is allowed")
      })
  }

  @Test func `a null that no rule decides is a hint`() throws {
    let table = Self.decision("one", "UNIQUE", ("< 5", "1"), (">= 5", "2"))
    let found = try Self.findings(table).filter { $0.kind == .undecidedState }
    #expect(
      found.map(\.message) == [
        "not every input with `Age` null is decided; add a rule for them, or a last rule of `-`"
      ])
    #expect(found.map(\.severity) == [.info] && found[0].regions.map(\.cells) == [["null"]])
    let decided = Self.decision("one", "UNIQUE", ("< 5", "1"), (">= 5", "2"), ("null", "3"))
    #expect(try !Self.findings(decided).contains { $0.kind == .undecidedState })
  }

  @Test func `numbers beyond all doubles are not taken for one another`() throws {
    let table = Self.decision("one", "UNIQUE", ("1E+400", "1"), ("1E+401", "2"))
    #expect(
      try Self.lines(Self.findings(table)) == [
        "4: info: the table of `one` is not analysed: `1E+400` compares with a number of more than 15 digits, or"
          + " beyond 1E308, which the analysis does not tell apart"
      ])
  }

  @Test func `a table that cannot be analysed is told with the line of what is in the way`() throws {
    let name = Self.decision("one", "UNIQUE", ("18", "1"), ("> Limit", "2"))
    #expect(
      try Self.lines(Self.findings(name)) == [
        "5: info: the table of `one` is not analysed: `> Limit` says more than literals do"
      ])
    let date = Self.decision("one", "UNIQUE", type: "date", ("18", "1"))
    #expect(
      try Self.lines(Self.findings(date)) == [
        "3: info: the table of `one` is not analysed: `Age` is a date and compared with something else"
      ])
    let values = "<output><outputValues><text>1, 2</text></outputValues></output>"
    let rank = Self.decision("one", "PRIORITY", output: values, ("18", "Limit"))
    #expect(
      try Self.lines(Self.findings(rank)) == [
        "4: info: the table of `one` is not analysed: what `Limit` gives, and so its priority, is calculated"
      ])
    let any = Self.decision("one", "ANY", ("> 1", "1"), ("> 2", "Limit"), ("<= 1", "1"))
    #expect(
      try Self.lines(Self.findings(any)) == [
        "5: info: not decided whether rule 1 (line 4) and rule 2 (line 5), which match the same, give the same:"
          + " it is calculated"
      ])
  }

  @Test func `a table of more rules than are analysed is told at once`() throws {
    let rule = "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
    let rules = String(repeating: rule, count: 16_384)
    let body = Self.decision("one", "UNIQUE", ("18", "1")).replacing("</decisionTable>", with: rules + "</decisionTable>")
    #expect(
      try Self.lines(Self.findings(body)) == [
        "2: info: the table of `one` is not analysed: it has 16385 rules; 16384 is the most"
      ])
  }

  /// Rules that all overlap: 4,000 took a minute, whatever the budget.
  @Test func `contractions of many rules that overlap are bounded by the budget`() throws {
    let model = try Self.model(
      Self.decision("one", "COLLECT", rules: (0..<4000).map { ("[\($0)..\($0 + 4000)]", "1") }))
    let source = try #require(model.decisions[0].table)
    let budget = Budget(stepCountMax: 1_000_000)
    let table = try AnalysableTable(
      source, of: "one", model.decisions[0], in: model, ItemTypes([]), file: "m.dmn",
      at: source.inputs[0].position, budget
    ).table
    var analyser = Analyser(table, budget)
    let start = ContinuousClock.now
    analyser.findContractions()
    #expect(start.duration(to: .now) < .seconds(20))
    #expect(analyser.budget.stepCount < 40_000_000)
  }

  /// The type of an input, the cells of a table, and what is found: messages begin so, and inputs are these.
  private typealias Case = (type: String, cells: [String], messages: [String], inputs: [String])

  private static let temporalCases: [Case] = [
    // Days follow one another: nothing is between two of them.
    ("date", ["<= date(\"2026-06-30\")", ">= date(2026, 7, 1)"], [], []),
    (
      "date", ["< date(\"2026-01-01\")", "[@\"2026-01-01\"..@\"2026-06-30\"]", "> date(\"2026-07-01\")"],
      ["no rule matches `Age` date(\"2026-07-01\"); add a rule for it,"], ["{\"Age\":\"2026-07-01\"}"]
    ),
    (
      "date", ["<= date(\"2026-02-28\")", ">= date(\"2026-02-27\")"],
      ["rule 1 (line 4) and rule 2 (line 5) both match `Age` date(\"2026-02-27\");"],
      ["{\"Age\":\"2026-02-27\"}"]
    ),
    (
      "yearMonthDuration", ["< duration(\"P1Y\")", "> duration(\"P12M\")"],
      ["no rule matches `Age` duration(\"P1Y\"); add a rule for it,"], ["{\"Age\":\"P1Y\"}"]
    ),
    ("years and months duration", ["<= duration(\"P1Y\")", ">= duration(\"P13M\")"], [], []),
    // Between two seconds there are others.
    (
      "dayTimeDuration", ["<= duration(\"PT1S\")", ">= @\"PT2S\""],
      ["no rule matches `Age` duration(\"PT1.5S\"); add a rule for it,"], ["{\"Age\":\"PT1.5S\"}"]
    ),
    (
      "days and time duration",
      ["[duration(\"-PT1H\")..duration(\"P1DT2H\")]", "< @\"-PT1H\"", "> @\"P1DT2H\""],
      [], []
    ),
    // A day begins and ends; a nanosecond is the least there is.
    ("time", ["< time(\"08:00:00\")", ">= time(8, 0, 0)"], [], []),
    (
      "time", ["[@\"00:00:00\"..@\"12:00:00\"]", "> time(\"12:00:00.000000001\")"],
      ["no rule matches `Age` time(\"12:00:00.000000001\"); add a rule for it,"],
      ["{\"Age\":\"12:00:00.000000001\"}"]
    ),
    (
      "time", ["not(time(\"08:00:00\"))"], ["no rule matches `Age` time(\"08:00:00\"); add a rule for it,"],
      ["{\"Age\":\"08:00:00\"}"]
    ),
    // The same time, in two zones; and those whose day is not UTC's.
    ("time", ["< time(\"08:00:00Z\")", ">= time(\"10:00:00+02:00\")"], [], []),
    (
      "time", ["< time(\"00:00:00+14:00\")", "> time(\"00:00:00+14:00\")"],
      ["no rule matches `Age` time(\"00:00:00+14:00\"); add a rule for it,"],
      ["{\"Age\":\"00:00:00+14:00\"}"]
    ),
    (
      "time", ["<= time(\"23:59:59-14:00\")"],
      ["no rule matches `Age` time(\"23:59:59.000000001-14:00\"); add a rule for it,"],
      ["{\"Age\":\"23:59:59.000000001-14:00\"}"]
    ),
    (
      "date and time", ["<= date and time(\"2026-01-01T00:00:00\")", ">= @\"2026-01-01T00:00:01\""],
      ["no rule matches `Age` date and time(\"2026-01-01T00:00:00.5\"); add a rule for it,"],
      ["{\"Age\":\"2026-01-01T00:00:00.5\"}"]
    ),
    (
      "dateTime", ["<= date and time(\"2026-01-01T01:00:00+01:00\")", ">= @\"2026-01-01T00:00:00Z\""],
      ["rule 1 (line 4) and rule 2 (line 5) both match `Age` date and time(\"2026-01-01T00:00:00Z\");"],
      ["{\"Age\":\"2026-01-01T00:00:00Z\"}"]
    ),
    // The zone's summer.
    (
      "date and time",
      ["< @\"2026-07-01T12:00:00@Europe/Paris\"", "> date and time(\"2026-07-01T10:00:00Z\")"],
      ["no rule matches `Age` date and time(\"2026-07-01T10:00:00Z\"); add a rule for it,"],
      ["{\"Age\":\"2026-07-01T10:00:00Z\"}"]
    ),
  ]

  @Test(arguments: temporalCases.indices)
  func `dates, times and durations are analysed in their own words`(index: Int) throws {
    let (type, cells, messages, inputs) = Self.temporalCases[index]
    let rules = cells.enumerated().map { ($1, "\($0)") }
    let found = try Self.findings(Self.decision("one", "UNIQUE", type: type, rules: rules))
      .filter { $0.kind == .gap || $0.kind == .overlap || $0.kind == .notDecided }
    #expect(found.count == messages.count, "\(found.map(\.message))")
    for (finding, message) in zip(found, messages) { #expect(finding.message.hasPrefix(message)) }
    #expect(found.compactMap { $0.input?.json } == inputs)
  }

  /// With a zone and without they have two orders; fractions of seconds since 1970 cannot all be told apart.
  @Test(arguments: [
    ("time", "< time(\"08:00:00\"), > time(\"09:00:00Z\")", "`Age` is compared with values of several kinds"),
    (
      "date and time", "> @\"2026-01-01T00:00:00Z\", < @\"2026-01-01T00:00:00\"",
      "`Age` is compared with values of several kinds"
    ),
    ("time", "< @\"2026-01-01T00:00:00Z\"", "`Age` is a time and compared with something else"),
    (
      "date and time", "> @\"2026-01-01T00:00:00.123456789Z\"",
      "`> @\"2026-01-01T00:00:00.123456789Z\"` compares with a date and time with a fraction of a second, which"
        + " the analysis does not tell apart"
    ),
    (
      "date and time", "[date and time(\"2026-01-01T00:00:00\")..date and time(\"2026-01-01T00:00:00.5\")]",
      "compares with a date and time with a fraction of a second, which the analysis does not tell apart"
    ),
    (
      "days and time duration", "< duration(\"PT0.5S\")",
      "compares with a duration with a fraction of a second, which the analysis does not tell apart"
    ),
    ("date", "< duration(\"P1D\")", "`Age` is a date and compared with something else"),
    ("date", "< date(2026, 2, 30)", "`< date(2026, 2, 30)` says more than literals do"),
    (
      "date", "[date(\"2026-01-01\")..duration(\"P1D\")]",
      "`[date(\"2026-01-01\")..duration(\"P1D\")]` says more than literals do"
    ),
  ])
  func `what has no one order is not analysed`(type: String, cell: String, message: String) throws {
    let found = try Self.findings(Self.decision("one", "UNIQUE", type: type, (cell, "1")))
    #expect(found.count == 1 && found[0].message.hasSuffix(message), "\(found.map(\.message))")
    #expect(found.map(\.kind) == [.notDecided])
  }

  /// A look at a set of many ranges is no single step: 500 rules took 16 s.
  @Test func `cells of many literals take more of the budget than others`() throws {
    /// What a million steps take.
    func duration(_ decision: String) throws -> Duration {
      let model = try Self.model(decision)
      let start = ContinuousClock.now
      let found = model.findings(file: "m.dmn", budget: Budget(stepCountMax: 1_000_000))
      #expect(found.contains { $0.kind == .notDecided })
      return start.duration(to: .now)
    }
    let values = (0..<1800).map(String.init).joined(separator: ",")
    let rules = (0..<200).map { rule in
      ("not(" + (0..<100).map { "\((rule + $0) % 1800)" }.joined(separator: ",") + ")", "\(rule)")
    }
    let many = try duration(
      Self.decision("one", "FIRST", values: "<inputValues><text>\(values)</text></inputValues>", rules: rules))
    let single = try duration(
      Self.decision("one", "COLLECT", rules: (0..<4000).map { ("[\($0)..\($0 + 4000)]", "1") }))
    // LIMIT: some twelve times; where such a look was one step, it was hundreds.
    #expect(many < single * 50, "\(single) where each cell is one range")
  }

  @Test func `more literals than the budget is for are told with what to do`() throws {
    let budget = Budget(stepCountMax: 1 << 16)
    let lists = (0..<400).map { rule in
      ((0..<100).map { "\(rule + 1000 * $0)" }.joined(separator: ","), "\(rule)")
    }
    let found = try Self.model(Self.decision("one", "FIRST", rules: lists))
      .findings(file: "m.dmn", budget: budget).filter { $0.kind != .noExamples }
    #expect(found.map(\.kind) == [.notDecided], "\(found)")
    #expect(found[0].message.contains("to relate each rule to every other; raise --steps"))
    let ranges = (0..<700).map { "[\(10 * $0)..\(10 * $0 + 5)]" }.joined(separator: ",")
    let negated = (0..<100).map { rule in
      let holes = (0..<50).map { "[\(rule + 9 * $0)..\(rule + 9 * $0 + 2)]" }
      return ("not(\(holes.joined(separator: ",")))", "1")
    }
    let values = "<inputValues><text>\(ranges)</text></inputValues>"
    let refused = try Self.model(Self.decision("one", "FIRST", values: values, rules: negated))
      .findings(file: "m.dmn", budget: budget)
    #expect(refused.map(\.kind) == [.notDecided], "\(refused)")
    #expect(refused[0].message.hasSuffix("`Age` may have takes more than 65536 steps; raise --steps"))
  }

  @Test func `tables inside of other expressions are analysed too`() throws {
    let table = Self.decision("x", "UNIQUE", ("> 1", "1"), ("> 2", "2"))
    let inner = table.replacing("<decision id=\"x\" name=\"x\">", with: "").replacing("</decision>", with: "")
    let body =
      "<decision id=\"d\" name=\"d\"><context><contextEntry><variable name=\"v\"/>\n\(inner)</contextEntry>"
      + "</context></decision>\n<businessKnowledgeModel id=\"k\" name=\"k\"><encapsulatedLogic>"
      + "<formalParameter name=\"Age\"/>\(inner)</encapsulatedLogic></businessKnowledgeModel>"
    #expect(try Self.findings(body).filter { $0.kind == .overlap }.map(\.location.line) == [6, 11])
  }

  /// Two literals of a type, and JSON below, on and above each.
  struct Order: Sendable {
    var type: String
    var low, high: String
    var inputs: [String]
  }

  private static let orders = [
    Order(type: "number", low: "10", high: "20", inputs: ["9", "10", "11", "20", "21"]),
    Order(
      type: "date", low: "date(\"2026-01-31\")", high: "@\"2026-02-02\"",
      inputs: ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03"].map { "\"\($0)\"" }),
    Order(
      type: "time", low: "time(\"10:00:00\")", high: "@\"20:00:00\"",
      inputs: ["09:59:59.999999999", "10:00:00", "10:00:00.000000001", "20:00:00", "23:59:59"]
        .map { "\"\($0)\"" }),
    Order(
      type: "time", low: "time(\"10:00:00Z\")", high: "@\"22:00:00+02:00\"",
      inputs: ["11:59:59+02:00", "10:00:00Z", "12:00:01+02:00", "15:00:00-05:00", "23:00:00-14:00"]
        .map { "\"\($0)\"" }),
    Order(
      type: "date and time", low: "date and time(\"2026-01-01T10:00:00\")", high: "@\"2026-01-01T20:00:00\"",
      inputs: ["2025-12-31T23:00:00", "2026-01-01T10:00:00", "2026-01-01T10:00:00.5", "2026-01-01T20:00:00",
        "2026-01-01T20:00:01"].map { "\"\($0)\"" }),
    Order(
      type: "date and time", low: "@\"2026-01-01T10:00:00Z\"", high: "@\"2026-01-01T21:00:00@Europe/Paris\"",
      inputs: ["2026-01-01T10:59:59+01:00", "2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z",
        "2026-01-01T15:00:00-05:00", "2026-01-01T20:00:01Z"].map { "\"\($0)\"" }),
  ]

  /// On a grid of inputs on, below and above every boundary, DMN's engine says the same.
  @Test(arguments: ["UNIQUE", "FIRST"], orders)
  func `overlaps, gaps and masked rules are those that evaluating finds`(policy: String, order: Order) throws {
    let patterns = ["-", "< A", ">= A", "[A..B)", "A", "not(A, B)", "(A..B]", "A, B", "not([A..B])", "not(< A)", "!= B"].map {
      $0.replacing("A", with: order.low).replacing("B", with: order.high)
    }
    for seed in UInt64(0)..<120 {
      var random = SeededGenerator(seed: 0xDA7A_0000 + seed)
      let rules = (1...(1 + random.below(4))).map { number in
        let age = random.pick(patterns)
        let kind = random.pick(["-", "-", "\"a\"", "not(\"a\")", "\"a\", \"b\"", "null", "not(null)"])
        return "<rule><inputEntry><text>\(age.replacing("<", with: "&lt;"))</text></inputEntry><inputEntry><text>"
          + "\(kind)</text></inputEntry><outputEntry><text>\(number)</text></outputEntry></rule>"
      }
      let values = random.chance(40) ? "<inputValues><text>\"a\", \"b\"</text></inputValues>" : ""
      let xml = """
        <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
        <inputData id="a" name="age"><variable name="age" typeRef="\(order.type)"/></inputData>
        <inputData id="k" name="kind"/>
        <decision id="d" name="d"><informationRequirement><requiredInput href="#a"/></informationRequirement>
        <informationRequirement><requiredInput href="#k"/></informationRequirement>
        <decisionTable hitPolicy="\(policy)">
        <input><inputExpression typeRef="\(order.type)"><text>age</text></inputExpression></input>
        <input><inputExpression typeRef="string"><text>kind</text></inputExpression>\(values)</input><output/>
        \(rules.joined())</decisionTable></decision></definitions>
        """
      let reading = ModelReader.read(Data(xml.utf8), file: "m.dmn")
      let model = try #require(reading.model)
      let evaluator = try #require(DecisionEvaluator(reading))
      var given: Set<String> = []
      var warnings: Set<String> = []
      for age in order.inputs + ["null"] {
        for kind in ["\"a\"", "\"b\"", "\"c\"", "null"] {
          // What is not allowed is null: no input of its own.
          let isNull = kind == "null" || kind == "\"c\"" && !values.isEmpty
          guard case .context(let input) = try FeelJSON.read("{\"age\": \(age), \"kind\": \(kind)}") else { continue }
          let evaluation = try evaluator.evaluate(model.decisions[0], input: input)
          given.insert(FeelJSON.write(evaluation.value))
          if age != "null", !isNull || rules.joined().contains("null") {
            warnings.formUnion(evaluation.warnings.map(\.message))
          }
          if age != "null", !isNull { warnings.formUnion(evaluation.warnings.map { "value: \($0.message)" }) }
        }
      }
      let found = model.findings(file: "m.dmn")
      let note: Comment = "seed \(seed): \(rules), \(found)"
      let overlaps = warnings.contains { $0.contains("match at once") }
      if policy == "UNIQUE" { #expect(found.contains { $0.kind == .overlap } == overlaps, note) }
      let gaps = warnings.contains { $0.hasPrefix("value: no rule of the table matches") }
      #expect(found.contains { $0.kind == .gap } == gaps, note)
      if policy == "FIRST" {
        let masked = Set(found.filter { $0.kind == .masked }.map { String($0.rules[0].number) })
        #expect(masked == Set((1...rules.count).map(String.init)).subtracting(given), note)
      }
    }
  }
}
