import Tables
import Testing
import Wire

@testable import Rules

/// What the type of an output makes of its values: in cells, in lists, and in other formats.
@Suite struct OutputTypeTests {
  private static func source(_ policy: String, _ rows: String...) -> String {
    """
    ---
    trigger: post-login
    hitPolicy: \(policy)
    mode: enforce
    outputs:
      claim.n: number
      claim.b: boolean
    ---
    ## Rules
    | verdict | claim.n | claim.b | claim.s |
    |---|---|---|---|
    \(rows.joined(separator: "\n"))

    """
  }

  private static func outputs(_ table: Table) throws -> [String: String] {
    let plan = try #require(ChainCompiler.compile([table]).plan)
    let chain = try CompiledChain(plan)
    _ = try ChainProof.prove(chain, equals: [table])
    var evaluator = Evaluator()
    let message = ByteWriter()
    let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .deny)
    var out = ByteWriter()
    out.beginMessage(.reply)
    chain.view.write(decision, of: &evaluator, correlationID: 0, in: message.span, to: &out)
    out.finishMessage(decisionCount: 1)
    let reply = try Reply(reading: out.span).decisions[0]
    return Dictionary(uniqueKeysWithValues: reply.outputs.map { ($0.name, $0.value) })
  }

  private static let rows = [
    "| mfa | 12345678901234567890.12345678901234567890 | true | 1 |", "| deny | -007.50 | false | true |",
    "| allow | | | |", "| allow | -0.0 | true | a\\|b |",
  ]

  @Test(arguments: [TableFormat.markdown, .csv, .dmn])
  func `lists have numbers with all digits, booleans, and else strings, in every format`(
    format: TableFormat
  ) throws {
    let (read, diagnostics) = TableReader.read(
      Self.source("COLLECT", Self.rows[0], Self.rows[1], Self.rows[2], Self.rows[3]), file: "t.table.md")
    let table = try #require(read, "\(diagnostics)")
    let text = try table.text(format)
    let (again, problems) = TableReader.read(Array(text.utf8), file: "t\(format.fileSuffix)")
    let outputs = try Self.outputs(try #require(again, "\(problems)"))
    #expect(outputs["n"] == "[12345678901234567890.1234567890123456789,-7.5,null,0]")
    #expect(outputs["b"] == "[true,false,null,true]")
    #expect(outputs["s"] == #"["1","true",null,"a|b"]"#)
  }

  @Test func `a single hit has its values as they are, in the spelling of their type`() throws {
    let (table, _) = TableReader.read(Self.source("FIRST", Self.rows[1]), file: "t.table.md")
    let outputs = try Self.outputs(try #require(table))
    #expect(outputs["n"] == "-7.5" && outputs["b"] == "false" && outputs["s"] == "true")
  }

  @Test func `an example says elements without quotes, in any spelling`() throws {
    let examples = """
      ## Examples
      | example | verdict | claim.n | claim.b | claim.s |
      |---|---|---|---|---|
      | good | deny | 12345678901234567890.1234567890123456789, -7.50, null, 0 | true, false, null, true | 1, true, null, "a\\|b" |
      | bad | deny | 12345678901234567890, -7.5, null, 0 | false | 1, true, "null", "a\\|b" |

      """
    let (table, diagnostics) = TableReader.read(
      Self.source("COLLECT", Self.rows[0], Self.rows[1], Self.rows[2], Self.rows[3]) + examples,
      file: "t.table.md")
    let results = try ExampleRunner.run(try #require(table, "\(diagnostics)"))
    #expect(results[0].passed, "\(results[0])")
    #expect(results[1].failures.map(\.property) == ["claim.n", "claim.b", "claim.s"])
  }

  @Test func `what is no value of its type is reported at its cell, all at once`() {
    let (table, found) = TableReader.read(
      Self.source("COLLECT", "| mfa | 1e3 | yes | x |", "| mfa | . | TRUE | |"), file: "t.table.md")
    #expect(table == nil)
    #expect(
      found.map { String($0.description.prefix(40)) } == [
        "t.table.md:12:9: error: `1e3` is no numb", "t.table.md:12:15: error: `yes` is no boo",
        "t.table.md:13:9: error: `.` is no number", "t.table.md:13:13: error: `TRUE` is no bo",
      ], "\(found)")
  }

  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("-0.000", "0"), ("000", "0"), ("1", "1"), ("-1.50", "-1.5"),
    ("007", "7"), ("0.10", "0.1"), ("-00.05", "-0.05"), ("100", "100"), ("100.00", "100"),
    ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
  ])
  func `a decimal text keeps all of its digits and no other`(text: String, expected: String) {
    #expect(decimalText(text) == expected)
    #expect(decimalNumber(expected) == decimalNumber(text))
  }

  @Test(arguments: ["", "-", "--1", "+1", ".5", "5.", "1e3", "1_0", "inf", "nan", "1,5"])
  func `what is no decimal number has no decimal text`(text: String) {
    #expect(decimalText(text) == nil)
  }
}
