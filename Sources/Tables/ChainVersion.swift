import Wire

/// One of the last chains that were published under a key.
struct ChainVersion {
  /// Of the publication that brought it, counted from 1 in a store.
  let serial: UInt64
  /// Seconds since 1970.
  let time: Int64
  /// `nil` where the publication removed the key.
  let chain: CompiledChain?

  var report: VersionReport {
    VersionReport(serial: serial, time: time, tables: chain?.tableReports ?? [])
  }
}

/// What is known of a version.
public struct VersionReport: Equatable, Sendable {
  public var serial: UInt64
  /// When it was published, in seconds since 1970.
  public var time: Int64
  /// In the order of the chain; none where the publication removed the chain.
  public var tables: [TableReport]
}

/// What is known of a table of a chain.
public struct TableReport: Equatable, Sendable {
  public var name: String
  /// Digest of its source.
  public var version: UInt64
  public var mode: Mode
  /// Whom it is enforced for; `nil` where that is everybody that `mode` is for.
  public var canary: CanaryPlan?
  /// Whether it is a candidate that runs beside the others.
  public var isShadow: Bool
  public var ruleCount: Int
}

/// What is known of a key that was published.
public struct ChainReport: Equatable, Sendable {
  public var key: TableKey
  /// The version that is served; `nil` where the chain was removed.
  public var served: VersionReport?
  /// Whether `served` stays until `resume`, whatever is published.
  public var isPinned: Bool
  /// Whether one was pinned before the start that could not be read: it is not served.
  public var isPinLost: Bool
  /// The newest publication of the key; not the one that is served where that is pinned.
  public var newestSerial: UInt64
  /// Whether the trigger answers as if nothing were published.
  public var isKilled: Bool
  /// The names of the tables that take no part, whether or not the served version has them.
  public var killedTables: [String]
}

extension CompiledChain {
  var tableReports: [TableReport] {
    let view = self.view
    return (0..<view.tableCount).map { index in
      let table = view.table(index)
      return TableReport(
        name: view.name(of: table), version: view.details(of: table).version, mode: view.mode(table.mode),
        canary: view.canary(of: table), isShadow: index >= view.liveTableCount,
        ruleCount: Int(table.ruleCount))
    }
  }

  var tableNames: [String] { tableReports.map(\.name) }
}

extension ChainView {
  /// The live table that a shadow is one of; `nil` for one of the whole chain.
  func shadowedTable(_ index: Int) -> Int? {
    let role = Int(details(of: table(index)).role)
    return role >= 2 ? role - 2 : nil
  }

  /// Whom a table is enforced for; `nil` where it has no canary, or everybody is in.
  func canary(of table: TableRecord) -> CanaryPlan? { CanaryPlan(details(of: table).canary) }

  func name(of table: TableRecord) -> String { String(repairing: text.extracting(details(of: table).name)) }
}
