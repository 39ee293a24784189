import ArgumentParser
import Bundles
import Rules
import Tables

/// `postern bundle inspect`: what a bundle says of itself.
struct BundleInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Print what a bundle holds. Digests are checked, its signature is not.",
    discussion: """
        postern bundle inspect tables.bundle --rules
      """)

  @Argument(help: "The bundle.")
  var file: String

  @Flag(help: "Name every rule.")
  var rules = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let bundle = try loadBundle(file)
    let report = BundleReport(bundle.manifest, rules: rules ? try bundle.rules() : nil)
    if json { try printJSON(report) } else { print(report.text) }
  }
}

/// A bundle for people and machines.
struct BundleReport: Encodable {
  struct Rule: Encodable {
    var number: Int
    var name: String
    var digest: String
  }

  struct Table: Encodable {
    var name: String
    var file: String
    var version: String
    var rules: Int
    var columns: Int
    /// SHA-256 of the source.
    var source: String
    var ruleList: [Rule]?
  }

  struct Chain: Encodable {
    var tenant: String
    var trigger: String
    var bytes: Int
    var image: String
    var certificate: String
    var comparedBits: UInt64
    var tables: [Table]
  }

  var serial: UInt64
  /// ISO 8601.
  var created: String
  var expires: String?
  var environment: String
  var digest: String
  var key: String?
  var bytes: Int
  var images: Int
  var chains: [Chain]

  init(_ manifest: Manifest, rules: [[[BundleRule]]]?) {
    serial = manifest.serial
    created = dateText(manifest.header.created)
    expires = manifest.header.expires.map(dateText)
    environment = manifest.environment
    digest = manifest.digest.hexadecimal
    key = manifest.keyID?.description
    bytes = manifest.header.fileByteCount
    images = manifest.images.count
    chains = manifest.chains.enumerated().map { index, chain in
      let image = manifest.images[chain.image]
      return Chain(
        tenant: chain.key.tenant, trigger: chain.key.trigger, bytes: image.byteCount,
        image: image.digest.hexadecimal, certificate: chain.certificate.digest.hexadecimal,
        comparedBits: chain.certificate.counts.bits,
        tables: chain.tables.enumerated().map { place, table in
          Table(table, rules: rules?[index][place])
        })
    }
  }

  var text: String {
    var lines = [
      "serial       \(serial)",
      "created      \(created)",
      "expires      \(expires ?? "never")",
      "environment  \(environment.isEmpty ? "any" : environment)",
      "signed by    \(key.map { "key \($0) (not checked here)" } ?? "nobody")",
      "digest       \(digest)",
      "size         \(bytes) bytes, \(counted(images, "image")) for \(counted(chains.count, "chain"))",
    ]
    for chain in chains {
      lines.append(
        "\(chain.tenant.isEmpty ? "" : "\(chain.tenant)/")\(chain.trigger): \(chain.bytes) bytes,"
          + " proved in \(chain.comparedBits) bits")
      for table in chain.tables {
        lines.append(
          "  \(table.name) version \(table.version): \(counted(table.rules, "rule")),"
            + " \(counted(table.columns, "column")), from \(table.file)")
        for rule in table.ruleList ?? [] {
          lines.append("    \(rule.number) \(rule.name) \(rule.digest)")
        }
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension BundleReport.Table {
  fileprivate init(_ table: Manifest.TableEntry, rules: [BundleRule]?) {
    self.init(
      name: table.name, file: table.file, version: hexadecimal(table.version),
      rules: table.ruleCount, columns: table.columnCount, source: table.source.hexadecimal,
      ruleList: rules?.map { rule in
        BundleReport.Rule(
          number: rule.number, name: rule.name,
          digest: rule.digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
      })
  }
}
