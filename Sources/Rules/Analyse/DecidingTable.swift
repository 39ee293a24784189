import Wire

/// How much of the traffic that its table decides a rule decides too.
enum RuleReach: Hashable {
  case all
  /// Whoever a canary is enforced for; the rules behind it have the rest.
  case part(Canary)
  /// None: it is counted, and the search for the verdict goes on behind it.
  case audited(Mode)

  var isAll: Bool { self == .all }

  /// Whether its answer is anybody's: a rule that is audited hides nothing.
  var decides: Bool {
    if case .audited = self { false } else { true }
  }
}

extension Table {
  /// The table as it decides: its rules in the order in which they do, without those that are off.
  var inDecidingOrder: Table {
    var table = self
    table.rules = hitOrder().map { rules[$0] }.filter { $0.mode != .off }
    return table
  }

  /// As it decides, with its default rule as the last of its rules.
  var withDefaultLast: Table {
    var table = inDecidingOrder
    table.rules += [defaultRule].compactMap(\.self)
    return table
  }

  /// Whether the table is in its chain's verdicts at all, now or for whoever tries it.
  var isLive: Bool { mode != .off && shadow == nil }

  func reach(of rule: Rule) -> RuleReach {
    if let own = rule.mode, own.rawValue < mode.rawValue { return .audited(own) }
    guard let canary = rule.canary, canary != self.canary,
      canary.basisPoints < Canary.basisPointsMax, mode == .enforce
    else { return .all }
    return .part(canary)
  }

  /// Whether the table's answers are those of all its trigger's traffic.
  var decidesAll: Bool {
    mode == .enforce && (canary.map { $0.basisPoints >= Canary.basisPointsMax } ?? true)
  }
}

extension Rule {
  /// With how far it counts, where that is less than its table: "rule `a` (line 9, canary 5%)".
  func label(_ reach: RuleReach) -> String {
    let rollout: String
    switch reach {
    case .all: return label
    case .part(let canary): rollout = ModeText(mode: .enforce, canary: canary).description
    case .audited(let mode): rollout = mode.name
    }
    return "\(label.dropLast()), \(rollout))"
  }
}
