import Signals
import Tables
import Wire

/// Compiles the tables of one (tenant, trigger).
public enum ChainCompiler {
  /// The plan of a chain, `nil` where the diagnostics hold an error. Tables that are off have no
  /// part in it; the rest run in their order.
  ///
  /// A chain is as cautious about late requests as the strictest of its enforced tables: at run time, of
  /// those that are not killed, and whose canary the login is in.
  public static func compile(
    _ tables: [Table]
  ) -> (plan: ChainPlan?, diagnostics: [Diagnostic]) {
    var diagnostics = conflicts(among: tables)
    for table in tables {
      diagnostics += table.overlapErrors()
      if let refusal = table.rowRefusal() { diagnostics.append(refusal) }
    }
    let (live, shadows) = parts(of: tables)
    let active = live + shadows
    var slots: [Signal: Int] = [:]
    var signals: [Signal] = []
    for signal in active.flatMap({ $0.inputs + $0.canaryKeys }) where slots[signal] == nil {
      slots[signal] = signals.count
      signals.append(signal)
    }
    diagnostics += tooMany(live, active, signals)
    guard !diagnostics.hasErrors else { return (nil, diagnostics) }
    let names = live.map(\.name)
    let plan = ChainPlan(
      signals: signals, tables: active.map { $0.plan(slots: slots, liveNames: names) },
      onLate: live.filter { $0.mode == .enforce }.map(\.onLate).max() ?? .allow)
    for (table, tablePlan) in zip(active, plan.tables) { diagnostics += table.outputErrors(tablePlan) }
    guard !diagnostics.hasErrors else { return (nil, diagnostics) }
    diagnostics += budgetErrors(of: active, plan)
    return (diagnostics.hasErrors ? nil : plan, diagnostics)
  }

  /// The tables that have a part in a chain: the live ones in the order in which they run, and the
  /// shadows. One of a table that is off has nothing to be compared with.
  static func parts(of tables: [Table]) -> (live: [Table], shadows: [Table]) {
    let active = tables.filter { $0.mode != .off }
    let live = active.filter { $0.shadow == nil }.sorted { $0.order < $1.order }
    let shadows = active.filter { table in
      switch table.shadow {
      case nil: false
      case .ofChain: true
      case .ofTable(let name): live.contains { $0.name == name }
      }
    }
    return (live, shadows.sorted { ($0.order, $0.name) < ($1.order, $1.name) })
  }

  /// Tables that cannot be in one chain.
  private static func conflicts(among tables: [Table]) -> [Diagnostic] {
    var diagnostics = shadowConflicts(among: tables)
    var orders: [Int: Table] = [:]
    var names: [String: Table] = [:]
    var customs: [String: (signal: Signal, table: Table)] = [:]
    for table in tables {
      if table.shadow == nil, let other = orders.updateValue(table, forKey: table.order) {
        diagnostics.append(
          table.error(
            "order \(table.order) in the chain of `\(table.trigger)` is also that of"
              + " `\(other.file)`; give each table an `order:` of its own"))
      }
      if let other = names.updateValue(table, forKey: table.name) {
        diagnostics.append(
          table.error(
            "table `\(table.name)` in the chain of `\(table.trigger)` is also in `\(other.file)`;"
              + " give each table a `name:` of its own"))
      }
      for signal in table.customInputs {
        if let other = customs.updateValue((signal, table), forKey: signal.name),
          other.signal != signal
        {
          diagnostics.append(
            table.error(
              "signal `\(signal.name)` is of type \(signal.typeName) here and of type"
                + " \(other.signal.typeName) in `\(other.table.file)`; declare one type"))
        }
      }
    }
    return diagnostics
  }

