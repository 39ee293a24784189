import Testing

@testable import Rules

@Suite struct FormatTests {
  @Test func `tables are aligned and spelt one way, and all else stays`() throws {
    let text = """
      ---
      # A comment.
      trigger:   post-login
      hitPolicy: FIRST
      mode: audit     # until May
      ---
      # Title

      Prose |with pipes|,   and spaces.   

      ```
      ## Rules
      | not | a table |
      ```

      ## Rules

      |rule|akamaiUserRisk.score|request.country|akamaiUserRisk.risk.vpn.level|request.ip|verdict|reason|
      |:--|-:|:-:|---|---|---|---|
      |a|>=90,absent|"US","De"|h|"10.0.0.0/8"|mfa|a\\|b|
      ||[ 50 .. 90 )||  |`not( absent )`|allow|

      Last prose.
      """
    // A row that is not as wide as the header is an error: nothing is rewritten.
    #expect(TableFormatter.format(Array(text.utf8), file: "t.table.md").bytes == nil)
    let whole = text.replacing("|allow|", with: "|allow||")
    let formatted = try #require(
      TableFormatter.format(Array(whole.utf8), file: "t.table.md").bytes)
    let lines = String(decoding: formatted, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let old = whole.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == old.count)
    #expect(lines[..<17] == old[..<17])
    #expect(lines.suffix(2) == old.suffix(2))
    #expect(
      lines[17..<21] == [
        "| rule | akamaiUserRisk.score | request.country | akamaiUserRisk.risk.vpn.level | request.ip    | verdict | reason |",
        "|:-----|---------------------:|:---------------:|-------------------------------|---------------|---------|--------|",
        "| a    | >= 90, absent        | \"US\", \"De\"      | \"H\"                           | 10.0.0.0/8    | mfa     | a\\|b   |",
        "|      | [50..90)             | -               | -                             | `not(absent)` | allow   |        |",
      ])
  }

  @Test(arguments: ["t.table.md", "t.table.csv"])
  func `what may have been cut off is neither formatted nor converted`(file: String) throws {
    let whole =
      file.hasSuffix("csv")
      ? "# trigger: a\n# hitPolicy: F\n# mode: off\nrequest.ip,verdict,code\n-,mfa,password\n"
      : "---\ntrigger: a\nhitPolicy: F\nmode: off\n---\n## Rules\n\n| request.ip | verdict | code |\n"
        + "|---|---|---|\n| - | mfa | password |\n"
    for (count, isWhole) in [(0, true), (1, false), (3, false)] {
      let bytes = Array(whole.utf8.dropLast(count))
      let formatted = TableFormatter.format(bytes, file: file, isWhole: true)
      #expect((formatted.bytes != nil) == isWhole)
      for target in ["u.table.md", "u.table.csv", "u.table.dmn"] {
        let converted = TableConverter.convert(bytes, file: file, to: target, isWhole: true)
        #expect((converted.bytes != nil) == isWhole, "\(target)")
        #expect(converted.diagnostics.contains { $0.message.contains("may have been cut off") } == !isWhole)
      }
    }
  }

  @Test func `a byte order mark, line ends and a CSV file's separators stay`() throws {
    let text = "\u{FEFF}# trigger: a;;\r\n# hitPolicy: F\r\n# mode: off;;\r\n;;\r\n"
      + "stats.loginsCount;verdict;reason\r\n>=5;\"allow\";a\r\n"
    let formatted = try #require(
      TableFormatter.format(Array(text.utf8), file: "t.table.csv").bytes)
    #expect(
      String(decoding: formatted, as: UTF8.self)
        == text.replacing(">=5;\"allow\";", with: ">= 5;allow;"))
  }

  @Test func `a table converted from another format keeps its name`() throws {
    let text = "---\ntrigger: a\nhitPolicy: C#\nmode: off\n---\n## Rules\n"
      + "| verdict | claim.n |\n|---|---|\n| allow | a, b |\n"
    let csv = try #require(
      TableConverter.convert(Array(text.utf8), file: "x/old.table.md", to: "new.table.csv").bytes)
    #expect(
      String(decoding: csv, as: UTF8.self)
        == "# name: old\n# trigger: a\n# hitPolicy: C#\n# mode: off\nverdict,claim.n\nallow,\"a, b\"\n")
  }

  @Test func `numbers are written without exponents`() {
    let texts = [
      (1e21, "1000000000000000000000"), (1.5e22, "15000000000000000000000"), (1e-7, "0.0000001"),
      (-2.5e-9, "-0.0000000025"), (90, "90"), (-0.5, "-0.5"), (123_456_789.25, "123456789.25"),
    ]
    for (number, text) in texts {
      #expect(numberText(number) == text)
      #expect(decimalNumber(text) == number)
    }
    for text in ["", "-", "1.", ".5", "1e3", "0x1", "+1", "1 ", "nan", "--1", "1.2.3"] {
      #expect(decimalNumber(text) == nil, "\(text)")
    }
  }
}
