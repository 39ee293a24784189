import ArgumentParser
import Bundles
import Foundation
import Rules
import Tables
import UsageStatus

/// The control plane's times: compiling and proving large tables, loading large bundles.
@main
struct Controlbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "controlbench",
    abstract: "How long tables take to compile and prove, and bundles to load.",
    discussion: """
        swift run -c release controlbench
        swift run -c release controlbench --rules 1000 --rules 10000 --tenants 10000

      Build it with -c release and let the machine rest. Goals: 1,000 rules compiled and proved in \
      1 s, 10,000 in 10 s; 10,000 tenants with 3 triggers each from map to serving in 500 ms, whether \
      they share their tables or each has three of its own.

      What a small table takes in memory is what a fresh process grows by when it loads the bundle, by \
      chain; tables that are the same share an image.

      Exit status: 0 measured; 1 --check and a goal missed; 2 usage.
      """)

  private static let compileMax: [Int: Duration] = [1_000: .seconds(1), 10_000: .seconds(10)]
  private static let goalTenants = 10_000
  private static let loadMax = Duration.milliseconds(500)

  @Option(name: .customLong("rules"), help: "Rules of a table of 20 columns. May be repeated.")
  var ruleCounts: [Int] = [1000, 10_000, 100_000]

  @Option(help: "Tenants of a bundle, each with 3 triggers.")
  var tenants = 10_000

  @Option(help: "Different tables in that bundle. May be repeated.")
  var differentTables = [30, 30_000]

  @Flag(help: "Exit with 1 where a goal is missed.")
  var check = false

  @Option(help: "Only load this bundle, and print the memory that it takes.")
  var load: String?

  func validate() throws {
    guard ruleCounts.allSatisfy({ (1...100_000).contains($0) }) else {
      throw ValidationError("--rules must be from 1 to 100,000")
    }
    guard (1...100_000).contains(tenants), differentTables.allSatisfy({ (1...(3 * tenants)).contains($0) })
    else {
      throw ValidationError("--tenants must be from 1 to 100,000, with at most 3 tables each")
    }
  }

  func run() throws {
    if let load { return try measureMemory(of: load) }
    var missed: [String] = []
    for count in ruleCounts {
      let time = try measureTable(ruleCount: count)
      if let most = Self.compileMax[count], time > most {
        missed.append("\(count) rules took \(seconds(time)), at most \(seconds(most)) wanted")
      }
    }
    for count in differentTables {
      let time = try measureBundle(differentTables: count)
      if tenants == Self.goalTenants, time > Self.loadMax {
        missed.append(
          "\(count) different tables took \(seconds(time)), at most \(seconds(Self.loadMax)) wanted")
      }
    }
    guard check, !missed.isEmpty else { return }
    for line in missed { FileHandle.standardError.write(Data("controlbench: \(line)\n".utf8)) }
    throw ExitCode(1)
  }

  static func main() {
    do {
      var command = try parse()
      try command.run()
    } catch {
      exit(after: error)
    }
  }

  /// Returns how long it is compiled and proved.
  private func measureTable(ruleCount: Int) throws -> Duration {
    let source = LargeTable.source(ruleCount: ruleCount, columnCount: 20, seed: 1)
    let start = ContinuousClock.now
    let (table, diagnostics) = TableReader.read(source, file: "large.table.md")
    guard let table else { throw ValidationError("\(diagnostics.first?.description ?? "")") }
    let readTime = ContinuousClock.now - start
    let chain = try proven(table)
    print(
      "\(ruleCount) rules x 20 columns: read \(seconds(readTime)),"
        + " compiled \(seconds(chain.compileTime)), proved \(seconds(chain.proofTime)),"
        + " \(chain.chain.byteCount) bytes, \(chain.certificate.counts.bits) bits compared")
    return chain.compileTime + chain.proofTime
  }

  private func proven(_ table: Table) throws -> ProvenChain {
    let set = TableSet([table])
    guard let chain = set.chains.first else {
      throw ValidationError("\(set.diagnostics.first?.description ?? "")")
    }
    return try ProvenChain(chain, of: set, sources: [table.file: ContentDigest(of: [0])])
  }

  /// Returns the median from map to serving.
  private func measureBundle(differentTables: Int) throws -> Duration {
    let triggers = ["post-login", "pre-user-registration", "post-challenge"]
    let models = try (0..<differentTables).map { index in
      let source = LargeTable.source(ruleCount: 12, columnCount: 6, seed: UInt64(index + 2))
      let (table, _) = TableReader.read(source, file: "small.table.md")
      return BundleDraft.Chain(try proven(table!))
    }
    let chains = (0..<(3 * tenants)).map { index in
      var chain = models[index % models.count]
      chain.key = TableKey(tenant: "tenant-\(index / 3)", trigger: triggers[index % 3])
      return chain
    }
    let key = PrivateKey()
    let bytes = try BundleDraft(serial: 1, created: 1, chains: chains).encoded()
    let signed = try TableBundle(BundleBytes(bytes), trust: Self.insecure).signed(by: key)
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("postern-\(UUID().uuidString).bundle")
    try Data(signed).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }

    var times: [Duration] = []
    for _ in 0..<5 {
      let store = TableStore()
      let reloader = BundleReloader(policy: BundlePolicy(trusting: [key.publicKey]), store: store)
      let start = ContinuousClock.now
      let outcome = reloader.offer(try BundleBytes.mapping(file.path))
      times.append(ContinuousClock.now - start)
      guard case .published = outcome else { throw ValidationError("\(outcome)") }
    }
    print(
      "\(tenants) tenants x 3 triggers, \(differentTables) different tables:"
        + " \(signed.count) bytes, map to serving \(seconds(times.sorted()[2]))"
        + " (fastest \(seconds(times.min()!)))")
    let imageByteCount = models.reduce(0) { $0 + $1.image.byteCount } / models.count
    // A process that has freed memory before would take that first.
    let child = Process()
    let answer = Pipe()
    child.executableURL = Bundle.main.executableURL
    child.arguments = ["--load", file.path]
    child.standardOutput = answer
    try child.run()
    let text = String(decoding: answer.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    child.waitUntilExit()
    print("a table of 12 rules x 6 columns: \(imageByteCount) bytes of image; \(text)", terminator: "")
    return times.sorted()[2]
  }

  private static var insecure: BundlePolicy {
    var policy = BundlePolicy()
    policy.allowsUnsigned = true
    return policy
  }

  private func measureMemory(of file: String) throws {
    let store = TableStore()
    let reloader = BundleReloader(policy: Self.insecure, store: store)
    let before = anonymousByteCount()
    guard case .published = reloader.offer(try BundleBytes.mapping(file)) else {
      throw ValidationError("`\(file)` is no bundle that can be served")
    }
    let grownBy = withExtendedLifetime(store) { anonymousByteCount() - before }
    let count = try TableBundle(BundleBytes.mapping(file), trust: Self.insecure).manifest.chains.count
    print("\(grownBy / count) bytes in memory for each of \(count) chains")
  }

  /// Memory of the process that no file holds; 0 where the system does not say.
  private func anonymousByteCount() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }

  private func seconds(_ duration: Duration) -> String {
    String(format: "%.3f s", duration / .seconds(1))
  }
}
