import Foundation
import RulesOracle
import Signals
import Testing
import Wire

@testable import Rules

/// Login tables in DMN files.
@Suite struct DecisionSourceTests {
  /// A decision table as a modelling tool writes it, with what DMN has no words for in extensions.
  private static func file(
    extended: String = "<postern:table trigger=\"post-login\" mode=\"enforce\"/>",
    policy: String = "hitPolicy=\"FIRST\"", columns: String = Self.columns, rules: String = Self.rules,
    behind: String = ""
  ) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:postern="urn:postern:dmn:1"
        xmlns:camunda="http://camunda.org/schema/1.0/dmn" name="d" namespace="n">
      <decision id="d1" name="Step up" camunda:historyTimeToLive="1">
        <extensionElements>
          \(extended)
          <camunda:other/>
        </extensionElements>
        <decisionTable id="t" \(policy)>
          \(columns)
          \(rules)
        </decisionTable>
      </decision>
      \(behind)
    </definitions>
    """
  }

  private static let extended = "<postern:table trigger=\"post-login\" mode=\"enforce\"/>"

  private static func extended(_ inside: String) -> String {
    file(extended: extended.replacing("/>", with: ">") + inside + "</postern:table>")
  }

  private static let columns = """
    <input id="i1" label="Risk">
            <inputExpression typeRef="number"><text>akamaiUserRisk.score</text></inputExpression>
          </input>
          <input id="i2">
            <inputExpression typeRef="string"><text>request.ip</text></inputExpression>
          </input>
          <output id="o1" name="verdict" typeRef="string">
            <outputValues><text>"deny","mfa","allow"</text></outputValues>
            <defaultOutputEntry><text>"allow"</text></defaultOutputEntry>
          </output>
          <output id="o2" name="reason" typeRef="string"/>
          <output id="o3" name="claim.points" typeRef="integer"/>
    """

  private static let rules = """
    <rule id="r1">
            <description>the first</description>
            <extensionElements><postern:rule name="high" mode="audit"/></extensionElements>
            <inputEntry><text>&gt;= 90, unverified</text></inputEntry>
            <inputEntry><text>"10.0.0.0/8"</text></inputEntry>
            <outputEntry><text>"mfa"</text></outputEntry>
            <outputEntry><text>"say \\"why\\""</text></outputEntry>
            <outputEntry><text>7</text></outputEntry>
          </rule>
          <rule id="r2">
            <inputEntry><text>absent</text></inputEntry>
            <inputEntry><text>-</text></inputEntry>
            <outputEntry><text>"deny"</text></outputEntry>
            <outputEntry><text></text></outputEntry>
            <outputEntry><text>null</text></outputEntry>
          </rule>
    """

  private static func errors(_ text: String) -> [String] {
    TableReader.read(text, file: "a.table.dmn").diagnostics.map(\.description)
  }

  @Test func `a decision table of signals is a login table`() throws {
    let (read, diagnostics) = TableReader.read(Self.file(), file: "dir/a.table.dmn")
    let table = try #require(read, "\(diagnostics)")
    #expect(diagnostics.isEmpty)
    #expect(table.name == "a" && table.title == "Step up" && table.trigger == "post-login")
    #expect(table.hitPolicy == .first && table.mode == .enforce)
    #expect(table.inputs.map(\.name) == ["akamaiUserRisk.score", "request.ip"])
    #expect(table.verdictValues == [.deny, .mfa, .allow] && table.defaultRule?.verdict == .allow)
    #expect(table.outputs.map(\.type) == [.string, .number])
    let rule = table.rules[0]
    #expect(rule.name == "high" && rule.mode == .audit && rule.comment == "the first")
    #expect(rule.cells.map { $0.states } == [.unverified, []])
    #expect(rule.cells[1].text(for: table.inputs[1]) == "10.0.0.0/8")
    #expect(rule.outputs.map(\.value) == ["say \"why\"", "7"])
    #expect(table.rules[1].outputs.isEmpty && table.rules[1].cells[1].isAny)
    #expect(rule.location.line == 22)
  }

  @Test func `every mistake of a file is reported at its own place`() {
    let text = Self.file(
      extended: "<postern:table mode=\"enforced\" colour=\"red\" hitPolicy=\"ANY\"/><postern:tabel/>",
      columns: Self.columns.replacing("akamaiUserRisk.score", with: "akamaiUserRisk.scor")
        .replacing("\"integer\"", with: "\"date\""),
      rules: Self.rules.replacing("\"10.0.0.0/8\"", with: "10.0.0.0/99")
        .replacing("\"deny\"</text></outputEntry>", with: "deny</text></outputEntry>"))
    let found = Self.errors(text)
    let wanted = [
      "no setting `colour`", "DMN has its own place for `hitPolicy`", "no `trigger`; add",
      "no element `postern:tabel` here", "`mode` is one of", "the type `date`",
      "a.table.dmn:11:49: error: no signal `akamaiUserRisk.scor`",
      "a.table.dmn:26:35: error: `/99` is no prefix length",
      "a.table.dmn:34:28: error: `deny` is no text",
    ]
    for text in wanted { #expect(found.contains { $0.contains(text) }, "\(text) in \(found)") }
  }

  @Test func `what a login table cannot hold is refused with its place`() {
    let cases: [(String, String)] = [
      (Self.file(behind: "<decision id=\"x\" name=\"Other\"/>"), "a second decision, `Other`"),
      (Self.file(rules: Self.rules.replacing("<text>7", with: "<text>3 + 4")), "`3 + 4` is no text"),
      (
        Self.file(columns: Self.columns.replacing(" name=\"verdict\"", with: " name=\"grade\"")),
        "no output `verdict` in the first place"
      ),
      (Self.file(policy: "hitPolicy=\"MOST\""), "`MOST` is no hit policy"),
      (
        Self.file(columns: Self.columns.replacing("</inputExpression>", with:
          "</inputExpression><inputValues><text>[0..9]</text></inputValues>")), "remove `inputValues`"
      ),
      (Self.file().replacing("</decisionTable>", with: ""), "not well-formed XML"),
      (
        Self.file().replacing("<decisionTable", with:
          "<informationRequirement><requiredDecision href=\"#x\"/></informationRequirement><decisionTable"),
        "the decision requires `x`"
      ),
      (Self.file(behind: "<businessKnowledgeModel id=\"k\" name=\"K\"/>"), "the knowledge model `K`"),
      (Self.file(behind: "<decisionService id=\"s\" name=\"S\"/>"), "the decision service `S`"),
      (
        Self.file(extended: Self.extended + Self.extended), "a second `postern:table`; remove one"
      ),
      (
        Self.extended("<postern:examples/><postern:examples/>"), "a second `postern:examples`; join them"
      ),
      (Self.extended("<postern:exampels/>"), "no element `postern:exampels` here"),
      (
        Self.extended("<postern:examples><postern:row/></postern:examples>"),
        "no element `postern:row` here"
      ),
      (
        Self.extended(
          "<postern:signal name=\"s.a\" type=\"number\"/><postern:signal name=\"s.a\" type=\"list\"/>"),
        "`s.a` is declared twice; remove one"
      ),
      (Self.extended("<postern:signal type=\"number\"/>"), "error: "),
      (
        Self.extended("<postern:signal name=\"s.a\" type=\"number\" max=\"9\"/>"),
        "a.table.dmn:6:58: error: no attribute `max` of `postern:signal`; write `name` or `type`"
      ),
      (
        Self.extended("<postern:list name=\"l\" file=\"l.txt\">x</postern:list>"),
        "a.table.dmn:6:58: error: text in `postern:list`, which has none; remove it"
      ),
      (
        Self.extended(
          "<postern:examples><postern:example><postern:cell/></postern:example></postern:examples>"),
        "a.table.dmn:6:93: error: no element `postern:cell` here; write `postern:entry`"
      ),
      (
        Self.extended("<examples/>"),
        "a.table.dmn:6:58: error: no element `examples` in `postern:table`; move it out, or write it in"
      ),
      (
        Self.file(rules: Self.rules.replacing("<extensionElements>", with: "")
          .replacing("</extensionElements>", with: "")),
        "a.table.dmn:24:9: error: `postern:rule` stands in `rule`; Postern's elements are read in"
      ),
      (
        Self.file(policy: "hitPolicy=\"FIRST\" postern:mode=\"audit\""),
        "a.table.dmn:9:5: error: no attribute `postern:mode` of `decisionTable`; correct the name"
      ),
      (
        Self.file(rules: Self.rules.replacing("<rule id=\"r1\">", with: "<Rule id=\"r1\">")
          .replacing("</rule>", with: "</Rule>", maxReplacements: 1)),
        "a.table.dmn:22:7: error: no element `Rule` in `decisionTable`; write `rule`"
      ),
      (
        Self.file(columns: Self.columns.replacing("name=\"verdict\" typeRef=\"string\"", with:
          "name=\"verdict\" typeRef=\"number\"")),
        "the type `number`; an output of a login table is of type `string`"
      ),
      (
        Self.file(columns: Self.columns.replacing("typeRef=\"number\"", with: "typeRef=\"date\"")),
        "the type `date`, and `akamaiUserRisk.score` is of type number; write that"
      ),
      (
        Self.file(columns: Self.columns.replacing("<inputExpression typeRef=\"string\">", with:
          "<inputExpression typeRef=\"dateTime\">")),
        "the type `dateTime`, and `request.ip` is of type string; write that"
      ),
      (
        Self.file(rules: Self.rules.replacing("name=\"high\"", with: "name=\"high\" colour=\"red\"")),
        "no attribute `colour` of `postern:rule`"
      ),
      (
        Self.file(
          columns: "<input><inputExpression><text>request.ip</text></inputExpression></input>", rules: ""),
        "no output `verdict` in the first place"
      ),
      (Self.file(columns: Self.columns.replacing(" name=\"reason\"", with: "")), "error: "),
      (
        Self.file().replacing("<decisionTable", with:
          "<literalExpression><text>1</text></literalExpression><x")
          .replacing("</decisionTable>", with: "</x>"), "`Step up` is no decision table"
      ),
      (
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\" name=\"d\""
          + " namespace=\"n\"/>",
        "no decision in the file; a login table is one decision table"
      ),
      (
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" + Self.file()
          .dropFirst(38), "document type declaration"
      ),
    ]
    for (text, message) in cases {
      let found = Self.errors(text)
      #expect(found.contains { $0.contains(message) }, "\(message) in \(found)")
      #expect(found.allSatisfy { $0.hasPrefix("a.table.dmn:") })
    }
  }

  @Test func `a signal with two types is declared twice, and not one of Postern's own`() {
    let errors = Self.errors(
      Self.extended(
        "<postern:signal name=\"s.a\" type=\"number\"/><postern:signal name=\"s.a\" type=\"date\"/>"))
    #expect(errors == ["a.table.dmn:6:100: error: `s.a` is declared twice; remove one"])
  }

  @Test func `formatting changes cells and nothing else`() throws {
    let text = Self.file(rules: Self.rules.replacing("&gt;= 90, unverified", with: " unverified,  &gt;=90 "))
    let formatted = try #require(
      TableFormatter.format(Array(text.utf8), file: "a.table.dmn").bytes)
    #expect(String(decoding: formatted, as: UTF8.self) == Self.file())
    #expect(TableFormatter.format(formatted, file: "a.table.dmn").bytes == formatted)
  }

  @Test(arguments: 0..<20)
  func `a table turned into DMN and back is the same table`(part: Int) throws {
    let seed = 0xD3_1127 + UInt64(part)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      let source = RandomSource(using: &random).text
      let table = try #require(TableReader.read(source, file: "t.table.md").table)
      var bytes = Array(source.utf8)
      var file = "t.table.md"
      for target in ["u.table.dmn", "v.table.csv", "w.table.dmn", "t.table.md"] {
        let (converted, diagnostics) = TableConverter.convert(bytes, file: file, to: target)
        bytes = try #require(converted, "seed \(seed): \(diagnostics)")
        file = target
        let text = String(decoding: bytes, as: UTF8.self)
        let (again, found) = TableReader.read(bytes, file: file)
        #expect(again?.unplaced() == table.unplaced(), "seed \(seed): \(found)\n\(source)\n\(text)")
      }
    }
  }

  @Test func `what XML cannot hold is refused when it is written`() throws {
    var table = try #require(TableReader.read(Self.file(), file: "a.table.dmn").table)
    table.rules[0].outputs[0].value = "bell \u{7}"
    let written = try table.text(.dmn)
    #expect(TableReader.read(written, file: "a.table.dmn").table?.rules[0].outputs[0].value == "bell \u{7}")
    table.rules[0].comment = "bell \u{7}"
    #expect(throws: UnwritableTable.self) { try table.text(.dmn) }
  }

  @Test func `the decision in the language's description is a login table`() throws {
    let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../ops/tables/README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    let start = try #require(text.firstRange(of: "```xml\n")).upperBound
    let end = try #require(text[start...].firstRange(of: "```")).lowerBound
    let file = """
      <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n"
        xmlns:postern="urn:postern:dmn:1">\(text[start..<end])</definitions>
      """
    let (read, diagnostics) = TableReader.read(file, file: "t.table.dmn")
    #expect(diagnostics == [])
    #expect(read?.rules.map(\.name) == ["high"])
  }
}
