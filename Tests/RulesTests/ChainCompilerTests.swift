import Rules
import Signals
import Tables
import Testing
import Wire

@Suite struct ChainCompilerTests {
  private static func table(
    _ file: String, front: String = "", mode: String = "enforce", policy: String = "UNIQUE",
    _ rows: String...
  ) throws -> Table {
    let text =
      "---\ntrigger: post-login\nhitPolicy: \(policy)\nmode: \(mode)\n\(front)---\n## Rules\n"
      + rows.joined(separator: "\n")
    let (table, diagnostics) = TableReader.read(text, file: file)
    return try #require(table, "\(diagnostics)")
  }

  @Test func `two tables with the same order are an error that names both files`() throws {
    let a = try Self.table("a.table.md", front: "order: 7\n", "| verdict |", "|---|", "| allow |")
    let b = try Self.table("b.table.md", front: "order: 7\n", "| verdict |", "|---|", "| allow |")
    let (plan, diagnostics) = ChainCompiler.compile([a, b])
    #expect(plan == nil)
    #expect(
      diagnostics.map(\.description) == [
        "b.table.md:1:1: error: order 7 in the chain of `post-login` is also that of `a.table.md`;"
          + " give each table an `order:` of its own"
      ])
  }

  @Test func `two tables with one name, and one signal of two types, are errors`() throws {
    let rows = ["| x | verdict |", "|---|---|", "| - | allow |"]
    let a = try Self.table(
      "a.table.md", front: "order: 1\nname: n\nsignals:\n  x: number\n", rows[0], rows[1], rows[2])
    let b = try Self.table(
      "b.table.md", front: "order: 2\nname: n\nsignals:\n  x: string\n", rows[0], rows[1], rows[2])
    let messages = ChainCompiler.compile([a, b]).diagnostics.map(\.message)
    #expect(messages.count == 2)
    #expect(messages[0].contains("table `n` in the chain of `post-login` is also in `a.table.md`"))
    #expect(
      messages[1].contains("signal `x` is of type string here and of type number in `a.table.md`"))
  }

  @Test func `outputs that do not fit into replies are errors at their columns`() throws {
    func rows(_ value: String, _ count: Int) -> [String] {
      [String](repeating: "| mfa | \(value) | x |", count: count)
    }
    let header = ["| verdict | claim.n | reason |", "|---|---|---|"]
    func messages(_ policy: String, _ rows: [String]) throws -> [String] {
      let text =
        "---\ntrigger: post-login\nhitPolicy: \(policy)\nmode: enforce\n"
        + "values:\n  verdict: mfa\n---\n## Rules\n" + (header + rows).joined(separator: "\n")
      let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
      return ChainCompiler.compile([try #require(table, "\(diagnostics)")]).diagnostics.map(\.description)
    }
    let sums = try messages("COLLECT SUM", rows("999999999999999999", 10))
    #expect(sums.count == 1 && sums[0].hasPrefix("t.table.md:9:13: error: `claim.n`: its values may have no"))
    #expect(sums[0].hasSuffix("write smaller numbers, or fewer decimal places"))
    #expect(try messages("COLLECT SUM", rows("999999999999999999", 9)).isEmpty)
    let places = try messages("COLLECT MIN", rows("0.5", 1) + rows("1234567890123456789", 1))
    #expect(places.count == 1 && places[0].contains(":9:13: error: `claim.n`"))
    let long = String(repeating: "y", count: 4000)
    for policy in ["COLLECT", "RULE ORDER", "OUTPUT ORDER", "COLLECT COUNT"] {
      let lists = try messages(policy, rows(long, 15))
      #expect(lists.count == (policy == "COLLECT COUNT" ? 0 : 1), "\(policy): \(lists)")
      #expect(
        lists.allSatisfy {
          $0.hasPrefix("t.table.md:9:13: error: `claim.n`: its list may have 60046 bytes")
            && $0.hasSuffix("tell the rules apart in one column that is no list, or split the table")
        }, "\(lists)")
      #expect(try messages(policy, rows(long, 14)).isEmpty)
    }
  }

  @Test func `an overlap of UNIQUE rules names both and shows an input that hits both`() throws {
    let table = try Self.table(
      "t.table.md", "| rule | akamaiUserRisk.score | request.ip | verdict |", "|---|---|---|---|",
      "| high | >= 90 | - | mfa |", "| low | < 90 | - | allow |",
      "| | [80..95] | 10.0.0.0/8, absent | deny |")
    #expect(
      ChainCompiler.compile([table]).diagnostics.map(\.description) == [
        "t.table.md:11:1: error: rule `high` (line 9) and rule 3 (line 11) both match"
          + " `akamaiUserRisk.score` 90, `request.ip` 10.0.0.0; narrow one of them, or set `hitPolicy: FIRST`",
        "t.table.md:11:1: error: rule `low` (line 10) and rule 3 (line 11) both match"
          + " `akamaiUserRisk.score` 80, `request.ip` 10.0.0.0; narrow one of them, or set `hitPolicy: FIRST`",
      ])
  }

  @Test func `UNIQUE rules that only share states or members overlap too`() throws {
    let states = try Self.table(
      "t.table.md", "| akamaiUserRisk.score | verdict |", "|---|---|", "| >= 90, invalid | mfa |",
      "| < 90, invalid | allow |")
    #expect(
      ChainCompiler.compile([states]).diagnostics.map {
        $0.message.contains("`akamaiUserRisk.score` invalid")
      }
        == [true])
    let lists = try Self.table(
      "t.table.md", "| authentication.methods | verdict |", "|---|---|", "| \"pwd\" | mfa |",
      "| \"mfa\" | allow |", "| absent | allow |")
    #expect(
      ChainCompiler.compile([lists]).diagnostics.map {
        $0.message.contains("`authentication.methods` \"mfa\", \"pwd\"")
      } == [true])
  }

  @Test func `tables run in their order, without those that are off`() throws {
    let rows = ["| request.path | verdict |", "|---|---|", "| - | allow |"]
    func make(_ name: String, _ order: Int, _ mode: String) throws -> Table {
      try Self.table(
        "\(name).table.md", front: "order: \(order)\n", mode: mode, rows[0], rows[1], rows[2])
    }
    let tables = [try make("c", 3, "audit"), try make("b", 2, "off"), try make("a", -1, "enforce")]
    let plan = try #require(ChainCompiler.compile(tables).plan)
    #expect(plan.tables.map(\.name) == ["a", "c"])
    #expect(plan.tables.map(\.mode) == [.enforce, .audit])
    #expect(plan.signals.map(\.name) == ["request.path"])
    #expect(plan.tables.map(\.version) == [tables[2].version, tables[0].version])
  }

  @Test func `a chain is as cautious about late requests as its strictest enforced table`() throws {
    func make(_ name: String, _ front: String, _ mode: String = "enforce") throws -> Table {
      try Self.table(
        "\(name).table.md", front: front, mode: mode, "| verdict |", "|---|", "| allow |")
    }
    let allow = try make("a", "order: 1\nonLate: allow\n")
    let review = try make("b", "order: 2\nonLate: review\n")
    let audited = try make("c", "order: 3\nonLate: revoke\n", "audit")
    #expect(ChainCompiler.compile([allow, review, audited]).plan?.onLate == .review)
    #expect(ChainCompiler.compile([audited]).plan?.onLate == .allow)
  }

  @Test func `a chain has at most 16 tables`() throws {
    let tables = try (0..<17).map {
      try Self.table(
        "t\($0).table.md", front: "order: \($0)\n", "| verdict |", "|---|", "| allow |")
    }
    let diagnostics = ChainCompiler.compile(tables).diagnostics
    #expect(diagnostics.map { $0.message.hasPrefix("17 tables in the chain") } == [true])
    #expect(ChainCompiler.compile(Array(tables.dropLast())).plan != nil)
  }
}
