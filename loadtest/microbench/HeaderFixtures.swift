import Foundation

/// A header of the known examples, which the tests hold too: Tests/SignalsTests/Fixtures.
struct HeaderFixture {
  /// The example's number among the known ones; two files may share one.
  let number: Int
  let name: String
  let value: String

  /// Every header of the files, by number; read where the sources were when this was built.
  static func all() throws -> [HeaderFixture] {
    let directory = URL(filePath: #filePath).appending(path: "../../../Tests/SignalsTests/Fixtures")
      .standardizedFileURL
    let files =
      (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil))
      ?? []
    let fixtures = try files.filter { $0.pathExtension == "fixture" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }.flatMap(read)
    let numbers = Set(fixtures.map(\.number))
    guard numbers == Set(1...exampleCount) else {
      throw HeaderFixtureError.missing(Set(1...exampleCount).symmetricDifference(numbers), directory)
    }
    return fixtures
  }

  private static let exampleCount = 22

  /// The lines of a file before its first section, which says what they give.
  private static func read(_ file: URL) throws -> [HeaderFixture] {
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.split(separator: "\n").prefix { !$0.hasPrefix("=> ") }
      .filter { !$0.hasPrefix("#") }
      .map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return HeaderFixture(
          number: Int(file.lastPathComponent.prefix(2)) ?? 0, name: String(parts[0]),
          value: String(parts.last!.dropFirst()))
      }
  }
}

extension [HeaderFixture] {
  /// What is scanned as `name`: the headers of that name, then those that no scanner is for.
  func scanned(as name: String) -> [HeaderFixture] {
    filter { $0.name == name } + filter { !["Akamai-Bot", "Akamai-User-Risk"].contains($0.name) }
  }

  /// The value of example `number`, which is there: `all` looked.
  func value(_ number: Int) -> String { first { $0.number == number }!.value }

  /// Both headers of one login: of 372 and of 81 bytes.
  var userRisk: String { value(4) }
  var bot: String { value(2) }
}

enum HeaderFixtureError: Error, CustomStringConvertible {
  case missing(Set<Int>, URL)

  var description: String {
    switch self {
    case .missing(let numbers, let directory):
      """
      no file, or an unknown one, for the examples \(numbers.sorted()) in \(directory.path): \
      put it right, or build again where the files are
      """
    }
  }
}
