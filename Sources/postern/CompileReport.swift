import Bundles
import Rules
import Tables

/// What `postern compile` prints.
struct CompileReport: Encodable {
  struct Proof: Encodable {
    var cells: UInt64
    var samples: UInt64
    var bits: UInt64
    var outputs: UInt64

    init(_ counts: Certificate.Counts) {
      cells = counts.cells
      samples = counts.samples
      bits = counts.bits
      outputs = counts.outputs
    }
  }

  struct Table: Encodable {
    var name: String
    var file: String
    var rules: Int
    var columns: Int
    /// Of its image, were it alone.
    var bytes: Int
    /// `word`, `blocks` or `clusters`.
    var tier: String
    /// Words of rows that a decision looks at, and the time that it takes, whatever the input, if its lists
    /// are no longer than said below.
    var worstCaseWords: Int
    var worstCaseNanoseconds: Int
    /// Members of each list that are counted: of those that cells name.
    var worstCaseListMembers: Int
    /// What each member more of a list costs; 0 without lists.
    var furtherMemberWords: Int
    var furtherMemberNanoseconds: Int
    var proved: Proof

    /// What lists add, for people.
    fileprivate var listsText: String {
      furtherMemberNanoseconds == 0
        ? ""
        : " with lists of up to \(worstCaseListMembers) members,"
          + " \(counted(furtherMemberWords, "word")) and \(furtherMemberNanoseconds) ns more for each"
          + " further one"
    }
  }

  struct Chain: Encodable {
    var tenant: String
    var trigger: String
    var bytes: Int
    var compileMilliseconds: Double
    var proofMilliseconds: Double
    var certificate: String
    var tables: [Table]

    init(_ chain: ProvenChain) {
      tenant = chain.key.tenant
      trigger = chain.key.trigger
      bytes = chain.chain.byteCount
      compileMilliseconds = CompileReport.milliseconds(chain.compileTime)
      proofMilliseconds = CompileReport.milliseconds(chain.proofTime)
      certificate = chain.certificate.digest.hexadecimal
      tables = chain.tables.map { proven in
        Table(
          name: proven.table.name, file: proven.table.file, rules: proven.table.allRules.count,
          columns: proven.table.inputs.count, bytes: proven.byteCount,
          tier: proven.cost.tier.rawValue, worstCaseWords: proven.cost.work.words,
          worstCaseNanoseconds: Int(proven.cost.work.nanoseconds.rounded(.up)),
          worstCaseListMembers: TableCost.listMemberCount,
          furtherMemberWords: proven.cost.furtherMember.words,
          furtherMemberNanoseconds: Int(proven.cost.furtherMember.nanoseconds.rounded(.up)),
          proved: Proof(proven.counts))
      }
    }
  }

  var file: String
  var serial: UInt64
  var environment: String
  var expires: Int64?
  var bytes: Int
  var isSigned: Bool
  var chains: [Chain]

  init(
    file: String, _ draft: BundleDraft, _ chains: [ProvenChain], byteCount: Int, isSigned: Bool
  ) {
    self.file = file
    serial = draft.serial
    environment = draft.environment
    expires = draft.expires
    bytes = byteCount
    self.isSigned = isSigned
    self.chains = chains.map(Chain.init)
  }

  var text: String {
    var lines: [String] = []
    for chain in chains {
      let name = chain.tenant.isEmpty ? chain.trigger : "\(chain.tenant)/\(chain.trigger)"
      lines.append(
        "\(name): \(counted(chain.tables.count, "table")), \(chain.bytes) bytes,"
          + " compiled in \(chain.compileMilliseconds) ms, proved in \(chain.proofMilliseconds) ms")
      for table in chain.tables {
        lines.append(
          "  \(table.name): \(counted(table.rules, "rule")), \(counted(table.columns, "column")),"
            + " \(table.bytes) bytes, tier of \(table.tier), at most"
            + " \(counted(table.worstCaseWords, "word")) and about \(table.worstCaseNanoseconds) ns a"
            + " decision\(table.listsText); compared \(table.proved.bits) bits at"
            + " \(table.proved.samples) inputs of \(table.proved.cells) different cells,"
            + " \(table.proved.outputs) outputs")
      }
    }
    let tableCount = chains.reduce(0) { $0 + $1.tables.count }
    lines.append(
      "wrote \(file): serial \(serial), \(counted(chains.count, "chain")),"
        + " \(counted(tableCount, "table")), \(bytes) bytes, "
        + (isSigned ? "signed" : "not signed: `postern bundle sign` signs it"))
    return lines.joined(separator: "\n")
  }

  /// With three digits behind the point.
  fileprivate static func milliseconds(_ duration: Duration) -> Double {
    (duration / .microseconds(1)).rounded() / 1000
  }
}
