import Signals
import Testing
import Wire

@testable import Rules

@Suite struct TableReaderTests {
  private static let front = [
    "---", "trigger: post-login", "hitPolicy: FIRST", "mode: enforce", "---",
  ]

  /// A source whose sixth line is the first of `lines`.
  private static func source(_ lines: String...) -> String {
    (front + lines).joined(separator: "\n")
  }

  private static func diagnostics(_ text: String) -> [String] {
    TableReader.read(text, file: "t.table.md").diagnostics.map(\.description)
  }

  @Test func `code and comments hide headings, and headings are those of CommonMark`() {
    let text = Self.source(
      "<!-- ## Rules", "## Rules", "--> | a |", "~~~~", "## Rules", "~~~", "```", "~~~~", "````", "## Rules",
      "```", "## Rules", "````", "<!-- one line -->", "```code``` begins this line of prose", " ## Rules ##",
      "| verdict |", "|---|", "| allow |", "   ## Examples #", "| verdict |", "|---|", "| allow |")
    #expect(Self.diagnostics(text) == [])
    #expect(TableReader.read(text, file: "t.table.md").table?.examples.map(\.location.line) == [28])
  }

  @Test func `a rule's mode above its table's is a warning, once, where it stands`() {
    let text = Self.source(
      "## Rules", "| akamaiUserRisk.score | verdict | mode |", "|---|---|---|", "| 1 | deny | off |",
      "| 2 | deny | audit |", "| 3 | deny | canary 5% |", "| 4 | deny | enforce |", "| - | allow | - |")
    let audited = text.replacing("mode: enforce", with: "mode: audit")
    #expect(
      Self.diagnostics(audited) == [
        "t.table.md:11:14: warning: `canary 5%` has no effect, here and in 1 more: a rule counts no further than"
          + " its table, which is in mode `audit`; raise the table's mode, and lower that of the rules that are"
          + " not to count"
      ])
    #expect(Self.diagnostics(text) == [])
    #expect(Self.diagnostics(text.replacing("mode: enforce", with: "mode: off")) == [])
  }

  @Test func `a front matter that cannot be read is one error, and not one of each name it declares`() {
    let rest =
      "## Rules\n| shop.total | user.id | verdict |\n|---|---|---|\n| > 1 | in staff | nothing |\n"
      + "## Examples\n| shop.total | verdict |\n|---|---|\n| 1 | allow |\n"
    let found = Self.diagnostics("---\ntrigger: a\n  mode: off\n---\n" + rest)
    #expect(found.count == 2, "\(found)")
    #expect(found.first?.contains("3:7: error: not YAML") == true, "\(found)")
    #expect(found.last?.contains("8:20: error: `nothing` is no verdict") == true, "\(found)")
    #expect(Self.diagnostics("---\ntrigger: a\nmode: off\nhitPolicy: F\n---\n" + rest).count == 4)
  }

  @Test func `a table is read whole`() throws {
    let text = """
      ---
      name: step-up
      tenant: acme
      trigger: post-login
      order: 30
      hitPolicy: F
      mode: audit
      onLate: deny
      signals:
        shop.total: number
      ---
      # Step up

      Prose, `## Rules` in it, and a list:

      - one | two

      ```
      ## Rules
      ```

      ## Rules

      | rule | akamaiUserRisk.score | `shop.total` | verdict | reason | claim.risk | comment |
      |:-----|---------------------:|:------------:|---------|--------|------------|---------|
      | high | >= 90 | - | mfa | user risk \\| high | "h\\|i" | for now |
      |      | `< 90` | `-5` | `deny` | - |  |  |

      More prose.

      ## Examples

      | example | Akamai-User-Risk | shop.total | verdict | rule | reason | source |
      |---------|------------------|------------|---------|------|--------|--------|
      | one     | `a\\|b`          | 7          | mfa     | high | user risk \\| high | constructed |
      | two     | invalid          | absent     | none    | -    | -      | -      |
      """
    let (read, diagnostics) = TableReader.read(text, file: "dir/t.table.md")
    #expect(diagnostics == [])
    let table = try #require(read)
    #expect(table.name == "step-up")
    #expect(table.title == "Step up")
    #expect(table.tenant == "acme")
    #expect(table.trigger == "post-login")
    #expect(table.order == 30)
    #expect(table.hitPolicy == .first)
    #expect(table.mode == .audit)
    #expect(table.onLate == .deny)
    #expect(table.inputs.map(\.name) == ["akamaiUserRisk.score", "shop.total"])
    #expect(table.location == SourceLocation(line: 22, column: 1))
    #expect(table.rules.map(\.name) == ["high", ""])
    #expect(table.rules.map(\.number) == [1, 2])
    #expect(table.rules.map(\.verdict) == [.mfa, .deny])
    #expect(table.rules[0].cells[1] == .any)
    #expect(table.rules[1].cells[1].matches(.number(-5)))
    #expect(
      table.rules[0].outputs == [
        .init(kind: .reason, value: "user risk | high"),
        .init(kind: .claim, name: "risk", value: "h|i"),
      ])
    #expect(table.rules[1].outputs == [])
    #expect(table.rules[1].location == SourceLocation(line: 27, column: 1))

    #expect(table.examples.map(\.name) == ["one", "two"])
    #expect(table.examples.map(\.verdict) == [.mfa, nil])
    #expect(table.examples.map(\.rule) == ["high", nil])
    #expect(table.examples.map(\.source) == ["constructed", ""])
    #expect(table.examples[0].input.headers == [.init(field: .akamaiUserRisk, value: "a|b")])
    #expect(table.examples[0].input.signals.map(\.value) == [.number(7)])
    #expect(table.examples[1].input.headers == [])
    #expect(table.examples[1].input.headerStates == [.akamaiUserRisk: .invalid])
    #expect(table.examples[1].input.signals.map(\.value) == [.absent])
    #expect(table.examples[1].outputs == [.init(kind: .reason, value: "")])
  }

  @Test func `a table without a name is named after its file`() {
    let text = Self.source("## Rules", "| verdict |", "|---|", "| allow |")
    #expect(TableReader.read(text, file: "a/b/login.table.md").table?.name == "login")
    #expect(TableReader.read(text, file: "login.table.md").table?.order == Table.orderDefault)
    #expect(TableReader.read(text, file: "login.table.md").table?.onLate == .mfa)
  }

  @Test func `line ends, a byte order mark and a missing last line end change nothing`() {
    let text = Self.source("## Rules", "| verdict |", "|---|", "| allow |")
    for variant in [text + "\n", text.replacing("\n", with: "\r\n"), "\u{FEFF}" + text] {
      let (table, diagnostics) = TableReader.read(variant, file: "t.table.md")
      #expect(diagnostics == [])
      #expect(table?.rules.count == 1)
    }
  }

  @Test func `the version is the digest of the bytes`() {
    let text = Self.source("## Rules", "| verdict |", "|---|", "| allow |")
    let versions = [text, text, text + " "].map { TableReader.read($0, file: "t").table?.version }
    #expect(versions[0] == versions[1])
    #expect(versions[0] != versions[2])
    #expect(sourceDigest([]) == 0xCBF2_9CE4_8422_2325)
    #expect(sourceDigest(Array("foobar".utf8)) == 0x8594_4171_F739_67E8)
  }

  @Test func `all errors of a file are reported at once, in order`() {
    let text = """
      ---
      trigger: post login
      hitPolicy: FRIST
      mode: enforced
      colour: red
      signals:
        akamaiUserRisk.score: string
        shop.total: numbr
      ---
      ## Rules
      | rule | akamaiUserRisk.scor | request.ip | verdict | raeson | obligation |
      |------|---------------------|------------|---------|--------|------------|
      | a    | >= 90               | 10.0.0.1/8 | mfa     | x      |            |
      | a    | -                   | -          |         | x      |            |
      | b    | -                   | not(absent, ::1) | alow | x  |            |
      | c    | -                   | -          | allow   |        |
      """
    #expect(
      Self.diagnostics(text) == [
        "t.table.md:2:10: error: `post login` is no name; write 1 to 64 letters, digits, `.`, `_` and `-`",
        "t.table.md:3:12: error: `hitPolicy` is one of `UNIQUE`, `ANY`, `PRIORITY`, `FIRST`, `RULE ORDER`, `OUTPUT ORDER`, `COLLECT`, `COLLECT SUM`, `COLLECT MIN`, `COLLECT MAX`, `COLLECT COUNT`; `FRIST` is not; did you mean `FIRST`?",
        "t.table.md:4:7: error: `mode` is one of `off`, `audit`, `advisory`, `enforce`, `canary 5%`; `enforced` is not; did you mean `enforce`?",
        "t.table.md:5:1: error: no setting `colour`; the settings are `name`, `title`, `trigger`, `tenant`, `order`, `hitPolicy`, `mode`, `shadow`, `shadowOf`, `onLate`, `budget`, `lists`, `signals`, `outputs`, `values`, `default`",
        "t.table.md:7:3: error: `akamaiUserRisk.score` is a signal of Postern's own, of type number; choose another name",
        "t.table.md:8:15: error: the type of `shop.total` is one of `number`, `string`, `boolean`,"
          + " `list`, `address`, `date`, `time`, `date and time`, `days and time duration`,"
          + " `years and months duration`; did you mean `number`?",
        "t.table.md:11:10: error: no signal `akamaiUserRisk.scor`; did you mean `akamaiUserRisk.score`?",
        "t.table.md:11:55: error: no output `raeson`; did you mean `reason`?",
        "t.table.md:13:32: error: `10.0.0.1/8` has bits behind its prefix; write `10.0.0.0/8` for the block or `10.0.0.1` for the address",
        "t.table.md:14:1: error: a second rule `a` (the first is in line 13); give it another name",
        "t.table.md:14:45: error: no verdict; write one of `allow`, `mfa`, `review`, `deny`, `revoke`",
        "t.table.md:15:44: error: states and values inside one `not(...)`; write `not(...)` around the values alone, which no state matches, or split the rule in two",
        "t.table.md:15:51: error: `alow` is no verdict; write one of `allow`, `mfa`, `review`, `deny`, `revoke`; did you mean `allow`?",
        "t.table.md:16:1: error: 5 cells in a table of 6 columns; write `\\|` for a pipe that belongs to a cell, and `-` for a cell without a test",
      ])
  }

  @Test func `bytes that are not UTF-8 are an error in their line`() {
    let bytes = Array("---\nname: ".utf8) + [0xFF, 0x0A]
    let (table, diagnostics) = TableReader.read(bytes, file: "t.table.md")
    #expect(table == nil)
    #expect(
      diagnostics.map(\.description) == ["t.table.md:2:1: error: not UTF-8; save the file as UTF-8"]
    )
  }

  @Test func `a table has at most 64 input columns`() {
    let names = (0..<65).map { "s\($0)" }
    let text =
      "---\ntrigger: a\nhitPolicy: F\nmode: off\nsignals:\n"
      + names.map { "  \($0): number\n" }.joined() + "---\n## Rules\n| "
      + names.joined(separator: " | ") + " | verdict |\n|"
      + String(repeating: "---|", count: 66) + "\n| "
      + String(repeating: "- | ", count: 65) + "allow |\n"
    #expect(
      Self.diagnostics(text).map { $0.contains("65 input columns; 64 is the most") } == [true])
  }
}