  /// Shadows of a table that is not there, and more of them than a chain may have.
  private static func shadowConflicts(among tables: [Table]) -> [Diagnostic] {
    let names = tables.filter { $0.shadow == nil }.map(\.name)
    var diagnostics: [Diagnostic] = []
    for table in tables {
      guard case .ofTable(let name) = table.shadow, !names.contains(name) else { continue }
      diagnostics.append(
        table.error(
          "no live table `\(name)` in the chain of `\(table.trigger)` to be a shadow of"
            + hint(for: name, among: names, otherwise: "; set `shadow: true` to run beside the chain")
        ))
    }
    let shadows = tables.filter { $0.shadow != nil && $0.mode != .off }
    if shadows.count > Shadow.countMax {
      diagnostics.append(
        shadows.last!.error(
          "\(shadows.count) shadows in the chain of `\(shadows[0].trigger)`, this table the last;"
            + " \(Shadow.countMax) is the most"))
    }
    return diagnostics
  }

  private static func tooMany(
    _ live: [Table], _ tables: [Table], _ signals: [Signal]
  ) -> [Diagnostic] {
    guard let last = tables.last else { return [] }
    let outputs = Set(
      tables.flatMap(\.rules).flatMap(\.outputs).filter { !$0.name.isEmpty }
        .map { "\($0.kind.rawValue) \($0.name)" })
    let counts = [
      ("tables", live.count, ChainPlan.tableCountMax),
      ("signals", signals.count, SchemaView.slotCountMax),
      ("claims and metadata entries", outputs.count, outputNameCountMax),
    ]
    return counts.filter { $0.1 > $0.2 }.map { what, count, limit in
      last.error(
        "\(count) \(what) in the chain of `\(last.trigger)`, this table the last of it; \(limit)"
          + " is the most"
      )
    }
  }

  /// LIMIT: a compiled chain keeps one bit a kind and name of output in a word, six of them for
  /// outputs without a name.
  private static let outputNameCountMax = 58
}

extension Table {
  /// LIMIT: bytes of a table's rows in memory while it is compiled: as many as an image may have.
  private static let rowByteCountMax = 1 << 30

  /// An error where the rows, a bit for each rule in each, are beyond the limit; it names the column
  /// with most of them. Those of clustered tables are not laid out in full.
  func rowRefusal() -> Diagnostic? {
    if rules.count >= TablePlan.clusteredRuleCountMin { return nil }
    let rowByteCount = RuleBits(count: rules.count).words.count * 8
    // A test makes two classes at most; a signal without tests, 256.
    let testCount = rules.reduce(0) { $0 + $1.cells.reduce(0) { $0 + $1.tests.count } }
    guard (2 * testCount + 260 * inputs.count) * rowByteCount > Self.rowByteCountMax else {
      return nil
    }
    let counts = columns.map { column in
      (column.signal.name, (ClassSpace(column).rowCount + PlainSignal.states.count) * rowByteCount)
    }
    let total = counts.reduce(0) { $0 + $1.1 }
    guard total > Self.rowByteCountMax, let largest = counts.max(by: { $0.1 < $1.1 }) else {
      return nil
    }
    return error(
      "\(total >> 20) MiB of rows, \(largest.1 >> 20) MiB of them for column `\(largest.0)`;"
        + " \(Self.rowByteCountMax >> 20) MiB is the most: write fewer different values there, or"
        + " split the table")
  }

  /// Errors of the outputs that would not fit into replies, at their columns.
  fileprivate func outputErrors(_ plan: TablePlan) -> [Diagnostic] {
    plan.outputFaults().map { fault in
      let column = OutputColumn(kind: fault.kind, name: fault.name)
      let index = outputs.firstIndex { $0.column == column }
      let location = index.flatMap { outputLocations.indices.contains($0) ? outputLocations[$0] : nil }
      return Diagnostic(
        .error, file: file, at: location ?? self.location, "`\(column.text)`: \(fault)")
    }
  }

  /// An error of the table as a whole.
  func error(_ message: String) -> Diagnostic {
    Diagnostic(.error, file: file, at: SourceLocation(line: 1, column: 1), message)
  }
}
