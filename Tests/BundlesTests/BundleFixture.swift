import Bundles
import Foundation
import Rules
import Tables
import Testing

/// Tables, bundles and directories for tests.
enum Fixture {
  static func source(
    _ verdict: String, trigger: String = "post-login", tenant: String = "", order: Int = 1,
    reason: String = "user risk is high", isShadow: Bool = false
  ) -> String {
    """
    ---
    trigger: \(trigger)
    \(tenant.isEmpty ? "" : "tenant: \(tenant)\n")order: \(order)
    shadow: \(isShadow)
    hitPolicy: FIRST
    mode: enforce
    ---
    ## Rules

    | rule | akamaiUserRisk.score | session.mfaRequired | verdict   | reason    |
    |------|----------------------|---------------------|-----------|-----------|
    | high | >= 90                | -                   | \(verdict) | \(reason) |
    | rest | -                    | true                | mfa       |           |
    |      | -                    | -                   | allow     |           |
    """
  }

  /// Chains of table sources, each proved.
  static func chains(_ sources: [String]) throws -> [BundleDraft.Chain] {
    var tables: [Table] = []
    var digests: [String: ContentDigest] = [:]
    for (index, source) in sources.enumerated() {
      let file = "t\(index).table.md"
      let (table, diagnostics) = TableReader.read(source, file: file)
      tables.append(try #require(table, "\(diagnostics)"))
      digests[file] = ContentDigest(of: Array(source.utf8))
    }
    let set = TableSet(tables)
    try #require(!set.diagnostics.hasErrors, "\(set.diagnostics)")
    return try set.chains.map {
      BundleDraft.Chain(try ProvenChain($0, of: set, sources: digests))
    }
  }

  /// An unsigned bundle that says `verdict` to a high risk.
  static func bundle(
    _ verdict: String = "deny", serial: UInt64 = 1, created: Int64 = 1_000, expires: Int64? = nil,
    environment: String = "", sources: [String]? = nil
  ) throws -> [UInt8] {
    let draft = BundleDraft(
      serial: serial, created: created, expires: expires, environment: environment,
      chains: try chains(sources ?? [source(verdict)]))
    return try draft.encoded()
  }

  static func signed(_ bytes: [UInt8], by key: PrivateKey) throws -> [UInt8] {
    try TableBundle(BundleBytes(bytes), trust: insecure).signed(by: key)
  }

  static var insecure: BundlePolicy {
    var policy = BundlePolicy()
    policy.allowsUnsigned = true
    return policy
  }

  /// A state directory that is ours.
  static func state(_ path: String) throws -> StateDirectory {
    let directory = StateDirectory(path)
    try #require(try directory.take(), "another one has `\(path)`")
    return directory
  }

  static func withDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("postern-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try body(directory)
  }
}
