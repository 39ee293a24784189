import Signals
import SignalsOracle
import Testing
import Wire

@Suite struct FixtureTests {
  static let headerSignals = SignalRegistry.all.map(\.name).filter { $0.hasPrefix("akamai") }

  @Test func `there is a fixture for each of the 22 examples`() {
    let numbers = Set(Fixture.all.map { $0.file.prefix(2) })
    #expect(numbers.sorted() == (1...22).map { $0 < 10 ? "0\($0)" : "\($0)" })
    #expect(Self.headerSignals.count == 22)
  }

  /// A header that Postern has no scanner for is sent too, as a deployment's own signal.
  @Test(arguments: Fixture.all)
  func `a fixture gives the signals that it names`(fixture: Fixture) throws {
    #expect(!fixture.sections.isEmpty)
    for section in fixture.sections {
      let names = section.expected.map(\.name)
      let readings = try Probe(names).read { writer in
        for header in fixture.headers(of: section) { writer.append(header) }
      }
      for (expected, reading) in zip(section.expected, readings) {
        #expect(reading.description == expected.value, "\(expected.name)")
      }
    }
  }

  @Test(arguments: Fixture.all)
  func `a fixture names every signal of its headers`(fixture: Fixture) {
    for section in fixture.sections {
      let prefix =
        switch section.renamed?.to {
        case nil: "akamai"
        case "Akamai-Bot": "akamaiBot"
        default: "akamaiUserRisk"
        }
      let names = Set(section.expected.map(\.name))
      for name in Self.headerSignals where name.hasPrefix(prefix) { #expect(names.contains(name)) }
    }
    let others = fixture.headers.filter { !["Akamai-Bot", "Akamai-User-Risk"].contains($0.name) }
    #expect(fixture.sections.count == 1 + 2 * others.count)
  }
}

extension RequestWriter {
  /// Sends a header as the field of its name, or as a deployment's own signal when there is none.
  mutating func append(_ header: Fixture.Header) {
    let name = header.name.lowercased()
    if let field = Field.allCases.first(where: { $0.type == .header && $0.name == name }) {
      append(field, bytes: header.value.span)
    } else {
      append(custom: name, .string(String(decoding: header.value, as: UTF8.self)))
    }
  }
}
