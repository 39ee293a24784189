import Rules

extension BundleDraft.Chain {
  /// A proved chain, with the names and digests of its rules.
  public init(_ proven: ProvenChain) {
    self.init(
      key: proven.key, image: proven.chain,
      tables: proven.tables.map { proven in
        let table = proven.table
        let all = table.allRules
        let entry = Manifest.TableEntry(
          name: table.name, file: table.file, version: table.version,
          ruleCount: all.count, columnCount: table.inputs.count, source: proven.source)
        let rules = zip(all, table.ruleDigests).map { rule, digest in
          BundleRule(number: rule.number, name: rule.name, digest: digest)
        }
        return (entry, rules)
      },
      certificate: proven.certificate)
  }
}
