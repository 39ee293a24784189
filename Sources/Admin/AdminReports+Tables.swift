import Tables
import Wire

extension AdminReport.Table {
  init(_ table: TableReport) {
    self.init(
      name: table.name, version: hexadecimal(table.version), mode: table.mode.name,
      rules: table.ruleCount)
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
      killedTables: chain.killedTables, pinned: chain.isPinned, newestSerial: chain.newestSerial,
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
    let listed = table.rules.filter { !isLarge || $0.enforced > 0 || $0.wouldBe > 0 }
    self.init(
      name: table.name, version: hexadecimal(table.version), mode: table.mode.name,
      decided: table.decided, enforced: table.enforced, wouldBe: table.wouldBe,
      rules: listed.map {
        .init(
          number: $0.number, name: $0.name, verdict: $0.verdict.name, enforced: $0.enforced,
          wouldBe: $0.wouldBe)
      },
      omitted: table.rules.count - listed.count)
  }
}

private func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
