import Foundation
import Rules
import Testing

@testable import postern

/// What `postern check` takes for decision models.
@Suite struct CheckedModelsTests {
  private static let model = """
    <definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
    <decision id="d" name="Grade"><decisionTable hitPolicy="FIRST">
    <input><inputExpression typeRef="number"><text>Age</text></inputExpression></input><output/>
    <rule><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
    </decisionTable></decision></definitions>
    """

  private static func check(_ files: [String: String]) throws -> (CheckedModels, directory: String) {
    let directory = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (name, text) in files {
      try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
    }
    return (CheckedModels([directory.path], budget: Budget(), progress: { _ in }), directory.path)
  }

  @Test func `models below a directory are analysed beside its tables`() throws {
    let (both, directory) = try Self.check(["grade.dmn": Self.model, "one.table.md": ""])
    #expect(both.otherPaths == [directory] && both.decisionCount == 1)
    #expect(both.findings.contains { $0.kind == .gap && $0.file.hasSuffix("/grade.dmn") })
    let (alone, _) = try Self.check(["grade.dmn": Self.model])
    #expect(alone.otherPaths == [] && alone.decisionCount == 1 && alone.diagnostics.isEmpty)
    let (none, other) = try Self.check(["grade.table.dmn": Self.model])
    #expect(none.otherPaths == [other] && none.decisionCount == 0)
  }

  @Test func `a login table without a table's name is warned of`() throws {
    let table = Self.model.replacing(
      "<decisionTable", with: "<extensionElements><t:table xmlns:t=\"urn:postern:dmn:1\"/></extensionElements><decisionTable")
    let (found, _) = try Self.check(["grade.dmn": table])
    #expect(found.decisionCount == 0)
    #expect(found.diagnostics.map(\.severity) == [.warning])
    #expect(found.diagnostics[0].message.contains("does not end in .table.dmn"))
  }
}
