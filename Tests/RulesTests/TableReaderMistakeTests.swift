import Rules
import Testing

/// One mistake a source: what is reported, and at which line and column.
@Suite struct TableReaderMistakeTests {
  private static let front = [
    "---", "trigger: post-login", "hitPolicy: FIRST", "mode: enforce", "---",
  ]

  private static func diagnostics(_ text: String) -> [String] {
    TableReader.read(text, file: "t.table.md").diagnostics.map(\.description)
  }

  /// Lines from the sixth on, and the one error that they make.
  private static let mistakes: [(lines: [String], error: String)] = [
    (["# No rules"], "1:1: error: no heading `## Rules`"),
    (["", "### Rules"], "7:1: error: no heading `## Rules`; write this one so, with two `#` and a space"),
    (["# Rules"], "6:1: error: no heading `## Rules`; write this one so"),
    (["##Rules ##"], "6:1: error: no heading `## Rules`; write this one so"),
    (["    ## Rules"], "1:1: error: no heading `## Rules`; put it above"),
    (["text", "<!--", "## Rules"], "7:1: error: no heading `## Rules` outside of the code or comment"),
    (["~~~ text", "## Rules", "```"], "6:1: error: no heading `## Rules` outside of the code or comment"),
    (
      ["<!--", "## Rules", "-->", "~~~", "## Rules", "~~~", "## Rules", "| verdict |", "|---|", "| no |"],
      "15:3: error: `no` is no verdict"
    ),
    (
      ["## Rules", "| verdict |", "|---|", "| allow |", "<!-- a note -->", "| deny |"],
      "10:1: error: "
    ),
    (["", "## Rule"], "7:1: error: no heading `## Rules`; did you mean it by `## Rule`?"),
    (["## Rules", "", "no table"], "6:1: error: no table under `## Rules`"),
    (
      ["## Rules", "| verdict |", "| allow |"], "7:1: error: the table's second line must be dashes"
    ),
    (
      ["## Rules", "| verdict |", "|---|---|", "| allow |"],
      "8:1: error: the line of dashes has 2 cells and the header 1"
    ),
    (["## Rules", "| verdict |", "|---|"], "7:1: error: no rule in the table"),
    (
      ["## Rules", "| verdict |", "|---|", "| allow |", "", "| deny |"],
      "11:1: error: a second table under `## Rules`"
    ),
    (
      ["## Rules", "| verdict |", "|---|", "| allow |", "## Rules"],
      "10:1: error: `## Rules` is there twice (first in line 6)"
    ),
    (["## Rules", "| request.path |", "|---|", "| - |"], "7:1: error: no column `verdict`"),
    (
      ["## Rules", "| request.ip || verdict |", "|---|---|---|", "| - | - | allow |"],
      "7:15: error: a column without a name"
    ),
    (
      ["## Rules", "| reason | verdict |", "|---|---|", "| - | allow |"],
      "7:3: error: `reason` is an output; move it behind `verdict`"
    ),
    (
      ["## Rules", "| verdict | request.ip |", "|---|---|", "| allow | - |"],
      "7:13: error: `request.ip` is an input; move it before `verdict`"
    ),
    (
      ["## Rules", "| request.ip | rule | verdict |", "|---|---|---|", "| - | x | allow |"],
      "7:16: error: `rule` is the first column or none"
    ),
    (
      ["## Rules", "| verdict | comment | reason |", "|---|---|---|", "| allow | x | y |"],
      "7:13: error: `comment` is the last column or none"
    ),
    (
      ["## Rules", "| request.ip | request.ip | verdict |", "|---|---|---|", "| - | - | allow |"],
      "7:16: error: a second column `request.ip`"
    ),
    (
      ["## Rules", "| rule | verdict |", "|---|---|", "| my rule | allow |"],
      "9:3: error: `my rule` is no rule's name"
    ),
    // Escaped pipes and backticks before the mistake count as the characters that they are.
    (
      ["## Rules", "| request.path | verdict |", "|---|---|", "| `\"a\\|b\\|c\", d` | allow |"],
      "9:15: error: `d` is no text"
    ),
    (
      ["## Rules", "| request.path | verdict |", "|---|---|", "| \"é\", d | allow |"],
      "9:8: error: `d` is no text"
    ),
    (
      ["## Rules", "| verdict | reason |", "|---|---|", "| allow | \"a\"b\" |"],
      "9:14: error: `b\"` behind the end of the text"
    ),
    (
      ["## Rules", "| verdict |", "|---|", "| allow |", "## Examples", "none"],
      "10:1: error: no table under `## Examples`"
    ),
    (
      [
        "## Rules", "| verdict |", "|---|", "| allow |", "## Examples", "| request.ip | verdict |",
        "|---|---|", "| ::1 | allow |",
      ], "11:3: error: `request.ip` is no input of this table"
    ),
    (
      [
        "## Rules", "| verdict |", "|---|", "| allow |", "## Examples", "| Akamai-Bt | verdict |",
        "|---|---|", "| - | allow |",
      ], "11:3: error: no signal `Akamai-Bt`; did you mean `akamai-bot`?"
    ),
    (
      [
        "## Rules", "| verdict |", "|---|", "| allow |", "## Examples", "| verdict | rule |",
        "|---|---|", "| allow | nine |",
      ], "13:1: error: no rule `nine` in this table"
    ),
    (
      [
        "## Rules", "| verdict |", "|---|", "| allow |", "## Examples", "| verdict | sorce |",
        "|---|---|", "| allow | x |",
      ], "11:13: error: no output `sorce`"
    ),
    (
      [
        "## Rules", "| verdict |", "|---|", "| allow |", "## Examples", "| verdict |", "|---|",
        "| nothing |",
      ], "13:3: error: `nothing` is no verdict"
    ),
    (
      [
        "## Rules", "| stats.loginsCount | verdict |", "|---|---|", "| - | allow |", "## Examples",
        "| stats.loginsCount | verdict |", "|---|---|", "| > 1 | allow |",
      ], "13:3: error: an example gives one value of `stats.loginsCount`"
    ),
    (
      [
        "## Rules", "| akamaiUserRisk.score | verdict |", "|---|---|", "| - | allow |",
        "## Examples", "| akamaiUserRisk.score | verdict |", "|---|---|", "| 101 | allow |",
      ], "13:3: error: `akamaiUserRisk.score` is a whole number from 0 to 100"
    ),
  ]

