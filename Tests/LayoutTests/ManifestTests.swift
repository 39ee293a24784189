import Foundation
import Testing

/// What the package says of its targets.
@Suite struct ManifestTests {
  /// A target of `Package.swift`: its declaration and where its sources are.
  private struct Target {
    var name: String
    var declaration: String
    var folder: String
  }

  private static func targets() throws -> [Target] {
    let text = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let declared = try Regex(
      #"\.(target|executableTarget|testTarget)\(\s*name: "(\w+)"((?:[^()]|\([^()]*\))*)\)"#)
    return text.matches(of: declared).compactMap { match in
      guard let kind = match[1].substring, let name = match[2].substring, let rest = match[3].substring
      else { return nil }
      let path = rest.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
      return Target(
        name: String(name), declaration: String(rest),
        folder: path ?? "\(kind == "testTarget" ? "Tests" : "Sources")/\(name)")
    }
  }

  @Test func `every target with Swift in it is under strict memory safety`() throws {
    let targets = try Self.targets()
    #expect(targets.count >= 40)
    var strict = 0
    for target in targets where try !swiftFiles(under: target.folder).isEmpty {
      #expect(target.declaration.contains("swiftSettings: strict"), "\(target.name)")
      strict += 1
    }
    #expect(strict >= 35)
    let manifest = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
    for setting in [".swiftLanguageMode(.v6)", ".strictMemorySafety()"] {
      #expect(manifest.contains(setting))
    }
  }

  @Test func `every folder of sources is a target`() throws {
    let folders = Set(try Self.targets().map(\.folder))
    let libraries = try FileManager.default.contentsOfDirectory(atPath: root.path + "/Sources")
    for name in libraries where try !swiftFiles(under: "Sources/\(name)").isEmpty {
      #expect(folders.contains("Sources/\(name)"))
    }
  }
}
