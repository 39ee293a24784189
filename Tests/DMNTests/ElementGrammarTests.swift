import DMN
import Testing

/// What the standard does not have where it stands is refused; what it lets other tools add is not.
@Suite struct ElementGrammarTests {
  private static let version = "https://www.omg.org/spec/DMN/20230324/MODEL/"

  /// A model with one table, whose rule stands on line 7.
  private static let file = Fixture.definitions(
    """
    <decision id="d" name="d">
      <decisionTable hitPolicy="FIRST">
        <input><inputExpression typeRef="number"><text>x</text></inputExpression></input>
        <output/>
        <annotation name="why"/>
        <rule><inputEntry><text>&gt; 90</text></inputEntry><outputEntry><text>"no"</text></outputEntry></rule>
        <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"allow"</text></outputEntry></rule>
      </decisionTable>
    </decision>
    """)

  private func problems(_ xml: String) -> [String] {
    Fixture.read(xml: xml).problems.map(\.description)
  }

  @Test func `the file that these tests spoil is right`() {
    #expect(problems(Self.file) == [])
  }

  /// What to replace in the file for what, and what has to be reported of it.
  private static let spoiled: [(old: String, new: String, report: String)] = [
    (
      #"<annotation name="why"/>"#,
      #"<Rule><inputEntry><text>1</text></inputEntry><outputEntry><text>"a"</text></outputEntry></Rule>"#,
      "6:5: error: no element `Rule` in `decisionTable`; write `rule`"
    ),
    (
      #"<annotation name="why"/>"#, "<ruel/>",
      "6:5: error: no element `ruel` in `decisionTable`; correct the name or remove it"
    ),
    (
      #"<annotation name="why"/>"#, #"<rule xmlns="http://www.omg.org/spec/DMN/20180521/MODEL/"/>"#,
      "6:5: error: no element `rule` of namespace `http://www.omg.org/spec/DMN/20180521/MODEL/` in "
        + "`decisionTable`; write it in the namespace of `definitions`"
    ),
    (
      #"<annotation name="why"/>"#, #"<rule xmlns=""><inputEntry/></rule>"#,
      "6:5: error: no element `rule` of namespace `` in `decisionTable`; write it in the namespace of "
        + "`definitions`"
    ),
    (
      #"<annotation name="why"/>"#, #"<t:note xmlns:t="urn:tool"/>"#,
      "6:5: error: no element `note` of namespace `urn:tool` in `decisionTable`; remove it"
    ),
    (
      #"hitPolicy="FIRST""#, #"hitpolicy="ANY""#,
      "3:3: error: no attribute `hitpolicy` of `decisionTable`; write `hitPolicy`"
    ),
    (
      #"hitPolicy="FIRST""#, "d:hitPolicy=\"ANY\" xmlns:d=\"\(version)\"",
      "3:3: error: no attribute `d:hitPolicy` of `decisionTable`; write `hitPolicy`"
    ),
    (
      #"hitPolicy="FIRST""#, #"p:mode="off" xmlns:p="urn:postern:dmn:1""#,
      "3:3: error: no attribute `p:mode` of `decisionTable`; correct the name or remove it"
    ),
    (
      "</decision>", #"</decision><decicion id="e" name="e"/>"#,
      "10:12: error: no element `decicion` in `definitions`; correct the name or remove it"
    ),
    (
      "</decision>", #"</decision><decision xmlns="urn:tool" id="e" name="e"/>"#,
      "10:12: error: no element `decision` of namespace `urn:tool` in `definitions`; write it in the "
        + "namespace of `definitions`"
    ),
    (
      "</decision>", #"</decision><t:data xmlns:t="urn:tool"/>"#,
      "10:12: warning: no element `data` of namespace `urn:tool` in `definitions`; remove it"
    ),
    (
      "<text>&gt; 90</text>", "<txt>&gt; 90</txt>",
      "7:23: error: no element `txt` in `inputEntry`; correct the name or remove it"
    ),
    (
      "<text>&gt; 90</text>", "", "7:11: error: `inputEntry` has no `text`; write `<text>…</text>`, or "
        + "`<text>-</text>` for any value"
    ),
    (
      "<text>&gt; 90</text>", "&gt; 90",
      "7:11: error: text between the parts of `inputEntry`; write it in `<text>…</text>`"
    ),
    (
      "<text>&gt; 90</text>", "<text>-</text><text>&gt; 90</text>",
      "7:37: error: a second `text` of `inputEntry`; remove one"
    ),
    (
      "<text>&gt; 90</text>", "<text>-<description>&gt; 90</description></text>",
      "7:30: error: no element `description` in `text`; correct the name or remove it"
    ),
    (
      #"<text>"no"</text>"#, "<importedValues/>",
      "7:69: error: no element `importedValues` in `outputEntry`; correct the name or remove it"
    ),
    (
      #"<annotation name="why"/>"#,
      #"<extensionElements xmlns:p="urn:postern:dmn:1"><p:rule name="a"/></extensionElements>"#,
      "6:52: error: `postern:rule` stands in the `extensionElements` of `decisionTable`; Postern's elements "
        + "are read in the `extensionElements` of a decision or a rule: move it there"
    ),
    (
      "<rule><inputEntry><text>-", #"<rule><p:rule xmlns:p="urn:postern:dmn:1"/><inputEntry><text>-"#,
      "8:11: error: `postern:rule` stands in `rule`; Postern's elements are read in the "
        + "`extensionElements` of a decision or a rule: move it there"
    ),
    (
      "<rule><inputEntry><text>-",
      "<rule><extensionElements><rule/></extensionElements><inputEntry><text>-",
      "8:30: error: no element `rule` in `extensionElements`; move it out, or write it in Postern's namespace"
    ),
    (
      "</decision>",
      #"</decision><itemDefinition name="t" isCollection="yes"><typeRef>number</typeRef></itemDefinition>"#,
      "10:12: error: `isCollection` is `yes`; write `true` or `false`"
    ),
    (
      "</decision>",
      #"</decision><decision id="e" name="e"><conditional><if><list/><relation/></if>"#
        + "<then><list/></then><else><list/></else></conditional></decision>",
      "10:62: error: a second expression, `relation`, in `if`; it has one: remove the other"
    ),
  ]