  @Test func `a mistake in the body is reported at its line and column`() {
    for (lines, error) in Self.mistakes {
      let found = Self.diagnostics((Self.front + lines).joined(separator: "\n"))
      #expect(found.count == 1, "\(lines): \(found)")
      #expect(found.first?.hasPrefix("t.table.md:" + error) == true, "\(lines): \(found)")
    }
  }

  /// A front matter, and the one error that it makes.
  private static let frontMistakes: [(String, String)] = [
    ("", "1:1: error: no front matter"),
    ("---\ntrigger: a\nhitPolicy: F\nmode: off\n", "1:1: error: the front matter has no end"),
    ("---\ntrigger: a\nhitPolicy: F\n---\n", "1:1: error: no `mode` in the front matter"),
    ("---\ntrigger: a\nmode: off\n---\n", "1:1: error: no `hitPolicy` in the front matter"),
    ("---\nhitPolicy: U\nmode: off\n---\n", "1:1: error: no `trigger` in the front matter"),
    (
      "---\ntrigger: a\nhitPolicy: F\nmode: off\nmode: audit\n---\n",
      "error: `mode` is set twice; keep one"
    ),
    (
      "---\ntrigger: a\nhitPolicy: F\nmode: off\norder: x\n---\n",
      "5:8: error: `x` is no whole number"
    ),
    ("---\ntrigger: [a]\nhitPolicy: F\nmode: off\n---\n", "2:10: error: `trigger` is one value"),
    (
      "---\ntrigger: a\nhitPolicy: F\nmode: off\nsignals: number\n---\n",
      "5:1: error: `signals` is lines of"
    ),
    ("---\ntrigger: a\n  hitPolicy: F\nmode: off\n---\n", "3:12: error: not YAML"),
    (
      "---\ntrigger: a\nhitPolicy: F\nmode: off\nsignals:\n  a b: number\n---\n",
      "6:3: error: `a b` is no signal's name"
    ),
    (
      "---\ntrigger: a\nhitPolicy: F\nmode: off\nsignals:\n  a: enumeration\n---\n",
      "6:6: error: the type of `a` is one of"
    ),
  ]

  @Test func `a mistake in the front matter is reported at its line and column`() {
    for (front, error) in Self.frontMistakes {
      let found = Self.diagnostics(front + "## Rules\n| verdict |\n|---|\n| allow |\n")
        .filter { !$0.contains("no heading") }
      #expect(found.count == 1, "\(front): \(found)")
      #expect(found.first?.contains(error) == true, "\(front): \(found)")
    }
  }
}
