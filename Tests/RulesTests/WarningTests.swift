import Rules
import Testing

@Suite struct WarningTests {
  private static func warnings(_ rows: String...) throws -> [String] {
    let text =
      "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n"
      + rows.joined(separator: "\n") + "\n## Examples\n| verdict |\n|---|\n| allow |\n"
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try #require(table, "\(diagnostics)").warnings().map(\.description)
  }

  @Test func `a rule behind one that matches all that it does can never fire`() throws {
    #expect(
      try Self.warnings(
        "| rule | akamaiUserRisk.score | verdict |", "|---|---|---|", "| high | >= 80 | mfa |",
        "| higher | >= 90 | deny |", "| rest | - | allow |") == [
          "t.table.md:10:1: warning: rule `higher` (line 10) can never fire: rule `high` (line 9)"
            + " matches all that it does; move it up or remove it"
        ])
  }

  @Test func `a rule behind several that match all that it does can never fire`() throws {
    #expect(
      try Self.warnings(
        "| akamaiUserRisk.score | request.path | verdict |", "|---|---|---|",
        "| >= 50 | \"/a\", absent | mfa |", "| >= 50 | not(\"/a\") | mfa |",
        "| [60..70] | \"/a\", \"/b\", absent | deny |", "| - | - | allow |") == [
          "t.table.md:11:1: warning: rule 3 (line 11) can never fire: the rules above it together"
            + " match all that it does (rule 1 (line 9), rule 2 (line 10)); move it up or remove it"
        ])
  }

  @Test func `an input without a rule is shown, with the states that no rule is about`() throws {
    #expect(
      try Self.warnings(
        "| akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|",
        "| >= 90 | - | mfa |", "| < 50, absent | - | allow |") == [
          "t.table.md:6:1: warning: no rule matches `akamaiUserRisk.score` 50,"
            + " `session.mfaRequired` false; add a rule for it, or a last rule of `-`",
          "t.table.md:6:1: warning: not every input with `akamaiUserRisk.score` invalid/unverified is"
            + " decided; add a rule for them, or a last rule of `-`",
        ])
  }

  @Test func `a state that is undecided only for want of another signal is not named`() throws {
    #expect(
      try Self.warnings(
        "| akamaiUserRisk.score | session.mfaRequired | request.country | verdict |", "|---|---|---|---|",
        "| >= 50 | true | - | mfa |", "| >= 50 | - | - | review |", "| < 50 | - | - | allow |") == [
          "t.table.md:6:1: warning: not every input with `akamaiUserRisk.score` absent/invalid/unverified"
            + " is decided; add a rule for them, or a last rule of `-`"
        ])
    // Here a value of either is decided, and that neither has one is not.
    #expect(
      try Self.warnings(
        "| akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|",
        "| >= 0 | - | mfa |", "| - | true, false | allow |") == [
          "t.table.md:6:1: warning: not every input with `akamaiUserRisk.score` absent/invalid/"
            + "unverified, `session.mfaRequired` absent/invalid/unverified is decided; add a rule for them,"
            + " or a last rule of `-`"
        ])
  }

  @Test func `a table whose rules match everything together has no gap`() throws {
    #expect(
      try Self.warnings(
        "| akamaiUserRisk.score | session.mfaRequired | verdict |", "|---|---|---|",
        "| >= 90 | true | mfa |", "| >= 90 | not(absent) | mfa |", "| >= 90 | absent | allow |",
        "| < 90 | - | allow |", "| absent, invalid, unverified | - | allow |") == [])
  }

  @Test func `a table without examples is reported`() throws {
    let text =
      "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: enforce\n---\n## Rules\n| verdict |\n|---|\n| allow |\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    #expect(table.warnings().map { $0.message.hasPrefix("no examples") } == [true])
  }
}
