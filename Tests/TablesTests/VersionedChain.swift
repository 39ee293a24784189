import Signals
import Tables
import Wire

/// Chains that tell their version in everything they answer: which rule a value hits, that rule's
/// verdict, the table's version and the reason. A mixture of two versions shows.
enum VersionedChain {
  static let signal = Signal.named("stats.loginsCount")
  private static let boundaries = (0..<8).map(Double.init)
  static let classCount = 17

  static func make(version: UInt64) throws -> CompiledChain {
    try CompiledChain(plan(version: version))
  }

  private static func plan(version: UInt64) -> ChainPlan {
    let rules = (0..<classCount).map { rule in
      RulePlan(
        name: "", number: rule + 1, verdict: verdict(rule: rule, version: version),
        outputs: [.init(kind: .reason, value: "version \(version), rule \(rule)")])
    }
    let column = ColumnPlan(
      .numbers(boundaries: boundaries), states: rules.map { _ in [] },
      classes: (0..<classCount).map { rule in
        Set((0..<classCount).filter { Self.rule(ofClass: $0, version: version) == rule })
      })
    let table = TablePlan(
      name: "versioned", version: version, mode: .enforce, columns: [column], rules: rules)
    return ChainPlan([table], signals: [signal])
  }

  /// What chain `version` replies for a value of class `classIndex`.
  static func reply(version: UInt64, classIndex: Int) -> DecisionReply {
    let rule = rule(ofClass: classIndex, version: version)
    return DecisionReply(
      verdict: verdict(rule: rule, version: version), rule: UInt32(rule + 1),
      tableVersion: version,
      outputs: [
        .init(kind: .table, value: "versioned"),
        .init(kind: .reason, value: "version \(version), rule \(rule)"),
      ])
  }

  /// A number of a class.
  static func number(ofClass index: Int) -> Double { Double(index) / 2 - 0.5 }

  private static func rule(ofClass index: Int, version: UInt64) -> Int {
    (index + Int(version % UInt64(classCount))) % classCount
  }

  private static func verdict(rule: Int, version: UInt64) -> Verdict {
    [.allow, .mfa, .review, .deny, .revoke][(rule + Int(version % 5)) % 5]
  }
}

/// What an event loop does with the store, one decision at a time.
struct StoreLoop: ~Copyable {
  let store: TableStore
  let reader: LoopReader
  private var evaluator = Evaluator()
  private var out = ByteWriter()

  init(_ store: TableStore) {
    self.store = store
    reader = store.makeReader()
  }

  /// The reply of what is published under a key, `nil` when nothing is.
  mutating func reply(_ key: TableKey, classIndex: Int) -> DecisionReply? {
    guard write(Names(key), classIndex: classIndex) else { return nil }
    return try? Reply(reading: out.span).decisions.first
  }

  /// Writes the reply of what is published under a key; `false` when nothing is.
  mutating func write(_ names: Names, classIndex: Int) -> Bool {
    out.removeAll()
    out.beginMessage(.reply)
    let isThere = store.read(reader) { tables in
      guard
        let chain = tables.chain(
          tenant: names.tenant, trigger: names.trigger, in: names.bytes.span)
      else { return false }
      evaluator.vector[0] = .number(VersionedChain.number(ofClass: classIndex))
      let decision = evaluator.evaluate(chain, in: names.bytes.span, fallback: .allow)
      chain.write(
        decision, of: &evaluator, correlationID: 0, in: names.bytes.span, to: &out)
      return true
    }
    out.finishMessage(decisionCount: 1)
    return isThere
  }

  /// A key as it lies in a request.
  struct Names {
    let bytes: [UInt8]
    let tenant: ByteRange
    let trigger: ByteRange

    init(_ key: TableKey) {
      let tenant = Array(key.tenant.utf8)
      let trigger = Array(key.trigger.utf8)
      bytes = tenant + trigger
      self.tenant = ByteRange(offset: 0, count: tenant.count)
      self.trigger = ByteRange(offset: tenant.count, count: trigger.count)
    }
  }
}
