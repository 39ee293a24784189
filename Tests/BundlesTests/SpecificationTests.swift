import Bundles
import Foundation
import Rules
import Testing

/// proto-spec/bundle-v1.md says what the code does.
@Suite struct SpecificationTests {
  private static let text: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("proto-spec/bundle-v1.md")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }()

  private struct Field {
    var name: String
    var offset: Int
    var byteCount: Int
  }

  /// The fields of a section's table: offset, bytes, name.
  private static func fields(_ section: String) throws -> [Field] {
    let body = try #require(text.components(separatedBy: "## \(section)\n").dropFirst().first)
    let rows = body.components(separatedBy: "\n## ")[0].split(separator: "\n")
    return rows.compactMap { row in
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count > 2, let offset = Int(cells[0]), let byteCount = Int(cells[1]) else {
        return nil
      }
      return Field(name: cells[2].filter { $0 != "`" }, offset: offset, byteCount: byteCount)
    }
  }

  @Test(arguments: [
    ("2. Header", 96), ("3. Chain", 128), ("4. Table", 72), ("5. Image", 64), ("7. Trailer", 104),
  ])
  func `a record's fields follow one another without gaps`(section: String, byteCount: Int) throws {
    var end = 0
    for field in try Self.fields(section) {
      #expect(field.offset == end, "\(section) \(field.name)")
      end += field.byteCount
    }
    #expect(end == byteCount)
  }

  @Test func `a reader that knows only the text finds everything where it says`() throws {
    let key = PrivateKey()
    let source = Fixture.source("deny", tenant: "acme")
    let bytes = try Fixture.signed(
      try Fixture.bundle(
        serial: 77, created: 1_000, expires: 9_000, environment: "production", sources: [source]),
      by: key)
    let manifest = try TableBundle(
      BundleBytes(bytes), trust: BundlePolicy(trusting: [key.publicKey])).manifest

    func value(_ section: String, _ name: String, at start: Int) throws -> [UInt8] {
      let field = try #require(try Self.fields(section).first { $0.name == name }, "\(name)")
      return Array(bytes[(start + field.offset)..<(start + field.offset + field.byteCount)])
    }
    func number(_ section: String, _ name: String, at start: Int) throws -> Int {
      try value(section, name, at: start).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let header = "2. Header"
    #expect(try number(header, "serial", at: 0) == 77)
    #expect(try number(header, "created", at: 0) == 1_000)
    #expect(try number(header, "expires", at: 0) == 9_000)
    #expect(try number(header, "fileByteCount", at: 0) == bytes.count)
    let tables = 96 + 128 * (try number(header, "chainCount", at: 0))
    let images = tables + 72 * (try number(header, "tableCount", at: 0))
    let text = images + 64 * (try number(header, "imageCount", at: 0))
    func string(_ section: String, _ name: String, at start: Int) throws -> String {
      let range = try value(section, name, at: start)
      let first = text + range[0..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
      let count = range[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      return String(decoding: bytes[first..<(first + count)], as: UTF8.self)
    }
    #expect(try string(header, "environment", at: 0) == "production")
    #expect(try string("3. Chain", "tenant", at: 96) == "acme")
    #expect(try string("3. Chain", "trigger", at: 96) == "post-login")
    #expect(try string("4. Table", "file", at: tables) == "t0.table.md")
    #expect(
      try value("4. Table", "source", at: tables)
        == ContentDigest(of: Array(source.utf8)).bytes)
    #expect(try value("5. Image", "digest", at: images) == manifest.images[0].digest.bytes)
    #expect(try number("5. Image", "block", at: images) == manifest.images[0].block.lowerBound)
    let trailer = bytes.count - 104
    #expect(
      try value("7. Trailer", "digest", at: trailer)
        == ContentDigest(of: Array(bytes[..<trailer])).bytes)
    #expect(try value("7. Trailer", "key", at: trailer) == key.publicKey.id.bytes)

    // The certificate, from the text alone.
    var proof = Array("postern proof".utf8)
    proof += try value("3. Chain", "statementVersion", at: 96)
    for name in ["tables", "columns", "rules", "cells", "samples", "bits", "outputs"] {
      proof += try value("3. Chain", name, at: 96)
    }
    proof += manifest.images[0].digest.bytes + [1, 0, 0, 0]
    proof += ContentDigest(of: Array(source.utf8)).bytes
    #expect(try value("3. Chain", "certificate", at: 96) == ContentDigest(of: proof).bytes)
  }

  @Test func `every reason is in the text, and no other`() throws {
    let body = try #require(Self.text.components(separatedBy: "## 9. Reasons\n").last)
    let names = body.split(separator: "\n").compactMap { row -> String? in
      row.hasPrefix("| `") ? String(row.split(separator: "`")[1]) : nil
    }
    #expect(names == BundleError.Reason.allCases.map(\.rawValue))
  }

  @Test func `the limits are those of the text`() {
    func text(_ number: Int) -> String {
      var digits = Array(String(number))
      var index = digits.count - 3
      while index > 0 {
        digits.insert(",", at: index)
        index -= 3
      }
      return String(digits)
    }
    for limit in [
      BundleLimits.fileByteCount, BundleLimits.chainCount, BundleLimits.tableCount,
      BundleLimits.textByteCount, BundleLimits.imageByteCount, BundleLimits.imagesByteCount,
      BundleLimits.rulesByteCount,
    ] {
      #expect(Self.text.contains(" \(text(limit))"), "\(limit)")
    }
  }
}
