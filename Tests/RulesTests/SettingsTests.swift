import Testing
import Wire

@testable import Rules

@Suite struct SettingsTests {
  private static func read(
    _ settings: String, policy: String = "F", mode: String? = "audit", _ rows: String...
  ) -> (table: Table?, diagnostics: [String]) {
    let rows = rows.isEmpty ? ["| verdict | claim.n |", "|---|---|", "| mfa | 1 |"] : rows
    let text =
      "---\ntrigger: a\nhitPolicy: \(policy)\n" + (mode.map { "mode: \($0)\n" } ?? "") + settings
      + "---\n## Rules\n" + rows.joined(separator: "\n")
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return (table, diagnostics.map(\.description))
  }

  @Test func `a table's mode may be for a share of users or sessions`() {
    func mode(_ text: String) -> (Mode?, Canary?) {
      let table = Self.read("", mode: text).table
      return (table?.mode, table?.canary)
    }
    #expect(mode("audit") == (.audit, nil))
    #expect(mode("canary 5%") == (.enforce, Canary(basisPoints: 500, key: .user)))
    #expect(mode("canary 0.25%") == (.enforce, Canary(basisPoints: 25, key: .user)))
    #expect(mode("canary 100% by user.id") == (.enforce, Canary(basisPoints: 10_000, key: .user)))
    #expect(
      mode("canary 12.5% by session.id") == (.enforce, Canary(basisPoints: 1250, key: .session)))
  }

  @Test(arguments: [
    "canary", "canary 5", "canary 0%", "canary 101%", "canary 0.001%", "canary -5%", "canary 5% by",
    "canary 5% by request.ip", "canary .5%", "canary 5.%", "canary 1e1%", "canary 5% of user.id",
  ])
  func `a share that is none is refused`(mode: String) {
    let found = Self.read("", mode: mode).diagnostics
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("t.table.md:4:7: error: `mode` is one of") == true, "\(found)")
    #expect(found.first?.contains("`canary 5%`, and a key") == true, "\(found)")
  }

  @Test func `a rule may have a mode of its own`() throws {
    let (read, diagnostics) = Self.read(
      "", mode: "enforce", "| verdict | mode | reason |", "|---|---|---|", "| mfa | audit | x |",
      "| mfa | `canary 1% by session.id` | - |", "| mfa | | - |", "| mfa | - | - |")
    #expect(diagnostics == [])
    let table = try #require(read)
    #expect(table.rules.map(\.mode) == [.audit, .enforce, nil, nil])
    #expect(table.rules[1].canary == Canary(basisPoints: 100, key: .session))
    #expect(table.outputs.map(\.column.text) == ["reason"])
  }

  @Test func `a budget is a duration`() {
    for (text, nanoseconds) in [
      ("1us", 1000), ("2.5us", 2500), ("800ns", 800), ("3 ms", 3_000_000), ("1µs", 1000),
      ("1000ms", 1_000_000_000),
    ] {
      #expect(Self.read("budget: \(text)\n").table?.budgetNanoseconds == nanoseconds, "\(text)")
      #expect(durationNanoseconds(durationText(nanoseconds)) == nanoseconds)
    }
    for text in ["1", "us", "0us", "-1us", "1s", "1001ms", "1e3ns", "1..5us", "nanus", "1us2"] {
      let found = Self.read("budget: \(text)\n").diagnostics
      #expect(found.count == 1 && found[0].hasPrefix("t.table.md:5:9: error: "), "\(found)")
    }
  }

  @Test func `a shadow runs beside a table or the chain, and needs no mode`() {
    #expect(Self.read("shadow: true\n", mode: nil).table?.shadow == .ofChain)
    #expect(Self.read("shadow: true\n", mode: nil).table?.mode == .audit)
    #expect(Self.read("shadowOf: live\n", mode: "enforce").table?.shadow == .ofTable("live"))
    #expect(Self.read("shadowOf: live\n", mode: "enforce").table?.mode == .enforce)
    #expect(Self.read("shadow: false\n").table?.shadow == .some(nil))
  }

  /// Settings from the fifth line on, under a policy, and the one error that they make.
  private static let mistakes: [(policy: String, settings: String, error: String)] = [
    ("F", "shadow: maybe\n", "5:9: error: `shadow` is one of `true`, `false`"),
    ("F", "shadow: false\nshadowOf: x\n", "1:1: error: `shadowOf` makes a shadow"),
    ("F", "shadowOf: a b\n", "5:11: error: `a b` is no name"),
    ("F", "outputs: number\n", "5:1: error: `outputs` is lines like `claim.points: number`"),
    ("F", "outputs:\n  claim.n: int\n", "6:12: error: the type of `claim.n` is one of"),
    ("F", "outputs:\n  claim.m: number\n", "6:3: error: no output column `claim.m` in the rules"),
    ("F", "values:\n  claim.n: 2, 3\n", "error: `1` is no value of `claim.n`; its values are"),
    ("F", "values:\n  verdict: deny, allow\n", "error: `mfa` is not among the values of `verdict`"),
    ("F", "values:\n  verdict: mfa, mfa\n", "6:17: error: `mfa` is in the list twice"),
    ("F", "values:\n  verdict: mfa, , deny\n", "6:17: error: a value is missing here"),
    ("F", "values:\n  verdict: mfa, alow\n", "6:17: error: `alow` is no verdict"),
    ("F", "values:\n  reason: a\n", "6:3: error: no output column `reason` in the rules"),
    ("F", "values:\n  claim.n: '\"1'\n", "6:12: error: the text has no end"),
    ("F", "default:\n  claim.n: 1\n", "5:1: error: no verdict under `default`"),
    ("F", "default:\n  verdict: x\n", "6:12: error: `x` is no verdict"),
    ("F", "default:\n  verdict: mfa\n  claim.m: 1\n", "7:3: error: no output column `claim.m`"),
    ("F", "default: mfa\n", "5:1: error: `default` is lines like `verdict: review`"),
    ("F", "default:\n  verdict:\n    a: b\n", "error: `verdict` is one value"),
    ("C+", "default:\n  verdict: mfa\n  claim.n: x\n", "7:12: error: `x` is no number"),
    ("C+", "outputs:\n  claim.n: string\n", "error: `hitPolicy: COLLECT SUM` and no output to"),
  ]

  @Test func `mistakes are reported at their lines and columns`() {
    for (policy, settings, error) in Self.mistakes {
      let found = Self.read(settings, policy: policy).diagnostics
      #expect(found.count == 1 && found[0].contains(error), "\(settings): \(found)")
    }
  }

  @Test(arguments: ["PRIORITY", "OUTPUT ORDER"])
  func `a policy that ranks by output values is refused without any, in every format`(policy: String) {
    let markdown =
      "---\ntrigger: a\nhitPolicy: \(policy)\nmode: off\n---\n## Rules\n| verdict | claim.n |\n|---|---|\n"
      + "| allow | 1 |\n"
    let csv = "# trigger: a\n# hitPolicy: \(policy)\n# mode: off\nverdict,claim.n\nallow,1\n"
    let dmn = """
      <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
          xmlns:postern="urn:postern:dmn:1" name="d" namespace="n">
        <decision id="d1" name="D">
          <extensionElements><postern:table trigger="a" mode="off"/></extensionElements>
          <decisionTable hitPolicy="\(policy)">
            <input><inputExpression><text>akamaiUserRisk.score</text></inputExpression></input>
            <output name="verdict" typeRef="string"/>
            <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"allow"</text></outputEntry></rule>
          </decisionTable>
        </decision>
      </definitions>
      """
    let message = "error: `hitPolicy: \(policy)` and no list of output values to rank by; write one under"
    for (text, place) in [(markdown, "t.table.md:7:1"), (csv, "t.table.csv:4:1"), (dmn, "t.table.dmn:3:3")] {
      let file = String(place.prefix { $0 != ":" })
      let (table, found) = TableReader.read(text, file: file)
      #expect(table == nil)
      #expect(found.map { $0.description.prefix(message.count + place.count + 2) } == ["\(place): \(message)"])
      let one = text.replacing("claim.n", with: "reason")
      #expect(TableReader.read(one, file: file).table == nil)
    }
    let listed = markdown.replacing("mode: off", with: "mode: off\nvalues:\n  claim.n: 1, 2")
    #expect(TableReader.read(listed, file: "t.table.md").table != nil)
  }

  @Test func `a cell that makes null of a sum is warned of`() throws {
    let text =
      "---\ntrigger: a\nhitPolicy: C+\nmode: off\n---\n## Rules\n| rule | verdict | claim.n |\n|---|---|---|\n"
      + "| a | allow | 1 |\n| b | allow | |\n| c | allow | |\n"
    let (table, found) = TableReader.read(text, file: "t.table.md")
    #expect(table != nil)
    #expect(
      found.map(\.description) == [
        "t.table.md:10:1: warning: rule `b` (line 10) and 1 more have no `claim.n`: where one matches"
          + " there is none, whatever other rules say; write a number"
      ])
    #expect(TableReader.read(text.replacing("C+", with: "C#"), file: "t.table.md").diagnostics.isEmpty)
  }

  @Test func `outputs of rules are checked against their type and values`() {
    let (_, found) = Self.read(
      "values:\n  claim.level: low, high\n", policy: "C>", "| verdict | claim.n | claim.level |",
      "|---|---|---|", "| mfa | 1O | low |")
    #expect(
      found.map { $0.prefix(48) } == [
        "t.table.md:6:16: error: `low` is no number, and ",
        "t.table.md:6:21: error: `high` is no number, and",
        "t.table.md:11:9: error: `1O` is no number, and `",
        "t.table.md:11:14: error: `low` is no number, and",
      ])
    let (table, none) = Self.read(
      "outputs:\n  claim.level: string\nvalues:\n  claim.level: low, high\n", policy: "C>",
      "| verdict | claim.n | claim.level |", "|---|---|---|", "| mfa | 1.50 | high |",
      "| deny | -0 | |")
    #expect(none == [])
    #expect(table?.rules.map { $0.outputs.map(\.value) } == [["1.5", "high"], ["0"]])
    #expect(table?.outputs.map(\.type) == [.number, .string])
    #expect(table?.outputs[1].values == ["low", "high"])
  }

  @Test func `a rule cannot be called as the default is`() {
    let (_, found) = Self.read(
      "default:\n  verdict: mfa\n", "| rule | verdict |", "|---|---|", "| default | mfa |")
    #expect(found.count == 1 && found[0].contains("a second rule `default` (the first is in line 5)"))
  }

  @Test func `an example may name the default rule, and lists of a table of many hits`() throws {
    let (read, diagnostics) = Self.read(
      "default:\n  verdict: mfa\n", policy: "R", "| verdict | reason |", "|---|---|", "| mfa | a |",
      "", "## Examples", "| verdict | rule | reason |", "|---|---|---|",
      "| mfa | default | a, \"b, c\" |", "| mfa | 0 | - |", "| mfa | 2 | - |")
    #expect(
      diagnostics.map { $0.prefix(40) } == [
        "t.table.md:17:1: error: no rule `0` in t", "t.table.md:18:1: error: no rule `2` in t",
      ])
    #expect(read == nil)
    let table = try #require(
      Self.read(
        "", policy: "R", "| verdict | reason |", "|---|---|", "| mfa | a |", "", "## Examples",
        "| verdict | reason |", "|---|---|", "| mfa | a, \"b, c\" |", "| mfa | - |"
      ).table)
    #expect(table.examples.map { $0.outputs.map(\.value) } == [["a", "b, c"], [""]])
  }
}
