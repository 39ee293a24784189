import Foundation
import Testing
import Wire

/// One annotated message of `proto-spec/vectors` (its format: `proto-spec/README.md`).
struct Vector: CustomTestStringConvertible, Sendable {
  let name: String
  let kind: MessageKind
  let bytes: [UInt8]
  let expected: [String]
  /// Other bytes say the same, so encoding need not give these.
  let isDecodeOnly: Bool

  var testDescription: String { name }

  struct Malformed: Error {
    let file: String
    let line: String
  }

  init(reading file: URL) throws {
    name = file.deletingPathExtension().lastPathComponent
    switch name.prefix(while: { $0 != "-" }) {
    case "request": kind = .request
    case "reply": kind = .reply
    case "error": kind = .error
    default: throw Malformed(file: name, line: "the name's first word is no kind of message")
    }
    var bytes: [UInt8] = []
    var expected: [String] = []
    var isDecodeOnly = false
    let text = try String(contentsOf: file, encoding: .utf8)
    for line in text.split(separator: "\n") {
      if line.hasPrefix("=> ") {
        expected.append(String(line.dropFirst(3)))
      } else if line == "~ decode-only" {
        isDecodeOnly = true
      } else if !line.hasPrefix("#") {
        for digits in line.components(separatedBy: "  ")[0].split(separator: " ") {
          guard digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) else {
            throw Malformed(file: name, line: String(line))
          }
          bytes.append(byte)
        }
      }
    }
    self.bytes = bytes
    self.expected = expected
    self.isDecodeOnly = isDecodeOnly
  }

  static let valid = load("valid", atLeast: 16)
  static let invalid = load("invalid", atLeast: 20)

  /// Every vector of a folder. Traps when there are fewer than `minimum` or one cannot be read: a
  /// suite that runs nothing must not pass.
  private static func load(_ folder: String, atLeast minimum: Int) -> [Vector] {
    do {
      let vectors = try FileManager.default
        .contentsOfDirectory(
          at: protoSpec.appending(path: "vectors/\(folder)"), includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "vec" }
        .sorted { $0.path < $1.path }
        .map(Vector.init(reading:))
      precondition(vectors.count >= minimum, "only \(vectors.count) vectors in \(folder)")
      return vectors
    } catch {
      fatalError("vectors/\(folder): \(error)")
    }
  }
}

/// The folder `proto-spec` of this repository.
let protoSpec = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "proto-spec")