  @Test(arguments: spoiled.indices)
  func `what the standard does not have is refused at its line`(index: Int) {
    let (old, new, report) = Self.spoiled[index]
    let xml = Self.file.replacing(old, with: new, maxReplacements: 1)
    #expect(xml != Self.file)
    let found = problems(xml)
    #expect(found.contains("test.dmn:" + report), "\(found)")
  }

  @Test func `a fault of one decision leaves the others`() throws {
    let other = #"<decision id="e" name="e"><literalExpression><text>1</text></literalExpression></decision>"#
    let xml = Self.file.replacing("hitPolicy", with: "hitpolicy")
      .replacing("</definitions>", with: other + "</definitions>")
    let evaluator = try #require(DecisionEvaluator(Fixture.read(xml: xml)))
    let spoiled = evaluator.model.invocables.filter { !evaluator.errors(of: $0).isEmpty }.map(\.name)
    #expect(spoiled == ["d"])
    let spaced = try #require(
      DecisionEvaluator(Fixture.read(xml: xml.replacing("name=\"d\"", with: "name=\"d  d\""))))
    let found = spaced.model.invocables.filter { !spaced.errors(of: $0).isEmpty }.map(\.name)
    #expect(found == ["d d"])
    let unknown = xml.replacing("<decision id=\"e\"", with: "<ruel/><decision id=\"e\"")
    let all = try #require(DecisionEvaluator(Fixture.read(xml: unknown)))
    #expect(all.model.invocables.allSatisfy { !all.errors(of: $0).isEmpty })
  }

  @Test func `more problems than are told spoil the file`() throws {
    let many = String(repeating: "<ruel/>", count: 300)
    let xml = Self.file.replacing(#"<annotation name="why"/>"#, with: many)
      .replacing("</definitions>", with: #"<decision id="e" name="e"><x/></decision></definitions>"#)
    let reading = Fixture.read(xml: xml)
    #expect(reading.problems.count == DMNLimits.problemCountMax + 1)
    #expect(reading.problems.contains { $0.element == nil && $0.message.hasPrefix("more than 200 problems") })
    let cell = "<rule><inputEntry><text>(</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
    let cells = Self.file
      .replacing("</decisionTable>", with: String(repeating: cell, count: 300) + "</decisionTable>")
    let told = try #require(DecisionEvaluator(Fixture.read(xml: cells))).problems
    #expect(told.count == DMNLimits.problemCountMax + 1)
    #expect(told.contains { $0.element == nil && $0.message.hasPrefix("more than 200 problems") })
  }

  @Test(arguments: [
    ("#i", true), ("i", true), ("n#i", true), ("test.dmn#i", true), ("http://other.example/model#i", false),
    ("other.dmn#i", false), ("n/m#i", false),
  ])
  func `a reference leads to this file or is refused`(href: String, isRead: Bool) {
    let reading = Fixture.read(
      xml: Fixture.definitions(
        """
        <inputData id="i" name="i"/><decision id="d" name="d">
          <informationRequirement><requiredInput href="\(href)"/></informationRequirement>
          <literalExpression><text>i</text></literalExpression></decision>
        """))
    let refusal = "test.dmn:3:27: error: `\(href)` leads to another file, which is not read; write "
      + "`href=\"#id\"` of an element of this one"
    #expect(reading.problems.map(\.description) == (isRead ? [] : [refusal]))
    #expect(reading.model?.decisions[0].requirements.inputs == (isRead ? ["i"] : []))
  }

  @Test(arguments: ModelReader.namespaces)
  func `what says nothing to an evaluator, and what other tools add, is passed over`(namespace: String) {
    let xml = """
      <?xml version="1.0" encoding="UTF-8"?>
      <definitions xmlns="\(namespace)" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
          xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:kie="http://www.drools.org/kie/dmn/1.2"
          xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="m" name="m" label="m" namespace="n"
          exporter="e" exporterVersion="1" typeLanguage="t" expressionLanguage="feel"
          camunda:diagramRelationId="1" xsi:schemaLocation="a b" xml:lang="en">
        <description>all of it</description>
        <extensionElements><kie:a><kie:b>text</kie:b><rule/></kie:a><dmndi:DMNDI/></extensionElements>
        <knowledgeSource id="k" name="k" locationURI="u">
          <authorityRequirement id="r"><requiredAuthority href="#k"/></authorityRequirement>
          <type>law</type><owner href="#o"/></knowledgeSource>
        <performanceIndicator id="p" name="p" URI="u"><impactingDecision href="#d"/></performanceIndicator>
        <organizationUnit id="o" name="o"><decisionMade href="#d"/><decisionOwned href="#d"/>
        </organizationUnit>
        <elementCollection id="c" name="c"><drgElement href="#d"/></elementCollection>
        <textAnnotation id="t" textFormat="text/plain"><text>note</text></textAnnotation>
        <association id="a" associationDirection="One"><sourceRef href="#d"/><targetRef href="#t"/>
        </association>
        <group id="g" name="g"/>
        <inputData id="x" name="x" label="x"><description>a</description><extensionElements/>
          <variable id="v" name="x" label="x" typeRef="number"><description/></variable></inputData>
        <decision id="d" name="d" label="d" camunda:historyTimeToLive="P1D">
          <question>q?</question><allowedAnswers>a</allowedAnswers><variable name="d"/>
          <informationRequirement id="i1"><requiredInput href="#x"/></informationRequirement>
          <authorityRequirement id="i2"><requiredAuthority href="other#k"/></authorityRequirement>
          <supportedObjective href="#p"/><impactedPerformanceIndicator href="#p"/>
          <decisionMaker href="#o"/><decisionOwner href="#o"/>
          <usingProcess href="b#p"/><usingTask href="b#t"/>
          <decisionTable id="dt" label="l" hitPolicy="COLLECT" aggregation="SUM" outputLabel="o"
              typeRef="number" preferredOrientation="Rule-as-Row" camunda:x="y" kie:z="1">
            <input id="in" label="i" camunda:inputVariable="c" kie:width="10">
              <inputExpression id="ie" typeRef="number" expressionLanguage="feel"><text>x</text>
              </inputExpression>
              <inputValues id="iv" expressionLanguage="feel"><text>[0..9]</text></inputValues></input>
            <output id="out" label="o" name="o" typeRef="number">
              <extensionElements><kie:w/></extensionElements>
              <outputValues id="ov"><text/></outputValues>
              <defaultOutputEntry id="de" expressionLanguage="feel"><text>0</text></defaultOutputEntry>
            </output>
            <annotation name="why"/>
            <rule id="r1" label="r"><description>d</description><!-- a comment -->
              <inputEntry id="e1" label="l" expressionLanguage="feel"><description>d</description><text/>
              </inputEntry>
              <outputEntry id="e2" typeRef="number"><text><![CDATA[1]]></text></outputEntry>
              <annotationEntry><text>why</text></annotationEntry></rule>
          </decisionTable>
        </decision>
        <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="d"><dc:Bounds x="1"/>
          </dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
      </definitions>
      """
    #expect(problems(xml) == [])
  }
}
