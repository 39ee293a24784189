import Rules
import Signals
import Wire

/// A random table source, with the cells that its text must be read as.
package struct RandomTable {
  package var text: String
  package var cells: [[UnaryTests]]

  /// With `anyPolicy`, all matches may be hits.
  package init(
    order: Int, ruleCount: Int, signals: [Signal], anyPolicy: Bool = false,
    using random: inout SeededGenerator
  ) {
    let mode = random.pick(["off", "audit", "advisory", "enforce", "enforce", "enforce", "enforce"])
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
    lines += customs.map { "  \($0.name): \($0.type.name)" }
    lines += ["---", "## Rules"]
    lines.append(Self.row(["rule"] + signals.map(\.name) + ["verdict"] + outputs))
    lines.append(Self.row([String](repeating: "---", count: signals.count + outputs.count + 2)))
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
      lines.append(Self.row([name] + rowCells.map(\.text) + [verdict] + values))
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
