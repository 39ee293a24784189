import Rules
import Tables
import Wire

extension AdminReport.Table {
  init(_ table: TableReport) {
    let mode = ReportedMode(table.mode, table.canary, isShadow: table.isShadow)
    self.init(
      name: table.name, version: hexadecimal(table.version), mode: mode.name,
      canaryPercent: mode.canaryPercent, rules: table.ruleCount)
  }
}

/// The mode of a table as a report says it.
private struct ReportedMode {
  var name: String
  var canaryPercent: Double?

  /// A candidate has no say, whomever it would be enforced for.
  init(_ mode: Mode, _ canary: CanaryPlan?, isShadow: Bool) {
    name = isShadow ? "shadow" : canary == nil ? mode.name : "canary"
    canaryPercent = isShadow ? nil : canary.map { Double($0.basisPoints) / 100 }
  }
}

extension AdminReport.Version {
  init(_ version: VersionReport) {
    self.init(
      serial: version.serial, time: version.time, tables: version.tables.map { .init($0) })
  }
}

extension AdminReport.Chain {
  init(_ chain: ChainReport) {
    self.init(
      tenant: chain.key.tenant, trigger: chain.key.trigger, killed: chain.isKilled,
      killedTables: chain.killedTables, pinned: chain.isPinned,
      pinLost: chain.isPinLost ? true : nil, newestSerial: chain.newestSerial,
      served: chain.served.map { .init($0) })
  }
}

extension AdminReport.ChainStatistics {
  init(_ chain: ChainStatistics) {
    self.init(
      tenant: chain.key.tenant, trigger: chain.key.trigger, serial: chain.serial,
      decisions: chain.decisions, tables: chain.tables.map { .init($0) })
  }
}

extension AdminReport.TableStatistics {
  init(_ table: ChainStatistics.Table) {
    let isLarge = table.rules.count > AdminReport.ruleCountMax
    let mode = ReportedMode(table.mode, table.canary, isShadow: table.shadow != nil)
    let listed = table.rules.filter { !isLarge || $0.enforced > 0 || $0.wouldBe > 0 }
    self.init(
      name: table.name, version: hexadecimal(table.version), mode: mode.name,
      canaryPercent: mode.canaryPercent, decided: table.decided,
      enforced: table.enforced, wouldBe: table.wouldBe,
      rules: listed.map {
        .init(
          number: $0.number, name: $0.name, verdict: $0.verdict.name, enforced: $0.enforced,
          wouldBe: $0.wouldBe)
      },
      shadow: table.shadow.map { .init($0) }, omitted: table.rules.count - listed.count)
  }
}

extension AdminReport.Shadow {
  init(_ matrix: ShadowMatrix) {
    self.init(
      of: matrix.liveTable,
      outcomes: matrix.outcomes.map {
        .init(live: $0.live?.name ?? "none", shadow: $0.shadow?.name ?? "none", count: $0.count)
      })
  }
}

extension ShadowMatrix {
  /// Those that have happened.
  var outcomes: [(live: Verdict?, shadow: Verdict?, count: UInt64)] {
    let sides: [Verdict?] = [nil] + Verdict.allCases
    return sides.flatMap { live in
      sides.map { shadow in (live, shadow, self[live: live, shadow: shadow]) }
    }.filter { $0.count > 0 }
  }
}
