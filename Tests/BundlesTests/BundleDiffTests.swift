import Bundles
import Rules
import Tables
import Testing

@Suite struct BundleDiffTests {
  private static func table(
    _ rules: String, settings: String = "", mode: String = "enforce", name: String = "guard", order: Int = 1,
    policy: String = "FIRST", columns: String = "akamaiUserRisk.score | request.ip | user.id"
  ) -> String {
    """
    ---
    trigger: post-login
    name: \(name)
    order: \(order)
    hitPolicy: \(policy)
    mode: \(mode)
    \(settings)
    ---
    ## Rules

    | rule | \(columns) | verdict | reason |
    |------|---|---|---|---|---|
    \(rules)
    """
  }

  private static func diff(_ old: [String], _ new: [String]) throws -> BundleDiff {
    func bundle(_ sources: [String]) throws -> TableBundle {
      try TableBundle(BundleBytes(try Fixture.bundle(sources: sources)), trust: Fixture.insecure)
    }
    return try BundleDiff(from: try bundle(old), to: try bundle(new))
  }

  private static let rest = "| rest | - | - | - | allow | |"

  /// The lines of the rules that differ.
  private static func rules(_ old: String, _ new: String) throws -> [String] {
    try diff([table(old + "\n" + rest)], [table(new + "\n" + rest)]).entries.filter { $0.rule != nil }
      .map { $0.lines.joined(separator: "\n") }
  }

  @Test func `a rule says its verdict, outputs and cells as they were and are`() throws {
    let texts = try Self.rules(
      #"| high | >= 90 | 10.0.0.0/8 | "a","b" | mfa | risk |"#,
      #"| high | [80..95), absent | 10.0.0.0/8, 192.0.2.1 | not("a") | deny | |"#)
    #expect(
      texts == [
        """
        changed post-login guard, rule 1 `high`
            verdict: mfa -> deny
            reason: "risk" -> nothing
            if akamaiUserRisk.score: >= 90 -> [80..94], absent
            if request.ip: 10.0.0.0/8 -> 10.0.0.0/8, 192.0.2.1
            if user.id: "a", "b" -> not("a")
        """
      ])
  }

  @Test func `an added and a removed rule say all of it`() throws {
    let texts = try Self.rules(#"| old | < 5 | - | - | mfa | |"#, #"| new | - | - | not(absent) | deny | x |"#)
    #expect(
      texts == [
        """
        added post-login guard, rule 1 `new`
            verdict: deny
            reason: "x"
            mode: enforce
            canary: everybody
            if user.id: not(absent)
        """,
        """
        removed post-login guard, rule 1 `old`
            verdict: mfa
            mode: enforce
            canary: everybody
            if akamaiUserRisk.score: <= 4
        """,
      ])
  }

  @Test func `a rule that only is written otherwise says the same`() throws {
    let texts = try Self.rules(
      "| high | >= 90 | not(10.0.0.0/8) | - | mfa | |", "| high | > 89 | not(10.0.0.0/9, 10.128.0.0/9) | - | mfa | |")
    #expect(texts == ["changed post-login guard, rule 1 `high`: written otherwise, says the same"])
  }

