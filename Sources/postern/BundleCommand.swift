import ArgumentParser
import Bundles
import DMN
import Foundation

/// `postern bundle`: keys, signatures, and a look into bundles.
struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Sign, verify, inspect and compare bundles.",
    discussion: """
        postern bundle keygen release           release.key signs, release.pub is trusted
        postern compile ops/tables -o tables.bundle
        postern bundle sign tables.bundle --key release.key
        postern bundle verify tables.bundle --trust release.pub
        postern serve --bundle tables.bundle --trust release.pub

      Keys are Ed25519 in PEM, as OpenSSL writes them. To replace a key, trust the old one and the \
      new one for a while: --trust may be repeated, and a file may hold several.

      Exit status: 0 good; 1 refused, or not the same; 2 usage; 3 cannot read or write.
      """,
    subcommands: [Keygen.self, Sign.self, Verify.self, BundleInspectCommand.self, Diff.self])

  struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a pair of keys: NAME.key to sign with, NAME.pub to trust.")

    @Argument(help: "Where to write them, without the ending.")
    var name: String

    func run() throws {
      let key = PrivateKey()
      let path = name + ".key"
      guard !isThere(path), !isThere(name + ".pub") else {
        throw ValidationError("`\(path)` or `\(name).pub` is there already; choose another name")
      }
      // Nobody else may read it, not even for a moment.
      guard
        FileManager.default.createFile(
          atPath: path, contents: Data(key.pem.utf8), attributes: [.posixPermissions: 0o600])
      else {
        complain("cannot write `\(path)`")
        throw ExitStatus.unavailable.code
      }
      try writeFile(Array(key.publicKey.pem.utf8), to: name + ".pub")
      print("key \(key.publicKey.id): \(path) signs, keep it secret; \(name).pub is for servers")
    }
  }

  struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign a bundle; a signature that it has is replaced.")

    @Argument(help: "The bundle.")
    var file: String

    @Option(help: "The private key, as `postern bundle keygen` writes it.")
    var key: String

    @Option(name: .shortAndLong, help: "The signed bundle; FILE itself without it.")
    var output: String?

    func run() throws {
      let key = try privateKey(key)
      let signed = try loadBundle(file).signed(by: key)
      try writeFile(signed, to: output ?? file)
      print("\(output ?? file): signed by key \(key.publicKey.id)")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a bundle as a server would.",
      discussion: """
          postern bundle verify tables.bundle --trust release.pub
        """)

    @Argument(help: "The bundle.")
    var file: String

    @Option(help: "A file of public keys. May be repeated.")
    var trust: [String] = []

    @Option(help: "The environment of the server.")
    var environment: String?

    @Flag(help: "Accept a bundle without a signature.")
    var insecureUnsignedBundle = false

    @Flag(help: "Print one JSON object: ok, and reason, offset and message where it is refused.")
    var json = false

    func run() throws {
      guard !trust.isEmpty || insecureUnsignedBundle else {
        throw ValidationError("say whom to trust: --trust KEYFILE")
      }
      var policy = BundlePolicy(trusting: try publicKeys(trust))
      policy.environment = environment
      policy.allowsUnsigned = insecureUnsignedBundle
      do {
        try print(Report(ok: true, try check(policy)))
      } catch let error as BundleError {
        try print(Report(ok: false, error: error))
        throw (error.reason == .unreachable ? ExitStatus.unavailable : ExitStatus.failed).code
      }
    }

    private func check(_ policy: BundlePolicy) throws(BundleError) -> Manifest {
      let bundle = try TableBundle(try BundleBytes.reading(file), trust: policy)
      let now = Int64(Date().timeIntervalSince1970)
      try bundle.check(against: policy, now: now, served: nil)
      for index in bundle.manifest.images.indices { _ = try bundle.chain(ofImage: index) }
      _ = try bundle.rules()
      return bundle.manifest
    }

    private func print(_ report: Report) throws {
      if json { return try printJSON(report) }
      if let reason = report.reason {
        return complain("\(file): \(reason) at byte \(report.offset ?? 0): \(report.message ?? "")")
      }
      let signer = report.key.map { "signed by key \($0)" } ?? "not signed"
      Swift.print("\(file): good, serial \(report.serial ?? 0), \(signer)")
    }

    private struct Report: Encodable {
      var ok: Bool
      var serial: UInt64?
      var key: String?
      var reason: String?
      var offset: Int?
      var message: String?

      init(ok: Bool, _ manifest: Manifest? = nil, error: BundleError? = nil) {
        self.ok = ok
        serial = manifest?.serial
        key = manifest?.keyID?.description
        reason = error?.reason.rawValue
        offset = error?.offset
        message = error?.message
      }
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say which chains, tables and rules differ between two bundles, and in what.",
      discussion: """
          postern bundle diff served.bundle next.bundle

        First what the bundles say of themselves: serial, times, environment, who signed (not checked \
        here). Then each chain that differs (order, candidates, onLate), its tables (version, file, number \
        of rules, mode, hits, part, canary, columns, order of the rules) and their rules (verdict, \
        outputs, mode, canary, and its cells as `if COLUMN`; of a table the first 256 that differ). Cells \
        are read back from what is compiled: their spelling is not the source's, and a rule that only is \
        written otherwise is said to say the same. Rules are matched by name, or else by what they say, \
        or else by number. A bundle does not hold its sources: for the inputs that are decided \
        otherwise, give those to `postern diff`.

        Exit status: 0 the same tables; 1 they differ; 3 cannot read.
        """)

    @Argument(help: "The bundle before.")
    var old: String

    @Argument(help: "The bundle after.")
    var new: String

    @Flag(
      help: """
        Print one JSON object: bundle, a list of what, before, after; entries, each with change, \
        tenant, trigger, table, rule, details.
        """)
    var json = false

    func run() throws {
      let diff = try BundleDiff(from: try loadBundle(old), to: try loadBundle(new))
      if json {
        try printJSON(diff)
      } else {
        for detail in diff.bundle { print(detail.text.onOneLine) }
        for line in diff.entries.flatMap(\.lines) { print(line.onOneLine) }
        if diff.entries.isEmpty { print("the same tables") }
      }
      if !diff.entries.isEmpty { throw ExitStatus.failed.code }
    }
  }
}
