import Rules
import RulesOracle
import Signals
import Wire

/// A random table source that uses all that a source can say, for reading and writing again.
struct RandomSource {
  var text: String

  init(using random: inout SeededGenerator) {
    let policy = random.pick(HitPolicy.allCases)
    let signals = Array(
      RandomVocabulary.signals.shuffled(using: &random).prefix(random.below(5)))
    let named = ["reason", "code", "message", "obligation", "claim.b", "metadata.a b"]
      .filter { _ in random.chance(40) }
    let outputs = named + ["claim.n"]
    var lines = ["---", "trigger: post-login", "hitPolicy: \(policy.letters)"]
    if random.chance(40) { lines.append("name: '\(random.pick(["t", "other.name", "0"]))'") }
    if random.chance(40) { lines.append("order: \(random.below(200) - 100)") }
    if random.chance(30) { lines.append("tenant: acme") }
    if random.chance(40) { lines.append("budget: \(random.pick(["1us", "2.5us", "800ns", "3ms"]))") }
    if random.chance(30) {
      lines.append(random.pick(["shadow: true", "shadowOf: live"]))
    }
    lines.append("mode: \(Self.mode(using: &random))")
    lines += Self.settings(of: signals, outputs, policy, using: &random)
    lines += ["---", "# A title: \"with\" # marks | and pipes", "Prose.", "", "## Rules", ""]
    let hasModes = random.chance(40)
    let head = ["rule"] + signals.map(\.name) + ["verdict"] + (hasModes ? ["mode"] : [])
    lines.append(Self.row(head + outputs + ["comment"]))
    lines.append(Self.row((head + outputs + ["comment"]).map { _ in random.pick(["---", ":-:"]) }))
    for number in 1...(1 + random.below(6)) {
      var cells = [random.chance(50) ? "rule-\(number)" : ""]
      cells += signals.map { Self.fenced(RandomCell(for: $0, using: &random).text, using: &random) }
      cells.append(random.pick(Verdict.allCases).name)
      if hasModes { cells.append(random.chance(50) ? Self.mode(using: &random) : "-") }
      cells += named.map { _ in random.chance(50) ? random.pick(Self.answers) : "" }
      cells += [random.pick(["", "-", "1", "2", "-3.50", "\"40\""]), random.pick(["", "a | b"])]
      lines.append(Self.row(cells))
    }
    lines += ["", "After.", ""]
    if random.chance(70) { lines += Self.examples(signals, named, policy, using: &random) }
    text = lines.joined(separator: random.chance(20) ? "\r\n" : "\n") + "\n"
  }

  private static let answers = [
    "plain", "a|b", "\"quoted\"", "\"say \\\"x\\\"\"", "`fenced`", "\"-\"", "=1+1", "a, b; c", "#x",
    "\"two\\nlines\"", "\u{E9}t\u{E9}", "it's", "- x",
  ]

  private static func mode(using random: inout SeededGenerator) -> String {
    random.pick(
      ["off", "audit", "advisory", "enforce", "canary 5%", "canary 0.25% by session.id"])
  }

  private static func fenced(_ text: String, using random: inout SeededGenerator) -> String {
    random.chance(20) && !text.contains("`") && !text.isEmpty ? "`\(text)`" : text
  }

  private static func settings(
    of signals: [Signal], _ outputs: [String], _ policy: HitPolicy, using random: inout SeededGenerator
  ) -> [String] {
    var lines: [String] = []
    let customs = signals.filter { $0.source == .custom }
    if !customs.isEmpty { lines.append("signals:") }
    lines += customs.map { "  \($0.name): \($0.typeName)" }
    lines += ["outputs:", "  claim.n: number"]
    lines += outputs.filter { ["claim.b", "metadata.a b"].contains($0) }.map { "  \($0): string" }
    if random.chance(50) || policy.isByPriority {
      let verdicts = Verdict.allCases.shuffled(using: &random).map(\.name)
      lines += ["values:", "  verdict: \(verdicts.joined(separator: ", "))"]
      lines += ["  claim.n: 1, 2, -3.5, 40, 7"]
    }
    if random.chance(50) {
      lines += ["default:", "  verdict: review", "  claim.n: 7"]
      if outputs.contains("reason") { lines.append("  reason: 'none: \"of\" them'") }
    }
    return lines
  }

  private static func examples(
    _ signals: [Signal], _ outputs: [String], _ policy: HitPolicy,
    using random: inout SeededGenerator
  ) -> [String] {
    var lines = ["## Examples", ""]
    let head =
      ["example", "Akamai-User-Risk"] + signals.map(\.name) + ["verdict", "rule"] + outputs
      + ["source", "comment"]
    lines += [row(head), row(head.map { _ in "---" })]
    for number in 0...random.below(4) {
      var cells = [random.pick(["", "example \(number)", "#\(number)"])]
      cells.append(random.pick(["", "-", "invalid", "status=0;score=9", "`absent`", "`a|b`"]))
      cells += signals.map { signal in
        random.chance(30)
          ? random.pick(["", "-", "absent", "unverified"]) : random.pick(values(of: signal))
      }
      cells += [random.pick(Verdict.allCases.map(\.name) + ["none"]), random.pick(["", "1"])]
      cells += outputs.map { _ in
        random.pick(policy.isMultiHit ? ["", "x", "a, \"b, c\"", "\"-\"", "a, null", "\"null\""] : ["", "-"] + answers)
      }
      lines.append(row(cells + [random.pick(["", "seen"]), random.pick(["", "why"])]))
    }
    return lines
  }

  private static func values(of signal: Signal) -> [String] {
    switch signal.type {
    case .number: numbers(of: signal.scale)
    case .string: ["a b"]
    case .boolean: ["true"]
    case .list: ["a, \"b, c\""]
    case .address: ["10.0.0.1"]
    case .enumeration: [signal.cases[0]]
    }
  }

  private static func numbers(of scale: SignalScale) -> [String] {
    switch scale {
    case .plain: ["7"]
    case .date: ["2026-01-31", "\"-0044-03-15\"", "@\"2024-02-29\"", "date(\"999999999-12-31\")"]
    case .time: ["13:45:00", "time( \"08:30:00.000000001\" )"]
    case .dateTime: ["2026-01-31T13:45:00.123456+02:00", "date and time(\"1969-12-31T23:59:59.9z\")"]
    case .seconds: ["-P1DT2H", "duration(\"PT0.000001S\")", "\"P99000D\""]
    case .months: ["P1Y2M", "@\"-P1M\""]
    }
  }

  private static func row(_ cells: [String]) -> String {
    "|" + cells.map { " \($0.replacing("|", with: "\\|")) " }.joined(separator: "|") + "|"
  }
}

extension Table {
  /// Without what says where it was read.
  func unplaced() -> Table {
    var table = self
    table.file = ""
    table.version = 1
    table.location = SourceLocation(line: 1, column: 1)
    table.outputLocations = []
    table.budgetLocation = nil
    table.defaultRule?.location = table.location
    for index in rules.indices { table.rules[index].location = table.location }
    for index in examples.indices { table.examples[index].location = table.location }
    return table
  }
}
