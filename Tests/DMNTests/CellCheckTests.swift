import Foundation
import Testing

@testable import DMN

/// Cells that are null, or never hold, whatever the inputs are.
@Suite struct CellCheckTests {
  /// A table of a number and a string, with one rule of these cells.
  private static func model(
    _ number: String = "-", _ text: String = "-", _ result: String = "1", requires: Bool = true
  ) -> String {
    func escaped(_ cell: String) -> String {
      cell.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
    return Fixture.definitions(
      """
      <itemDefinition name="Grade"><typeRef>string</typeRef></itemDefinition>
      <inputData id="a" name="A"><variable name="A" typeRef="number"/></inputData>
      <inputData id="b" name="B"><variable name="B" typeRef="Grade"/></inputData>
      <inputData id="c" name="Upper Bound"><variable name="Upper Bound" typeRef="number"/></inputData>
      <decision id="d" name="D"><variable name="D"/>
      \(requires ? ["a", "b", "c"].map {
        "<informationRequirement><requiredInput href=\"#\($0)\"/></informationRequirement>"
      }.joined() : "")
      <decisionTable hitPolicy="FIRST">
      <input><inputExpression\(requires ? "" : " typeRef=\"number\"")><text>A</text></inputExpression></input>
      <input><inputExpression><text>B</text></inputExpression></input>
      <output/>
      <rule><inputEntry><text>\(escaped(number))</text></inputEntry>
      <inputEntry><text>\(escaped(text))</text></inputEntry>
      <outputEntry><text>\(escaped(result))</text></outputEntry></rule>
      </decisionTable></decision>
      """)
  }

  private static func problems(_ xml: String) throws -> [DMNProblem] {
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: xml)))
    #expect(evaluator.problems.map(\.description) == [])
    return evaluator.cellProblems
  }

  /// Cells of the column of numbers that can never hold, and a part of what is said about it.
  private static let dead = [
    ("> Bx", "never holds: nothing here is called `Bx`; require it, or write a text as `\"Bx\"`"),
    ("[1..Bx]", "`Bx`"), ("Bx", "`Bx`"), ("= Bx + 1", "`Bx`"), ("> -Bx", "`Bx`"), ("< Bx.y", "`Bx`"),
    ("> nothing(1)", "`nothing`"), ("not(> Bx)", "`Bx`"), ("> Bx, < Bx", "`Bx`"),
    ("\"a\"", "its column is of type number, and it is of type string; make them the same"),
    ("> \"a\"", "of type string"), ("[\"a\"..\"b\"]", "of type string"), ("not(\"a\")", "of type string"),
    ("true", "of type boolean"), ("> true", "booleans have no order"), ("= B", "of type string"),
    ("B", "of type string"), ("@\"2024-01-31\"", "of type date"),
    ("? > \"a\"", "`number > string` has no value"),
    ("> 1 + \"a\"", "`number + string` has no value"), ("> -\"a\"", "a string has no negative"),
    ("\"a\", \"b\"", "of type string"),
    ("< @\"2024-02-30\"", "`@\"2024-02-30\"` is no date, time or duration; write for example"),
    ("< date(\"2024-02-30\")", "`date(\"2024-02-30\")` is null; write for example `date(\"2024-01-31\")`"),
    ("[duration(\"P1\")..9]", "write for example `duration(\"P1D\")`"),
    ("date(\"2024-01-31\")", "of type date"), ("not(< @\"foo\")", "`@\"foo\"`"),
    ("not(!= @\"foo\")", "`@\"foo\"`"), ("not(@\"foo\", \"a\")", "of type string"),
    ("not([1..@\"foo\"])", "`@\"foo\"`"), ("not(? > time(\"25:00:00\"))", "`time(\"08:30:00\")`"),
  ]

  @Test(arguments: Self.dead)
  func `a cell that can never hold is an error at its place`(cell: String, why: String) throws {
    let problems = try Self.problems(Self.model(cell))
    let problem = try #require(problems.first)
    #expect(problems.count == 1)
    #expect(problem.severity == .error)
    #expect(problem.message.contains(why))
    // What they are of null, another test asks.
    let said = ["never holds", "holds for no value but null"]
    #expect(said.contains { problem.message.hasPrefix("`\(cell)` \($0): ") }, "\(problem.message)")
    // The line of the first entry, behind `<rule><inputEntry><text>`.
    let lines = Self.model(cell).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[problem.line - 1].hasPrefix("<rule>") && problem.column == 25)
  }

  /// The interpreter is the oracle: what is an error matches no value at all, and evaluation goes on.
  @Test(arguments: Self.dead)
  func `a cell that is said never to hold never does`(cell: String, why: String) throws {
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: Self.model(cell))))
    let decision = try #require(evaluator.model.decisions.first)
    for number in [-1, 0, 1, 2, 5] {
      for text in ["", "a", "b"] {
        let input = FeelContext([
          ("A", FeelValue(number)), ("B", .string(text)), ("Upper Bound", FeelValue(3)),
        ])
        #expect(try evaluator.evaluate(decision, input: input).value.isNull, "\(cell) \(number) \(text)")
      }
    }
  }

  /// Null is equal to no number, and different from each.
  private static let needless = [
    ("not(@\"2024-02-30\")", "`@\"2024-02-30\"` is no date"), ("!= @\"foo\"", "`@\"foo\"`"),
    ("not(date(\"foo\"))", "`date(\"foo\")` is null"), ("!= date(\"foo\")", "`date(\"foo\")` is null"),
    ("not(@\"foo\", date(\"foo\"))", "`@\"foo\"`"), ("!= @\"foo\", 1", "`@\"foo\"`"),
    ("not(= @\"foo\")", "`@\"foo\"`"), ("not([1..\"a\"])", "of type string"),
    ("not(Bx)", "nothing here is called `Bx`"), ("!= Bx", "`Bx`"), ("not(Bx + 1)", "`Bx`"),
    ("not(nothing(1))", "`nothing`"),
  ]

  @Test(arguments: Self.needless)
  func `a cell that holds for every value is an error that says so`(cell: String, why: String) throws {
    let problems = try Self.problems(Self.model(cell))
    #expect(problems.map(\.severity) == [.error])
    let message = try #require(problems.first).message
    #expect(message.hasPrefix("`\(cell)` holds for every value but null: "), "\(message)")
    #expect(message.contains(why), "\(message)")
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: Self.model(cell))))
    let decision = try #require(evaluator.model.decisions.first)
    for number in [FeelValue(-1), FeelValue(1), .null] {
      let input = FeelContext([("A", number), ("B", .string("a")), ("Upper Bound", FeelValue(3))])
      #expect(try evaluator.evaluate(decision, input: input).value.isNull == number.isNull, "\(cell)")
    }
  }

  @Test(arguments: [
    "-", "1", "> 1", "[1..Upper Bound]", "not(1, 2)", "null", "not(null)", "= A", "? > Upper Bound",
    "B = \"a\"", "> abs(-1)", "odd(?)", "< Upper Bound * 2", "[1, 2]", "if B = \"a\" then 1 else 2",
    "some x in [1, 2] satisfies x = ?", "> {x: 1, y: x}.y", "? in (1, 2)", "> max(for x in [1] return x)",
  ])
  func `a cell that may hold is none`(cell: String) throws {
    #expect(try Self.problems(Self.model(cell)).map(\.description) == [])
  }

  @Test func `what only a part of a cell says in vain is a warning`() throws {
    for cell in ["1, \"a\"", "> Bx, 2"] {
      let problems = try Self.problems(Self.model(cell))
      #expect(problems.map(\.severity) == [.warning])
      #expect(problems[0].message.contains("holds for less than it says"))
    }
    for cell in ["not(1, Bx)", "not(@\"foo\", 1)"] {
      let problems = try Self.problems(Self.model(cell))
      #expect(problems.map(\.severity) == [.warning])
      #expect(problems.first?.message.contains("holds for more than it says") == true)
    }
  }

  @Test func `a type that is based on another one, and a result that is always null`() throws {
    #expect(try Self.problems(Self.model("-", "1")).map(\.severity) == [.error])
    #expect(try Self.problems(Self.model("-", "\"a\"")).isEmpty)
    let low = try Self.problems(Self.model("-", "-", "low"))
    #expect(low.map(\.severity) == [.error])
    #expect(
      low[0].message
        == "`low` is always null: nothing here is called `low`; require it, or write a text as `\"low\"`")
    for result in ["null", "A", "A + 1", "", "\"low\"", "B", "if A > 1 then A else null"] {
      #expect(try Self.problems(Self.model("-", "-", result)).isEmpty, "\(result)")
    }
    #expect(try Self.problems(Self.model("-", "-", "A + B")).map(\.severity) == [.error])
    #expect(
      try Self.problems(Self.model("-", "-", "@\"foo\"")).map(\.message) == [
        "`@\"foo\"` is always null: `@\"foo\"` is no date, time or duration; write for example "
          + "`@\"2024-01-31\"`"
      ])
  }

  /// Null is among the inputs, too.
  @Test(arguments: [
    ("not(\"a\")", "holds for no value but null"), ("!= \"a\"", "holds for no value but null"),
    ("not(5, \"a\")", "holds for no value but null"), ("Zed", "holds for no value but null"),
    ("date(\"2024-13-01\")", "holds for no value but null"), ("\"a\" + 1", "holds for no value but null"),
    ("not(!= Zed)", "holds for no value but null"), ("\"a\"", "never holds"), ("< Zed", "never holds"),
    ("not(< Zed)", "never holds"), ("> true", "never holds"), ("!= Zed", "holds for every value but null"),
  ])
  func `what is said of a cell is so for null`(cell: String, said: String) throws {
    let xml = Self.model(cell)
    let problem = try #require(try Self.problems(xml).first)
    #expect(problem.message.contains(" \(said): "), "\(problem.message)")
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: xml)))
    let decision = try #require(evaluator.model.decisions.first)
    let holds = [
      (FeelValue.null, said.hasSuffix("no value but null")), (FeelValue(5), said.contains("every")),
    ]
    for (number, holds) in holds {
      let input = FeelContext([("A", number), ("B", .null), ("Upper Bound", .null)])
      #expect(try evaluator.evaluate(decision, input: input).value.isNull != holds, "\(cell) \(number)")
    }
  }

  @Test func `a decision that requires no input may name what the caller knows`() throws {
    let open = try Self.problems(Self.model("> Bx", requires: false))
    #expect(open.map(\.severity) == [.warning])
    #expect(try Self.problems(Self.model("> B", requires: false)).isEmpty, "a column's name")
    // Nothing makes its values fit: a text may come.
    let unlike = try Self.problems(Self.model("\"a\"", requires: false))
    #expect(unlike.map(\.severity) == [.warning])
    #expect(unlike.first?.message.contains("holds for no number, the type of its column: ") == true)
    #expect(try Self.problems(Self.model("? > \"a\"", requires: false)).isEmpty)
    // An interval of two kinds is none, whatever comes.
    let none = try Self.problems(Self.model("not([1..\"a\"])", requires: false))
    #expect(none.first?.message.contains(" holds for every value but null: ") == true, "\(none)")
  }

  /// Expressions beside tables are looked at, too.
  @Test func `an expression of a name that nothing has is told`() throws {
    func problems(_ text: String) throws -> [String] {
      let xml = Fixture.definitions(
        """
        <inputData id="a" name="A"><variable name="A" typeRef="number"/></inputData>
        <decision id="d" name="D"><variable name="D"/>
        <informationRequirement><requiredInput href="#a"/></informationRequirement>
        <literalExpression><text>\(text)</text></literalExpression></decision>
        """)
      return try Self.problems(xml).map(\.message)
    }
    for (text, name) in [("A + Bx", "Bx"), ("foo(A)", "foo"), ("Bx.y", "Bx")] {
      let found = try problems(text)
      #expect(found.count == 1, "\(found)")
      #expect(found.first?.contains("is always null: nothing here is called `\(name)`") == true, "\(found)")
    }
    for text in ["A + 1", "for i in [1, 2] return i + A", "[1, 2][item > A]", "sum([A, 1])", "null", "A = null"] {
      #expect(try problems(text).isEmpty, "\(text)")
    }
  }

  @Test func `an output that is none of its values is told`() throws {
    let values = "<output><outputValues><text>1, 2.50, \"x\"</text></outputValues></output>"
    func problems(_ result: String) throws -> [DMNProblem] {
      try Self.problems(Self.model("-", "-", result).replacing("<output/>", with: values))
    }
    for result in ["1", "2.5", "2.500", "\"x\"", "null", "", "A"] {
      #expect(try problems(result).isEmpty, "\(result)")
    }
    for result in ["3", "\"y\"", "-1", "true"] {
      let found = try problems(result)
      #expect(found.map(\.severity) == [.warning], "\(result)")
      #expect(found.first?.message.contains("is always null: it is none of the values") == true)
    }
  }

  @Test func `an output that its type makes null is told`() throws {
    func problems(_ result: String, _ type: String) throws -> [DMNProblem] {
      let typed = "<output typeRef=\"\(type.replacing("<", with: "&lt;"))\"/>"
      return try Self.problems(
        Self.model("-", "-", result).replacing("<output/>", with: typed)
          .replacing(
            "<inputData id=\"a\"",
            with: "<itemDefinition name=\"Low\"><typeRef>Grade</typeRef><allowedValues><text>\"low\"</text>"
              + "</allowedValues></itemDefinition><inputData id=\"a\""))
    }
    for (result, type) in [
      ("1", "number"), ("\"a\"", "Grade"), ("\"low\"", "Low"), ("null", "number"), ("A", "string"),
      ("1", "Any"), ("1", "list<number>"), ("1", "Unknown"), ("[1]", "number"),
      ("@\"2024-01-31\"", "date and time"), ("date(\"2024-01-31\")", "date and time"),
    ] {
      #expect(try problems(result, type).isEmpty, "\(result) \(type)")
    }
    for (result, type) in [
      ("1", "string"), ("\"a\"", "number"), ("\"a\"", "Low"), ("\"2024-01-31\"", "date"),
      ("1", "list<string>"), ("@\"2024-01-31\"", "number"), ("date(\"2024-01-31\")", "number"),
    ] {
      let found = try problems(result, type)
      #expect(found.map(\.severity) == [.warning], "\(result) \(type)")
      let message = found.first?.message ?? ""
      #expect(message == "`\(result)` is always null: it is no `\(type)`, the type of its output")
    }
  }

  @Test func `an output that its entry's or its table's type makes null is told, as a default is`() throws {
    func problems(
      _ result: String, own: String = "", output: String = "", table: String = "", standard: String = "",
      policy: String = "FIRST"
    ) throws -> [String] {
      func typed(_ type: String) -> String {
        type.isEmpty ? "" : " typeRef=\"\(type.replacing("<", with: "&lt;"))\""
      }
      let entry = standard.isEmpty ? "" : "<defaultOutputEntry><text>\(standard)</text></defaultOutputEntry>"
      let xml = Self.model("-", "-", result)
        .replacing("<outputEntry>", with: "<outputEntry\(typed(own))>")
        .replacing("<output/>", with: "<output\(typed(output))>\(entry)</output>")
        .replacing("hitPolicy=\"FIRST\"", with: "hitPolicy=\"\(policy)\"\(typed(table))")
      return try Self.problems(xml).map { "\($0.severity) \($0.message)" }
    }
    func null(_ value: String, _ type: String, _ of: String) -> [String] {
      ["warning `\(value)` is always null: it is no `\(type)`, the type of its \(of)"]
    }
    #expect(try problems("2", own: "string") == null("2", "string", "entry"))
    #expect(try problems("2", own: "string", output: "number") == null("2", "string", "entry"))
    #expect(try problems("2", own: "number", output: "string") == null("2", "string", "output"))
    #expect(try problems("2", own: "number", output: "number") == [])
    #expect(try problems("A", own: "string") == [])

    #expect(try problems("2", output: "number", standard: "\"q\"") == null("\"q\"", "number", "output"))
    #expect(try problems("2", output: "number", standard: "7") == [])
    #expect(try problems("2", standard: "\"q\"") == [])
    #expect(try problems("A", table: "number", standard: "\"q\"") == null("\"q\"", "number", "table"))
    for (standard, why) in [
      ("Zed", "nothing here is called `Zed`"), ("@\"2024-13-01\"", "no date, time or duration"),
      ("date(\"2024-13-01\")", "is null; write for example"),
    ] {
      let found = try problems("2", standard: standard)
      #expect(found.count == 1 && found[0].hasPrefix("error `\(standard)` is always null: "), "\(found)")
      #expect(found.first?.contains(why) == true, "\(found)")
    }

    #expect(try problems("2", table: "string") == null("2", "string", "table"))
    #expect(try problems("2", table: "number") == [])
    #expect(try problems("2", table: "list<number>") == [])
    #expect(try problems("2", table: "list<number>", policy: "COLLECT") == [])
    for policy in ["FIRST", "COLLECT", "COLLECT\" aggregation=\"SUM"] {
      #expect(
        try problems("2", output: "number", table: "string", standard: "7", policy: policy) == [
          "warning the table is always null: its output is a `number`, and its own type `string`"
        ])
    }
    let count = "COLLECT\" aggregation=\"COUNT"
    #expect(try problems("\"a\"", output: "string", table: "number", policy: count) == [])
    #expect(try problems("@\"2024-01-31\"", output: "date", table: "date and time") == [])
    #expect(try problems("2", output: "number", table: "number") == [])
    #expect(try problems("\"a\"", output: "Grade", table: "string") == [])
  }

  @Test func `no cell of the fixtures is an error`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)
      .filter { $0.hasSuffix(".dmn") }
    #expect(names.count >= 6)
    for name in names {
      let evaluator = try #require(DecisionEvaluator(try Fixture.read(name)))
      let errors = evaluator.cellProblems.filter { $0.severity == .error }
      #expect(errors.map(\.description) == [], "\(name)")
    }
  }
}
