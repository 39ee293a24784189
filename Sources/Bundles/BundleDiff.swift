import Rules
import Tables

/// What differs between two bundles: what they say of themselves, chains, tables and rules, by their names
/// and digests, each with what was and is said of it.
public struct BundleDiff: Encodable, Sendable {
  public enum Change: String, Encodable, Sendable {
    case added, removed, changed
  }

  /// One thing that is said otherwise; `nil` where nothing was said, or is.
  public struct Detail: Encodable, Equatable, Sendable {
    public var what: String
    public var before: String?
    public var after: String?

    /// `verdict: mfa -> deny`.
    public var text: String {
      "\(what): \(before.map(shortened) ?? "nothing") -> \(after.map(shortened) ?? "nothing")"
    }
  }

  public struct Entry: Encodable, Sendable {
    public var change: Change
    public var tenant: String
    public var trigger: String
    /// `nil` for the chain as a whole.
    public var table: String?
    /// Counted from 1 in its table, 0 for its default; `nil` for the table as a whole.
    public var rule: Int?
    public var ruleName: String?
    /// `nil` where nobody looked: of an image that this version cannot read, and of the rules behind
    /// the first `detailedRuleCountMax` that differ. Empty where all that differs is how it is written.
    public var details: [Detail]?

    /// `changed post-login step-up, rule 3 "high"`, and a line for each detail.
    /// For people: a bundle may have come from anybody, so each is still to be made one line of a terminal.
    public var lines: [String] {
      var text = "\(change.rawValue) \(tenant.isEmpty ? "" : "\(tenant)/")\(trigger)"
      if let table { text += " \(table)" }
      if rule == 0 {
        text += ", its default"
      } else if let rule {
        text += ", rule \(rule)"
        if let ruleName, !ruleName.isEmpty { text += " `\(ruleName)`" }
      }
      guard let details else { return [text + ": not looked at"] }
      if rule != nil, change == .changed, details.isEmpty {
        return [text + ": written otherwise, says the same"]
      }
      let lines = details.map { detail in
        switch change {
        case .added: "    \(detail.what): \(shortened(detail.after ?? ""))"
        case .removed: "    \(detail.what): \(shortened(detail.before ?? ""))"
        case .changed: "    \(detail.text)"
        }
      }
      return [text] + lines
    }
  }

  /// LIMIT: rules of a table that differ whose cells are read back from its image.
  static let detailedRuleCountMax = 256

  /// Serial, expiry and so on. They make no difference to what is decided.
  public private(set) var bundle: [Detail]
  public private(set) var entries: [Entry] = []

  /// O(rules of both), and of the tables that differ, O(bytes of their images).
  public init(from old: TableBundle, to new: TableBundle) throws(BundleError) {
    bundle = Detail.differences(Facts.of(old.manifest), Facts.of(new.manifest))
    let before = try BundledChain.all(of: old)
    let after = try BundledChain.all(of: new)
    for key in Set(before.keys).union(after.keys).sorted(by: { $0.isBefore($1) }) {
      switch (before[key], after[key]) {
      case (let old?, let new?) where old.image != new.image:
        let (old, new) = (try old.read(), try new.read())
        compare(key, old.comparable(with: new), new.comparable(with: old))
      case (let old?, nil): add(.removed, key, Detail.differences(try old.read().facts, []))
      case (nil, let new?): add(.added, key, Detail.differences([], try new.read().facts))
      default: break
      }
    }
  }

  private mutating func compare(_ key: TableKey, _ old: BundledChain, _ new: BundledChain) {
    add(.changed, key, Detail.differences(old.facts, new.facts))
    for (index, table) in old.tables.enumerated() where new.place(of: table.name) == nil {
      add(.removed, key, Detail.differences(old.facts(ofTable: index), []), table: table.name)
    }
    for (index, table) in new.tables.enumerated() {
      guard let before = old.place(of: table.name) else {
        add(.added, key, Detail.differences([], new.facts(ofTable: index)), table: table.name)
        continue
      }
      if old.tables[before].version == table.version { continue }
      compare(key, TablePair(old: old, at: before, new: new, at: index))
    }
  }

  private mutating func compare(_ key: TableKey, _ pair: TablePair) {
    let table = pair.new.tables[pair.newIndex].name
    add(.changed, key, pair.details, table: table)
    for rule in pair.changes {
      let change: Change = rule.old == nil ? .added : rule.new == nil ? .removed : .changed
      add(change, key, rule.details, table: table, rule: rule.new ?? rule.old)
    }
  }

  private mutating func add(
    _ change: Change, _ key: TableKey, _ details: [Detail]?, table: String? = nil, rule: BundleRule? = nil
  ) {
    entries.append(
      Entry(
        change: change, tenant: key.tenant, trigger: key.trigger, table: table,
        rule: rule?.number, ruleName: rule?.name, details: details))
  }
}
