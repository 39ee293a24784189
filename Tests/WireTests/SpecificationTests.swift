import Foundation
import Testing

/// The text's tables and examples say what the registry and the vectors say.
@Suite struct SpecificationTests {
  let specification: Specification
  let registry: Registry

  init() throws {
    specification = try Specification.load()
    registry = try Registry.load()
  }

  /// The first columns of a table, as text.
  private func rows(_ heading: String, _ column: String, width: Int) throws -> [[String]] {
    try specification.table(heading, column).rows.map { Array($0.prefix(width)) }
  }

  @Test func `kinds, types, verdicts, modes and outputs are the registry's`() throws {
    func expected(_ entries: [Registry.Entry]) -> [[String]] {
      entries.map { ["\($0.id)", "`\($0.name)`"] }
    }
    #expect(try rows("3.1", "Kind", width: 2) == expected(registry.messageKinds))
    #expect(try rows("4.1", "Type", width: 2) == expected(registry.fieldTypes))
    #expect(try rows("5.1", "Verdict", width: 2) == expected(registry.verdicts))
    #expect(try rows("5.1", "Mode", width: 2) == expected(registry.modes))
    #expect(try rows("5.3", "Kind", width: 2) == expected(registry.outputKinds))
    #expect(try rows("4.5", "Provenance", width: 2) == expected(registry.provenances))
  }

  @Test func `flags are the registry's`() throws {
    func expected(_ flags: [Registry.Flag]) -> [[String]] {
      flags.map { ["\($0.bit)", "`\($0.name)`"] }
    }
    #expect(try rows("3.2", "Request flag", width: 2) == expected(registry.requestFlags))
    #expect(try rows("5.2", "Bit", width: 2) == expected(registry.replyFlags))
  }

  @Test func `fields are the registry's`() throws {
    #expect(
      try rows("4.2", "Id", width: 5)
        == registry.fields.map {
          ["\($0.id)", "`\($0.name)`", $0.type ?? "any but header", "`\($0.carries)`", $0.notes]
        })
  }

  @Test func `errors are the registry's`() throws {
    #expect(
      try rows("7.", "Code", width: 3)
        == registry.errors.map { ["\($0.code)", "`\($0.name)`", "\($0.status)"] })
  }

  @Test func `limits are the registry's`() throws {
    for (heading, column, expected) in [
      ("6.", "Limit", registry.limits), ("2.5", "Setting", registry.connection),
    ] {
      let limits = try specification.table(heading, column).rows.map { row in
        "\(row[1]) \(row[2].replacing(",", with: ""))"
      }
      #expect(limits == expected.map { "`\($0.name)` \($0.value)" })
    }
  }

  @Test(arguments: [
    ("3.1", "messageHeader"), ("3.2", "decisionRequest"), ("3.3", "field"),
    ("5.1", "decisionReply"), ("5.3", "output"), ("7.1", "error"),
  ])
  func `the offsets of a layout add up to its length`(heading: String, part: String) throws {
    var end = 0
    for row in try specification.table(heading, "Offset").rows {
      guard let offset = Int(row[0]) else { break }
      #expect(offset == end, "\(row[2])")
      guard let size = Int(row[1]) else { break }
      end = offset + size
    }
    #expect(end == registry.byteCount(of: part))
  }

  @Test func `every example is a vector, byte for byte`() throws {
    #expect(specification.examples.count >= 5)
    for example in specification.examples {
      let file = protoSpec.appending(path: example.file)
      #expect(try String(contentsOf: file, encoding: .utf8) == example.text, "\(example.file)")
    }
  }

  @Test func `every section that the code cites exists`() throws {
    let sources = protoSpec.deletingLastPathComponent().appending(path: "Sources")
      .resolvingSymlinksInPath()
    let numbers = Set(specification.headings.compactMap { $0.split(separator: " ").first })
      .map { $0.hasSuffix(".") ? String($0.dropLast()) : String($0) }
    var citationCount = 0
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for citation in text.matches(of: /proto-spec (\d+(?:\.\d+)*)/) {
        citationCount += 1
        #expect(numbers.contains(String(citation.output.1)), "\(file.lastPathComponent)")
      }
    }
    #expect(citationCount > 0)
  }
}
