import Foundation
import Testing

/// One example of signals.md section 4: header lines, then sections of expected signals.
///
///     Akamai-Bot: ...
///     => as sent                          what the request as a whole gives
///     akamaiBot.type = "Unknown Bot"
///     => cf-bot-score as Akamai-Bot       what that header's value gives under another name
///     akamaiBot.type = invalid
struct Fixture: CustomTestStringConvertible {
  struct Header {
    var name: String
    var value: [UInt8]
  }

  struct Section {
    /// Which header is sent under which name; empty for all of them as they are.
    var renamed: (from: String, to: String)?
    var expected: [(name: String, value: String)] = []
  }

  var file: String
  var headers: [Header] = []
  var sections: [Section] = []

  var testDescription: String { file }

  init(_ url: URL) throws {
    file = url.lastPathComponent
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    {
      if line.hasPrefix("#") { continue }
      if line.hasPrefix("=> ") {
        let words = line.dropFirst(3).components(separatedBy: " as ")
        sections.append(
          Section(renamed: words.count == 2 ? (from: words[0], to: words[1]) : nil))
      } else if sections.isEmpty {
        let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
        headers.append(Header(name: parts[0], value: Array(parts[1].dropFirst().utf8)))
      } else {
        let parts = line.components(separatedBy: " = ")
        sections[sections.count - 1].expected.append(
          (name: parts[0], value: parts.dropFirst().joined(separator: " = ")))
      }
    }
  }

  /// The headers of a section.
  func headers(of section: Section) -> [Header] {
    guard let renamed = section.renamed else { return headers }
    return headers.filter { $0.name == renamed.from }.map {
      Header(name: renamed.to, value: $0.value)
    }
  }

  /// All of them, by number.
  static let all: [Fixture] = {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    let files = try! FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil)
    return files.filter { $0.pathExtension == "fixture" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }.map { try! Fixture($0) }
  }()
}
