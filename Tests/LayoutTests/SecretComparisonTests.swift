import Foundation
import Testing

/// Where secrets and signatures are compared, nothing compares bytes but the function of constant time.
@Suite struct SecretComparisonTests {
  /// Of numbers, counts and what is public, by file. All else that compares is a finding.
  private static let allowed: [String: [String]] = [
    "G2OVerifier.swift": ["allowed & 1 << parts.algorithm.rawValue != 0"],
    "G2OAlgorithm.swift": [
      "self == .md5 || self == .md5Twice || self == .hmacMD5", "guard self == .md5Twice",
      "one.count == other.count", "nettle_memeql_sec(first, second, one.count) != 0",
    ],
    "SharedSecret.swift": ["entry.scope & 1 << UInt64(tenant.bit) != 0"],
  ]
  private static let comparisons = [
    " == ", " != ", " ~= ", "elementsEqual", "isText", "memcmp", "starts(with", "hasPrefix", "lexicographic",
    "Set<", "contains(where",
  ]

  /// Lines that compare, and none of the allowed ways.
  private static func findings(_ text: String, allowed: [String]) -> [String] {
    text.split(separator: "\n").map(String.init).filter { line in
      let code = line.trimmingCharacters(in: .whitespaces)
      guard !code.hasPrefix("//"), comparisons.contains(where: code.contains) else { return false }
      return !allowed.contains(where: code.contains)
    }
  }

  @Test func `signatures and secrets are compared in constant time alone`() throws {
    let folder = root.appendingPathComponent("Sources/EdgeProof")
    for (name, allowed) in Self.allowed {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      #expect(Self.findings(text, allowed: allowed) == [], "\(name)")
      for line in allowed {
        #expect(text.contains(line), "\(name) has no `\(line)` any more")
      }
    }
    let verifier = try String(contentsOf: folder.appendingPathComponent("G2OVerifier.swift"), encoding: .utf8)
    #expect(verifier.contains("equalInConstantTime(expected.span, signature)"))
    let secrets = try String(contentsOf: folder.appendingPathComponent("SharedSecret.swift"), encoding: .utf8)
    #expect(secrets.contains("equalInConstantTime(bytes.span.extracting(entry.range), value)"))
  }

  @Test(arguments: [
    "guard expected.span.elementsEqual(signature) else { return .mismatch }",
    "guard Array(expected) == Array(signature) else { return .mismatch }",
    "if memcmp(a, b, 44) != 0 { return .mismatch }",
  ])
  func `a comparison of another kind is found`(line: String) {
    #expect(Self.findings(line, allowed: Self.allowed["G2OVerifier.swift"]!) == [line])
  }
}
