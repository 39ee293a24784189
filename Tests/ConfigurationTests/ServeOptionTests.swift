import ArgumentParser
import Foundation
import Server
import Settings
import Testing

@testable import postern

/// What `postern serve` takes its options for, beside a file.
@Suite struct ServeOptionTests {
  private static func told(_ file: String?, _ options: [String]) throws -> ServeSettings {
    let path = FileManager.default.temporaryDirectory.appending(path: "serve-\(UUID().uuidString).yaml").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file?.write(toFile: path, atomically: true, encoding: .utf8)
    return try ServeCommand.parse(options + (file == nil ? [] : ["--config", path])).readSettings()
  }

  /// What a usage error says; `nil` where there is none.
  private static func complaint(_ file: String?, _ options: [String]) -> String? {
    do {
      _ = try told(file, options)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static let signed = "bundle: tables.bundle\ntrust: [release.pub]\n"

  @Test func `tables do not take the place of a file's signed bundle unless it is said`() throws {
    let complaint = try #require(Self.complaint(Self.signed, ["--tables", "tt"]))
    #expect(complaint.contains("`--tables tt` would serve what nobody signed in place of the bundle `"))
    #expect(complaint.contains("add --insecure-unsigned-bundle"))
    let told = try Self.told(Self.signed, ["--tables", "tt", "--insecure-unsigned-bundle"])
    #expect(told.bundles.source == nil && told.server.tables == "tt")
    #expect(told.warnings.count == 1 && told.warnings[0].contains("is served in place of the bundle `"))
  }

  @Test func `tables in place of a bundle that need not be signed are warned of`() throws {
    let unsigned = "bundle: tables.bundle\ninsecureUnsignedBundle: true\n"
    #expect(try Self.told(unsigned, ["--tables", "tt"]).warnings.count == 1)
    #expect(try Self.told("tables: other\n", ["--tables", "tt"]).warnings == [])
    #expect(try Self.told(nil, ["--tables", "tt"]).warnings == [])
  }

  @Test(arguments: [
    ["--trust", "release.pub"], ["--bundle-ca", "ca.pem"], ["--environment", "production"], ["--poll", "5"],
    ["--insecure-unsigned-bundle"],
  ])
  func `an option of bundles beside tables is a mistake`(option: [String]) throws {
    let complaint = Self.complaint(nil, ["--tables", "tt"] + option)
    #expect(complaint?.contains("`\(option[0])` is about bundles, and `--tables tt` serves none") == true)
  }

  @Test func `tables and a bundle are one too many`() {
    #expect(Self.complaint(nil, ["--tables", "tt", "--bundle", "b"])?.contains("keep one") == true)
  }
}