  @Test func `lists, states and enumerations are read back as cells say them`() throws {
    let columns = "akamaiUserRisk.standing | akamaiBot.botCategory | akamaiUserRisk.allow"
    let table = { (rule: String) in Self.table(rule + "\n" + Self.rest, columns: columns) }
    let diff = try Self.diff(
      [table(#"| a | "full" | "x","y" | 1 | mfa | |"#)], [table(#"| a | not("full") | not("y") | absent | mfa | |"#)])
    #expect(
      diff.entries.last?.lines.joined(separator: "\n") == """
        changed post-login guard, rule 1 `a`
            if akamaiBot.botCategory: "x", "y" -> not("y")
            if akamaiUserRisk.allow: 1 -> absent
            if akamaiUserRisk.standing: "full" -> "noProfile", "unusable"
        """)
  }

  @Test func `a table says mode, hits, columns and the order of its rules`() throws {
    let a = "| a | >= 90 | - | - | mfa | |"
    let b = "| b | - | 10.0.0.0/8 | - | deny | |"
    let diff = try Self.diff(
      [Self.table([a, b, Self.rest].joined(separator: "\n"))],
      [
        Self.table([b, a, Self.rest].joined(separator: "\n"), mode: "audit")
      ])
    #expect(diff.entries.map(\.rule) == [nil, nil])
    let details = try #require(diff.entries.last?.details)
    #expect(details.map(\.what) == ["version", "mode", "rule order"])
    #expect(details.dropFirst().map(\.text) == ["mode: enforce -> audit", "rule order: a, b -> b, a"])
    let collected = try Self.diff(
      [Self.table(Self.rest)], [Self.table("| x | - | - | - | mfa | |\n" + Self.rest, policy: "RULE ORDER")])
    let text = collected.entries[1].lines.joined(separator: "\n")
    #expect(text.contains("hits: the first rule that matches -> every rule that matches"), "\(text)")
    #expect(text.contains("rules: 1 -> 2"), "\(text)")
  }

  @Test func `a chain says its order and its candidates`() throws {
    let one = { (order: Int) in Self.table(Self.rest, name: "one", order: order) }
    let two = Self.table("| x | 1 | - | - | mfa | |\n" + Self.rest, name: "two", order: 2)
    let candidate = Self.table(Self.rest, settings: "shadowOf: one", name: "next", order: 4)
    let diff = try Self.diff([one(1), two], [one(3), two, candidate])
    #expect(
      diff.entries[0].lines.joined(separator: "\n") == """
        changed post-login
            order: one, two -> two, one
            candidates: none -> next
        """)
    let added = try #require(diff.entries.first { $0.change == .added })
    #expect(added.table == "next")
    #expect(added.lines.contains { $0.hasPrefix("    part: a candidate beside one") }, "\(added.lines)")
  }

  @Test func `what bundles say of themselves is told and is no difference of tables`() throws {
    let key = PrivateKey()
    let old = try Fixture.bundle(serial: 1, created: 0)
    let new = try Fixture.signed(
      Fixture.bundle(serial: 2, created: 1, expires: 86_400, environment: "production"), by: key)
    let diff = try BundleDiff(
      from: try TableBundle(BundleBytes(old), trust: Fixture.insecure),
      to: try TableBundle(BundleBytes(new), trust: Fixture.insecure))
    #expect(diff.entries.isEmpty)
    #expect(
      diff.bundle.map(\.text) == [
        "serial: 1 -> 2", "created: 1970-01-01T00:00:00Z -> 1970-01-01T00:00:01Z",
        "expires: never -> 1970-01-02T00:00:00Z", "environment: any -> production",
        "signed by: nobody -> key \(key.publicKey.id)",
      ])
  }

  /// Cells of a table with bit vectors in clusters, where a rule may have several bits.
  @Test func `a table of ten thousand rules says which one differs, and in what`() throws {
    let rows = { (changed: String) in
      (0..<10_000).map { number in
        number == 7_777 ? changed : "| r\(number) | \(number % 100) | 10.\(number / 256).\(number % 256).0/24 | - | mfa | |"
      }.joined(separator: "\n")
    }
    let old = rows(#"| r7777 | >= 50 | 10.0.0.0/8 | "a" | mfa | |"#)
    let new = rows(#"| r7777 | >= 40 | 10.0.0.0/8 | "b" | mfa | |"#)
    #expect(
      try Self.rules(old, new) == [
        """
        changed post-login guard, rule 7778 `r7777`
            if akamaiUserRisk.score: >= 50 -> >= 40
            if user.id: "a" -> "b"
        """
      ])
  }

  @Test func `behind as many rules as are looked at it is told that none is`() throws {
    func rows(_ verdict: String) -> String {
      (0..<300).map { "| r\($0) | \($0 % 100) | - | - | \(verdict) | |" }.joined(separator: "\n")
    }
    let found = try Self.rules(rows("mfa"), rows("deny"))
    #expect(found.count == 300)
    #expect(found[255] == "changed post-login guard, rule 256 `r255`\n    verdict: mfa -> deny")
    #expect(found[256] == "changed post-login guard, rule 257 `r256`: not looked at")
  }
}
