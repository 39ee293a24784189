import ArgumentParser
import Bundles
import Foundation
import Rules
import Tables

/// `postern compile`: tables into one file that servers load.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Compile tables into a bundle, and prove that it equals them.",
    discussion: """
        postern compile ops/tables -o tables.bundle --environment production
        postern compile ops/tables -o tables.bundle --expires 2027-01-31
        postern bundle sign tables.bundle --key release.key

      Every chain is proved: each row of the compiled image is compared with what a plain interpreter \
      says of the source, at, just below and just above every boundary. A bundle without that \
      certificate is not written, and servers refuse one.

      A server refuses a serial below the one it serves, and another bundle of the same. Without \
      --serial it is the time in microseconds since 1970, or, where the bundle that --output replaces \
      has that or a higher one, one more than it has. Versions before this one took seconds: what they \
      wrote, and --serial "$(date +%s)", is older.

      What is compiled are the directory's *.table.md, *.table.csv and *.table.dmn files. A decision \
      model decides no login: in such a name it is an error that names it, and without `.table` it is \
      left out, and said to be.

      Exit status: 0 written; 1 the tables are wrong, or the proof failed; 2 usage; 3 no such path.
      """)

  @Argument(help: "Directory of table files, as `postern serve --tables` takes it.")
  var directory: String

  @Option(name: .shortAndLong, help: "The bundle to write.")
  var output: String

  @Option(help: "Serial of this version, 1 or more; a higher one replaces a lower. The time without it.")
  var serial: UInt64?

  @Option(help: "The environment that it is for, as `postern serve --environment`. Any without it.")
  var environment = ""

  @Option(help: "When servers stop accepting it: 2027-01-31 or 2027-01-31T12:00:00Z. Never without it.")
  var expires: String?

  @Option(help: "Sign it with this private key.")
  var key: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard serial != 0 else { throw ValidationError("`--serial 0`; serials begin at 1") }
    guard environment.utf8.count <= BundleLimits.environmentByteCount else {
      throw ValidationError(
        "`--environment` of more than \(BundleLimits.environmentByteCount) bytes")
    }
    _ = try expiry()
  }

  func run() throws {
    let set = TableDirectory.load(directory)
    if set.diagnostics.hasErrors {
      for diagnostic in set.diagnostics { printError(diagnostic.description) }
      throw (isThere(directory) ? ExitStatus.failed : ExitStatus.unavailable).code
    }
    for model in TableDirectory.models(in: directory) {
      printError("\(model): note: not compiled, as its name does not end in .table.dmn")
    }
    let sources = try digests(of: set)
    let chains = try set.chains.map { chain in
      do {
        return try ProvenChain(chain, of: set, sources: sources)
      } catch {
        complain("the chain of `\(chain.key.trigger)`: \(error)")
        throw ExitStatus.failed.code
      }
    }
    let date = Date()
    let now = Int64(date.timeIntervalSince1970)
    guard let serial = serial ?? DefaultSerial.next(at: date, replacing: output) else {
      complain("\(output): its serial is the highest there is, so nothing can replace it; write another file")
      throw ExitStatus.failed.code
    }
    let draft = BundleDraft(
      serial: serial, created: now, expires: try expiry(), environment: environment,
      chains: chains.map(BundleDraft.Chain.init))
    let bytes = try encoded(draft)
    try writeFile(bytes, to: output)
    let report = CompileReport(
      file: output, draft, chains, byteCount: bytes.count, isSigned: key != nil)
    if json { try printJSON(report) } else { print(report.text) }
  }

  private func digests(of set: TableSet) throws -> [String: ContentDigest] {
    var digests: [String: ContentDigest] = [:]
    for table in set.tables {
      guard let digest = table.currentSourceDigest() else {
        complain("`\(table.file)`, or a list of it, is gone; compile again")
        throw ExitStatus.unavailable.code
      }
      digests[table.file] = digest
    }
    return digests
  }

  private func encoded(_ draft: BundleDraft) throws -> [UInt8] {
    do {
      let bytes = try draft.encoded()
      guard let key else { return bytes }
      let bundle = try TableBundle(BundleBytes.copying(bytes), trust: .insecure)
      return try bundle.signed(by: privateKey(key))
    } catch let error as BundleError {
      complain("the tables are too much for one bundle: \(error)")
      throw ExitStatus.failed.code
    }
  }

  /// Seconds since 1970.
  private func expiry() throws -> Int64? {
    guard let expires else { return nil }
    guard let seconds = ExpiryDate.seconds(expires) else {
      throw ValidationError(
        "`--expires \(expires)` is no date; write 2027-01-31 or 2027-01-31T12:00:00Z")
    }
    guard seconds > 0 else { throw ValidationError("`--expires \(expires)` is long past") }
    if Double(seconds) < Date().timeIntervalSince1970 {
      printError("warning: `--expires \(expires)` is past: no server will serve the bundle")
    }
    return seconds
  }
}
