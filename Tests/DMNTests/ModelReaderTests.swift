import DMN
import Foundation
import Testing

@Suite struct ModelReaderTests {
  @Test func `a file of every element kind is read without a problem`() throws {
    let reading = try Fixture.read("loan-desk.dmn")
    #expect(reading.problems.map(\.description) == [])
    let model = try #require(reading.model)
    #expect(model.name == "Loan Desk")
    #expect(model.decisions.map(\.name).prefix(3) == ["Total Debt", "Risk Grade", "Offer"])
    #expect(model.inputs.map(\.variableName) == ["Applicant", "Credit Limit"])
    #expect(model.itemDefinitions[0].allowedValues?.text == #""low","middle","high""#)
    #expect(model.itemDefinitions[1].components[2].isCollection)
    #expect(model.services[0].encapsulatedDecisions == ["d-debt"])
  }

  @Test func `a table keeps its texts with their places`() throws {
    let model = try #require(try Fixture.read("loan-desk.dmn").model)
    let table = try #require(model.decisions.first { $0.name == "Risk Grade" }?.table)
    #expect(table.hitPolicy == .priority)
    #expect(table.annotations == ["Why"])
    #expect(table.inputs.map(\.expression.text) == ["Total Debt", "Applicant.Age"])
    #expect(table.inputs[0].allowedValues?.text == ">= 0")
    #expect(table.inputs[0].typeRef == "number")
    #expect(table.outputs[0].allowedValues?.text == #""high","middle","low""#)
    #expect(
      table.rules.map { $0.inputEntries.map(\.text) } == [
        ["> Credit Limit", "-"], ["-", "[18..25)"], ["-", ">= 18"],
      ])
    #expect(table.rules[2].annotations == [#""quoted" & <escaped>"#])
    #expect(table.rules[1].description == "the young")
    let entry = table.rules[1].inputEntries[1].position
    #expect((entry.line, entry.column) == (61, 27))
    #expect(table.rules[2].inputEntries[1].position.line == 68)
    #expect((table.rules[0].position.line, table.rules[0].position.column) == (52, 7))
  }

  @Test func `writing and reading again gives an equal model and the same text`() throws {
    let model = try #require(try Fixture.read("loan-desk.dmn").model)
    let text = ModelWriter.write(model)
    let again = Fixture.read(xml: text)
    #expect(again.problems.isEmpty)
    #expect(again.model == model)
    #expect(try ModelWriter.write(#require(again.model)) == text)
  }

  @Test(arguments: ModelReader.namespaces)
  func `each version of the standard is read`(namespace: String) throws {
    let reading = Fixture.read(
      xml: """
        <d:definitions xmlns:d="\(namespace)" xmlns:feel="x" name="m" namespace="n">
          <d:inputData id="i" name="a"><d:variable name="a" typeRef="feel:number"/></d:inputData>
        </d:definitions>
        """)
    #expect(reading.problems.isEmpty)
    #expect(reading.model?.inputs.first?.typeRef == "number")
  }

  @Test(arguments: [
    "http://www.omg.org/spec/FEEL/20140401", "https://www.omg.org/spec/DMN/20191111/FEEL/", "feel",
  ])
  func `each name of FEEL is FEEL`(language: String) {
    let reading = Fixture.read(
      xml: """
        \u{FEFF}<?xml version="1.0" encoding="utf-8" standalone="yes"?>
        <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n"
          expressionLanguage="\(language)">
          <decision id="d" name="d">
            <literalExpression expressionLanguage="\(language)"><text>1</text></literalExpression>
          </decision>
        </definitions>
        """)
    #expect(reading.problems == [])
    #expect(reading.model?.decisions.count == 1)
  }

  @Test func `a decision without an expression is told`() {
    let reading = Fixture.read(xml: Fixture.definitions(#"<decision id="d" name="d"/>"#))
    #expect(
      reading.problems.map(\.description) == [
        "test.dmn:2:1: warning: the decision `d` has no expression; it is null"
      ])
  }
}
