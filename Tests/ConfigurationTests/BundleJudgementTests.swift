import Bundles
import Foundation
import Rules
import Settings
import Testing

@testable import postern

/// What `postern serve --check` says of a source of bundles.
@Suite struct BundleJudgementTests {
  private static func bundle(
    serial: UInt64 = 1, expires: Int64? = nil, environment: String = ""
  ) throws -> Data {
    let source = """
      ---
      trigger: post-login
      hitPolicy: FIRST
      mode: enforce
      ---
      ## Rules

      | akamaiUserRisk.score | verdict |
      |----------------------|---------|
      | -                    | deny    |
      """
    let (table, diagnostics) = TableReader.read(source, file: "t.table.md")
    let set = TableSet([try #require(table, "\(diagnostics)")])
    let digests = ["t.table.md": ContentDigest(of: Array(source.utf8))]
    let draft = BundleDraft(
      serial: serial, created: 1_000, expires: expires, environment: environment,
      chains: try set.chains.map { BundleDraft.Chain(try ProvenChain($0, of: set, sources: digests)) })
    return Data(try draft.encoded())
  }

  /// With these files below a directory, and a state directory of one of them.
  private static func judge(
    _ source: String, _ files: [String: Data] = [:], state: String? = nil
  ) throws -> BundleJudgement {
    let directory = FileManager.default.temporaryDirectory.appending(path: "judged-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: directory.appending(path: "state"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (name, bytes) in files { try bytes.write(to: directory.appending(path: name)) }
    var told = ServeSettings()
    told.bundles.allowsUnsigned = true
    told.bundles.environment = "production"
    told.bundles.state = state.map { directory.appending(path: $0).path }
    let isAddress = BundleSettings.isAddress(source)
    let names = { try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted() }
    let before = try names()
    let judged = try BundleJudgement(of: isAddress ? source : directory.appending(path: source).path, told)
    #expect(try names() == before, "nothing is written")
    return judged
  }

  @Test func `a good bundle has nothing wrong`() throws {
    let judged = try Self.judge("t.bundle", ["t.bundle": try Self.bundle(environment: "production")])
    #expect(judged.problems == [] && judged.warnings == [])
  }

  @Test func `what a server would not start with is a problem`() throws {
    let files = [
      "staging.bundle": try Self.bundle(environment: "staging"),
      "old.bundle": try Self.bundle(expires: 2_000), "bent.bundle": try Self.bundle().dropLast(3),
    ]
    for (name, reason) in [
      ("staging", "wrong_environment"), ("old", "expired"), ("bent", "truncated"), ("none", "unreachable"),
    ] {
      let judged = try Self.judge("\(name).bundle", files)
      #expect(judged.problems.count == 1, "\(judged.problems)")
      #expect(judged.problems.first?.contains("\(name).bundle: \(reason) at byte ") == true)
    }
  }

  @Test func `the bundle that was kept counts, and is left as it is`() throws {
    var files = ["state/last-good.bundle": try Self.bundle(serial: 5), "t.bundle": try Self.bundle(serial: 4)]
    #expect(try Self.judge("t.bundle", files).problems == [])
    let older = try Self.judge("t.bundle", files, state: "state")
    #expect(older.problems.count == 1 && older.problems[0].contains("older_serial"))
    files["state/last-good.bundle"] = try Self.bundle(serial: 3, expires: 2_000)
    let expired = try Self.judge("t.bundle", files, state: "state")
    #expect(expired.problems == [] && expired.warnings.count == 1)
  }

  @Test func `an address is not asked, and that is said`() throws {
    let judged = try Self.judge("https://localhost:1/tables.bundle")
    #expect(judged.problems == [])
    #expect(judged.warnings.count == 1 && judged.warnings[0].contains("was not asked for its bundle"))
  }
}
