import Foundation

/// One request message of `proto-spec/vectors` (its format: `proto-spec/README.md`).
struct RequestVector: CustomStringConvertible {
  var name: String
  var bytes: [UInt8] = []
  /// What the vector says of its bytes: lines behind `=>`.
  var expected: [String] = []

  var description: String { name }

  private init(reading file: URL) throws {
    name = file.deletingPathExtension().lastPathComponent
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("=> ") {
        expected.append(String(line.dropFirst(3)))
      } else if !line.hasPrefix("#"), !line.hasPrefix("~") {
        let digits = line.components(separatedBy: "  ")[0].split(separator: " ")
        bytes += digits.map { UInt8($0, radix: 16)! }
      }
    }
  }

  /// The requests of `valid` or `invalid`, by name, or what is sent on the streams of `streams`.
  static func load(_ folder: String) throws -> [RequestVector] {
    let kind = folder == "streams" ? "stream-" : "request-"
    let directory = TestTables.repository.appendingPathComponent("proto-spec/vectors/\(folder)")
    return try FileManager.default
      .contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
      .filter { $0.lastPathComponent.hasPrefix(kind) && $0.pathExtension == "vec" }
      .sorted { $0.path < $1.path }.map(RequestVector.init(reading:))
  }

  /// The status of each error's name, from `proto-spec/fields.json`.
  static func statuses() throws -> [String: Int] {
    struct Registry: Decodable {
      struct Entry: Decodable {
        var name: String
        var status: Int
      }
      var errors: [Entry]
    }
    let file = TestTables.repository.appendingPathComponent("proto-spec/fields.json")
    let registry = try JSONDecoder().decode(Registry.self, from: Data(contentsOf: file))
    return Dictionary(uniqueKeysWithValues: registry.errors.map { ($0.name, $0.status) })
  }
}
