import Signals
import Wire

extension ImageBuilder {
  /// A canary's record; everybody is in where there is none.
  static func canary(
    _ canary: CanaryPlan?, plan signals: [Signal]
  ) throws(ImageError) -> CanaryRecord {
    guard let canary else { return CanaryRecord() }
    guard signals.indices.contains(canary.slot), signals[canary.slot].type == .string,
      (0...Int(CanaryRecord.nobodyExcluded)).contains(canary.basisPoints)
    else { throw .inconsistent("a canary of slot \(canary.slot)") }
    return CanaryRecord(slot: UInt32(canary.slot), bound: UInt32(canary.basisPoints))
  }
}

extension TablePlan {
  var flags: TableFlags {
    var flags: TableFlags = []
    if hits == .all { flags.insert(.hitsAll) }
    // Of a first match, a last rule that matches everything needs no care.
    if hasDefault, hits == .all { flags.insert(.hasDefault) }
    if hasRuleModes { flags.insert(.hasRuleModes) }
    if canary != nil { flags.insert(.hasCanary) }
    return flags
  }

  private var hasRuleModes: Bool {
    rules.contains { $0.mode != .enforce || $0.canary != nil }
  }
}

extension TableRole {
  /// As a record has it; `nil` for a shadow of a table that is not there, and for a table whose
  /// place among the live ones or behind them is not that of its role.
  func code(liveCount: Int, isShadow: Bool) -> UInt32? {
    switch self {
    case .live: isShadow ? nil : 0
    case .shadowOfChain: isShadow ? 1 : nil
    case .shadowOfTable(let index):
      isShadow && (0..<liveCount).contains(index) ? UInt32(index) + 2 : nil
    }
  }
}
