import Rules
import Testing

@Suite struct ExampleRunnerTests {
  private static func run(_ rules: [String], _ examples: [String], mode: String = "enforce") throws
    -> [ExampleResult]
  {
    let text =
      "---\ntrigger: post-login\nhitPolicy: FIRST\nmode: \(mode)\nsignals:\n  shop.tags: list\n"
      + "  shop.tier: string\n---\n## Rules\n\(rules.joined(separator: "\n"))\n## Examples\n"
      + examples.joined(separator: "\n")
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    return try ExampleRunner.run(#require(table, "\(diagnostics)"))
  }

  @Test func `an example fails with what was expected and what the table says`() throws {
    let results = try Self.run(
      [
        "| rule | akamaiUserRisk.score | verdict | reason |", "|---|---|---|---|",
        "| high | >= 90 | mfa | risk \\| high |",
      ],
      [
        "| example | akamaiUserRisk.score | verdict | rule | reason |", "|---|---|---|---|---|",
        "| good | 90 | mfa | high | risk \\| high |",
        "| by number | 90 | mfa | 1 | risk \\| high |",
        "| bad | 95 | deny | high | risk |", "| | 89 | mfa | high | - |",
        "| none | 89 | none | - | - |",
      ])
    #expect(results.map(\.passed) == [true, true, false, false, true])
    #expect(
      results[2].description
        == "t.table.md:18: failed: example `bad`: verdict is `mfa`, expected `deny`; reason is"
        + " `risk | high`, expected `risk`")
    #expect(
      results[3].description
        == "t.table.md:19: failed: example `4`: verdict is `none`, expected `mfa`; rule is `none`,"
        + " expected `high`")
  }

  @Test(arguments: ["off", "audit", "advisory"])
  func `examples of a table that is not enforced are about its rules all the same`(mode: String)
    throws
  {
    let results = try Self.run(
      ["| session.mfaRequired | verdict |", "|---|---|", "| true | deny |"],
      ["| session.mfaRequired | verdict |", "|---|---|", "| true | deny |", "| false | none |"],
      mode: mode)
    #expect(results.map(\.passed) == [true, true])
  }

  @Test func `an example means a rule by its name before it means one by its number`() throws {
    let results = try Self.run(
      [
        "| rule | akamaiUserRisk.score | verdict |", "|---|---|---|", "| 2 | >= 90 | deny |",
        "| 1 | >= 50 | mfa |", "| | >= 20 | review |", "| 3 | - | allow |",
      ],
      [
        "| akamaiUserRisk.score | verdict | rule |", "|---|---|---|", "| 95 | deny | 2 |",
        "| 95 | deny | 1 |", "| 60 | mfa | 1 |", "| 60 | mfa | 2 |", "| 30 | review | 3 |",
        "| 1 | allow | 4 |",
      ])
    #expect(results.map(\.passed) == [true, false, true, false, false, true])
    #expect(results[1].failures.map(\.got) == ["2"])
    #expect(results[4].failures.map(\.got) == ["the rule in row 3"])
  }

  @Test func `raw headers are scanned, and a signal given beside one stands above it`() throws {
    let results = try Self.run(
      [
        "| rule | akamaiUserRisk.score | akamaiUserRisk.risk.vpn | akamaiUserRisk.uuid | verdict |",
        "|---|---|---|---|---|", "| vpn | >= 50 | \"true/H\" | \"u1\" | deny |",
        "| broken | invalid | - | - | review |", "| proof | unverified | - | - | mfa |",
      ],
      [
        "| AKAMAI-USER-RISK | akamaiUserRisk.score | akamaiUserRisk.uuid | verdict | rule |",
        "|---|---|---|---|---|",
        "| uuid=u1;status=0;score=60;risk=vpn:true/H | - | - | deny | vpn |",
        "| `uuid=u2;status=0;score=60;risk=vpn:true/H\\|prx:true/H` | - | U1 | deny | vpn |",
        "| uuid=u2;status=0;score=60;risk=vpn:true/H | 10 | \"u1\" | none | - |",
        "| score=1;score=2 | - | - | review | broken |", "| `absent` | - | - | review | broken |",
        "| absent | 50 | - | none | - |", "| unverified | - | - | mfa | proof |",
        "| unverified | absent | - | none | - |",
      ])
    for result in results { #expect(result.passed, "\(result)") }
    #expect(results.count == 8)
  }

  @Test func `context signals of every type reach the table`() throws {
    let results = try Self.run(
      [
        "| rule | request.ip | stats.loginsCount | authentication.methods | user.email | shop.tags | shop.tier | verdict |",
        "|---|---|---|---|---|---|---|---|",
        "| all | 10.0.0.0/8 | [1..5) | \"mfa\" | \"a@example.com\" | \"x, y\" | not(\"gold\") | allow |",
      ],
      [
        "| request.ip | stats.loginsCount | authentication.methods | user.email | shop.tags | shop.tier | verdict |",
        "|---|---|---|---|---|---|---|",
        "| 10.1.2.3 | 4.5 | pwd, mfa | A@Example.com | \"x, y\", z | silver | allow |",
        "| ::ffff:10.1.2.3 | 1 | mfa | a@example.com | \"x, y\" | \"silver\" | allow |",
        "| 11.1.2.3 | 4 | mfa | a@example.com | \"x, y\" | silver | none |",
        "| 10.1.2.3 | 5 | mfa | a@example.com | \"x, y\" | silver | none |",
        "| 10.1.2.3 | 4 | MFA | a@example.com | \"x, y\" | silver | none |",
        "| 10.1.2.3 | 4 | mfa | b@example.com | \"x, y\" | silver | none |",
        "| 10.1.2.3 | 4 | mfa | a@example.com | x, y | silver | none |",
        "| 10.1.2.3 | 4 | mfa | a@example.com | \"x, y\" | gold | none |",
        "| invalid | 4 | mfa | a@example.com | \"x, y\" | silver | none |",
        "| - | 4 | mfa | a@example.com | \"x, y\" | silver | none |",
      ])
    for result in results { #expect(result.passed, "\(result)") }
    #expect(results.count == 10)
  }

  @Test func `examples of a table with overlapping rules do not run`() throws {
    let text =
      "---\ntrigger: a\nhitPolicy: UNIQUE\nmode: off\n---\n## Rules\n| verdict |\n|---|\n| allow |\n| mfa |\n"
    let table = try #require(TableReader.read(text, file: "t.table.md").table)
    #expect(throws: UncompilableTable.self) { try ExampleRunner.run(table) }
  }

  @Test func `a candidate's rules are run whatever its rollout, but for those that are off`() throws {
    let results = try Self.run(
      [
        "| rule | akamaiUserRisk.score | verdict | mode |", "|---|---|---|---|",
        "| gone | >= 90 | deny | off |", "| new | >= 80 | mfa | canary 1% |", "| - | - | allow | |",
      ],
      [
        "| akamaiUserRisk.score | verdict | rule |", "|---|---|---|", "| 95 | mfa | new |",
        "| 5 | allow | 3 |",
      ], mode: "canary 5%\nshadow: true")
    #expect(results.map(\.passed) == [true, true], "\(results)")
  }
}
