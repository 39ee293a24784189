import Rules
import Tables

/// What differs between two bundles: chains, tables and rules, by their names and digests.
public struct BundleDiff: Encodable, Sendable {
  public enum Change: String, Encodable, Sendable {
    case added, removed, changed
  }

  public struct Entry: Encodable, Sendable {
    public var change: Change
    public var tenant: String
    public var trigger: String
    /// `nil` for the chain as a whole.
    public var table: String?
    /// Counted from 1 in its table; `nil` for the table as a whole.
    public var rule: Int?
    public var ruleName: String?

    /// `changed post-login step-up, rule 3 "high"`.
    public var text: String {
      var text = "\(change.rawValue) \(tenant.isEmpty ? "" : "\(tenant)/")\(trigger)"
      if let table { text += " \(table)" }
      if let rule { text += ", rule \(rule)" }
      if let ruleName, !ruleName.isEmpty { text += " `\(ruleName)`" }
      return text
    }
  }

  public private(set) var entries: [Entry] = []

  /// O(rules of both).
  public init(from old: TableBundle, to new: TableBundle) throws(BundleError) {
    let before = try Self.chains(of: old)
    let after = try Self.chains(of: new)
    for key in Set(before.keys).union(after.keys).sorted(by: { $0.isBefore($1) }) {
      switch (before[key], after[key]) {
      case (let old?, let new?) where old.image != new.image: compare(key, old, new)
      case (_?, nil): add(.removed, key)
      case (nil, _?): add(.added, key)
      default: break
      }
    }
  }

  private struct Chain {
    var image: ContentDigest
    var tables: [(entry: Manifest.TableEntry, rules: [BundleRule])]
  }

  private static func chains(of bundle: TableBundle) throws(BundleError) -> [TableKey: Chain] {
    let rules = try bundle.rules()
    var chains: [TableKey: Chain] = [:]
    for (index, chain) in bundle.manifest.chains.enumerated() {
      chains[chain.key] = Chain(
        image: bundle.manifest.images[chain.image].digest,
        tables: zip(chain.tables, rules[index]).map { ($0, $1) })
    }
    return chains
  }

  private mutating func compare(_ key: TableKey, _ old: Chain, _ new: Chain) {
    add(.changed, key)
    for table in old.tables where !new.tables.contains(where: { $0.entry.name == table.entry.name }) {
      add(.removed, key, table: table.entry.name)
    }
    for table in new.tables {
      guard let before = old.tables.first(where: { $0.entry.name == table.entry.name }) else {
        add(.added, key, table: table.entry.name)
        continue
      }
      if before.entry.version == table.entry.version { continue }
      add(.changed, key, table: table.entry.name)
      compareRules(key, table.entry.name, before.rules, table.rules)
    }
  }

  /// Rules with a name are matched by it, others by their digest, the rest by their number.
  private mutating func compareRules(
    _ key: TableKey, _ table: String, _ old: [BundleRule], _ new: [BundleRule]
  ) {
    var rest = old
    var changed: [BundleRule] = []
    for rule in new {
      if let same = rest.firstIndex(where: { $0.name == rule.name && $0.digest == rule.digest }) {
        rest.remove(at: same)
      } else {
        changed.append(rule)
      }
    }
    for rule in changed {
      let twin = rest.firstIndex {
        $0.name == rule.name && (!rule.name.isEmpty || $0.number == rule.number)
      }
      if let twin { rest.remove(at: twin) }
      add(twin == nil ? .added : .changed, key, table: table, rule: rule)
    }
    for rule in rest { add(.removed, key, table: table, rule: rule) }
  }

  private mutating func add(
    _ change: Change, _ key: TableKey, table: String? = nil, rule: BundleRule? = nil
  ) {
    entries.append(
      Entry(
        change: change, tenant: key.tenant, trigger: key.trigger, table: table,
        rule: rule?.number, ruleName: rule?.name))
  }
}
