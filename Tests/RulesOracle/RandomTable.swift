import Rules
import Signals
import Wire

/// A random table source, with the cells that its text must be read as.
package struct RandomTable {
  package var text: String
  package var cells: [[UnaryTests]]

  /// With `anyPolicy`, all matches may be hits. With `rollout`, tables and rules may have canaries, and rules
  /// modes of their own.
  package init(
    order: Int, ruleCount: Int, signals: [Signal], anyPolicy: Bool = false, rollout: Bool = false,
    using random: inout SeededGenerator
  ) {
    let modes = ["off", "audit", "advisory", "enforce", "enforce", "enforce", "enforce"]
    let canaries = ["canary 30%", "canary 60% by session.id", "canary 100%"]
    let mode = random.pick(rollout ? modes + canaries : modes)
    let hasRuleModes = rollout && random.chance(50)
    let outputs = ["reason", "code", "message", "obligation", "claim.a", "claim.b", "metadata.a"]
      .filter { _ in random.chance(40) }
    var lines = ["---", "trigger: post-login", "order: \(order)", "mode: \(mode)"]
    let multiHit = ["RULE ORDER", "OUTPUT ORDER", "COLLECT"]
    let aggregating = outputs.contains { $0.contains(".") } ? ["C+", "C<", "C>", "C#"] : []
    let policy =
      random.chance(50)
      ? "FIRST"
      : random.pick(["UNIQUE", "ANY", "PRIORITY"] + (anyPolicy ? multiHit + aggregating : []))
    let adds = ["C+", "C<", "C>"].contains(policy)
    lines.append("hitPolicy: \(policy)")
    let verdicts = Verdict.allCases.shuffled(using: &random).map(\.name)
    let isRanked = ["PRIORITY", "OUTPUT ORDER"].contains(policy)
    if random.chance(40) || isRanked { lines += ["values:", "  verdict: \(verdicts.joined(separator: ", "))"] }
    if random.chance(30) {
      lines += ["default:", "  verdict: \(random.pick(verdicts))"]
      lines += outputs.filter { _ in random.chance(50) }.map { output in
        "  \(output): " + (policy.hasPrefix("C") && output.contains(".") ? "7" : "default of \(order)")
      }
    }
    let customs = signals.filter { $0.source == .custom }
    if !customs.isEmpty { lines.append("signals:") }
    lines += customs.map { "  \($0.name): \($0.typeName)" }
    lines += ["---", "## Rules"]
    let columns = ["rule"] + signals.map(\.name) + ["verdict"] + (hasRuleModes ? ["mode"] : []) + outputs
    lines.append(Self.row(columns))
    lines.append(Self.row(columns.map { _ in "---" }))
    cells = []
    for number in 1...ruleCount {
      let rowCells = signals.map { RandomCell(for: $0, using: &random) }
      cells.append(rowCells.map(\.tests))
      // Rules of an ANY table may overlap where they answer alike.
      let verdict = policy == "ANY" ? "mfa" : random.pick(Verdict.allCases).name
      let values = outputs.map { output -> String in
        if policy == "ANY" { return "x" }
        if !random.chance(50) { return "" }
        return adds && output.contains(".")
          ? "\(random.below(200) - 50)" : "\(output) of \(order)/\(number)"
      }
      let name = random.chance(50) ? "rule-\(number)" : ""
      let own = hasRuleModes ? [random.chance(40) ? "" : random.pick(modes + canaries)] : []
      lines.append(Self.row([name] + rowCells.map(\.text) + [verdict] + own + values))
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map { escapingPipes($0) }.joined(separator: " | ") + " |"
  }

  private static func escapingPipes(_ text: String) -> String {
    text.map { $0 == "|" ? "\\|" : String($0) }.joined()
  }
}
