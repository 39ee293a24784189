import Foundation
import HTTP2
import Server
@testable import Settings
import Testing

/// Each number of a settings file has a least and a largest value, and what is beyond them is refused
/// with its place: it must not end a server that is told so on SIGHUP.
@Suite struct NumberBoundsTests {
  /// A number's key, with the text that is written in front of the number and behind it.
  struct Key: CustomTestStringConvertible {
    var name: String
    var range: ClosedRange<Int>
    var before = ""
    var opening = ""
    var after = ""

    var testDescription: String { before + name }

    func line(_ value: Int) -> String { "\(before)\(name): \(opening)\(value)\(after)\n" }
  }

  static let keys: [Key] =
    ConfigurationFile.ranges.map { Key(name: $0.rawValue, range: $1) }
    + TLSSection.ranges.map {
      Key(name: $0.rawValue, range: $1, before: "tls: {certificate: a.pem, key: b.pem, ", after: "}")
    }
    + HTTP2Settings.named.map { Key(name: $0.name, range: $0.range, before: "http2: {", after: "}") }
    + ["users", "groups"].map {
      Key(name: $0, range: 0...Int(UInt32.max), before: "unixPeers: {", opening: "[", after: "]}")
    }

  private static func complaints(about text: String) throws -> (path: String, lines: [String]) {
    let path = NSTemporaryDirectory() + "postern-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    var problems: [ConfigurationFile.Problem] = []
    let file = try ConfigurationFile(path: path, problems: &problems)
    var configuration = ServerConfiguration()
    file.apply(to: &configuration, path: path, problems: &problems)
    var bundles = BundleSettings()
    file.apply(to: &bundles, path: path, problems: &problems)
    return (path, problems.map(\.description))
  }

  /// Keys that hold a number, by the type that they are decoded to.
  private static func numbers(in value: Any) -> Set<String> {
    Set(
      Mirror(reflecting: value).children.compactMap { child in
        let kind = Swift.type(of: child.value)
        return kind == Int?.self || kind == UInt32?.self ? child.label : nil
      })
  }

  @Test func `every number has a range`() throws {
    let path = NSTemporaryDirectory() + "postern-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("tls: {certificate: a.pem}\n".utf8).write(to: URL(fileURLWithPath: path))
    var problems: [ConfigurationFile.Problem] = []
    let file = try ConfigurationFile(path: path, problems: &problems)
    let top = Self.numbers(in: file)
    #expect(top.count > 15 && top == Set(ConfigurationFile.ranges.keys.map(\.rawValue)))
    let tls = Self.numbers(in: try #require(file.tls))
    #expect(tls.count > 3 && tls == Set(TLSSection.ranges.keys.map(\.rawValue)))
    for (key, range) in ConfigurationFile.ranges where key.rawValue.hasSuffix("Seconds") {
      #expect(range.upperBound <= 31_536_000, "\(key)")
    }
  }

  @Test(arguments: keys) func `its bounds are taken, and what is beyond them is refused`(key: Key) throws {
    for value in [key.range.lowerBound, key.range.upperBound] {
      #expect(try Self.complaints(about: key.line(value)).lines == [])
    }
    for value in [key.range.lowerBound - 1, key.range.upperBound + 1, .max, .min] {
      let (path, lines) = try Self.complaints(about: key.line(value))
      #expect(lines.count == 1, "\(key.line(value)): \(lines)")
      // The section of TLS has one place for all of its keys.
      #expect(lines.first?.hasPrefix("\(path):1:") == true && lines.first?.contains(": error: ") == true)
    }
  }
}
