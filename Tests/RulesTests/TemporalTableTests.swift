import Signals
import Tables
import Testing
import Wire

@testable import Rules

/// Login tables of dates, times and durations, from their source to a reply.
@Suite struct TemporalTableTests {
  private static let types = [
    ("user.since", "date"), ("login.at", "time"), ("user.seen", "date and time"),
    ("user.idle", "days and time duration"), ("user.member", "years and months duration"),
  ]

  private static func source(_ signals: [String], _ rules: [String], policy: String = "FIRST") -> String {
    let declared = types.filter { signals.contains($0.0) }.map { "  \($0.0): \($0.1)" }
    let head = ["| rule"] + signals + ["verdict |"]
    return (["---", "trigger: post-login", "hitPolicy: \(policy)", "mode: enforce", "signals:"] + declared
      + ["---", "", "## Rules", "", head.joined(separator: " | ")]
      + [String(repeating: "|---", count: head.count) + "|"] + rules).joined(separator: "\n") + "\n"
  }

  private static let whole = source(
    types.map(\.0),
    [
      #"| old | < date("2026-01-31") | - | - | - | - | mfa |"#,
      #"| night | - | [time("00:00:00")..time("06:00:00")) | - | - | - | review |"#,
      #"| before | - | - | <= date and time("2026-01-31T11:45:00Z") | - | - | deny |"#,
      #"| asleep | - | - | - | >= duration("P90D"), absent | - | mfa |"#,
      #"| young | - | - | - | - | not(duration("P1Y2M"), duration("P2Y")) | review |"#,
      "| rest | - | - | - | - | - | allow |",
    ]) + """

    ## Examples

    | example | user.since | login.at | user.seen | user.idle | user.member | verdict | rule |
    |---------|------------|----------|-----------|-----------|-------------|---------|------|
    | old | 2026-01-30 | - | - | - | - | mfa | old |
    | rest | 2026-01-31 | 06:00:00 | 2026-01-31T13:45:00.000001+02:00 | -P1DT2H | P14M | allow | rest |
    | literals | @"2026-01-31" | time("05:59:59") | date and time("2026-01-31T11:46:00Z") | "PT0S" | P2Y | \
    review | night |
    | broken | invalid | - | invalid | invalid | invalid | allow | rest |

    """

  private static func table(_ text: String, _ file: String = "t.table.md") throws -> Table {
    let (table, diagnostics) = TableReader.read(text, file: file)
    return try #require(table, "\(diagnostics)\n\(text)")
  }

  @Test func `Markdown, CSV and DMN say the same of them`() throws {
    let table = try Self.table(Self.whole)
    #expect(table.inputs.map(\.scale) == [.date, .time, .dateTime, .seconds, .months])
    #expect(try ExampleRunner.run(table).map(\.passed) == [true, true, true, true])
    var (bytes, file) = (Array(Self.whole.utf8), "t.table.md")
    for next in ["t.table.csv", "t.table.dmn", "t.table.md", "t.table.dmn", "t.table.csv", "t.table.md"] {
      bytes = try #require(TableConverter.convert(bytes, file: file, to: next).bytes)
      file = next
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(try Self.table(text, file).unplaced() == table.unplaced(), "\(text)")
      let formatted = try #require(TableFormatter.format(bytes, file: file).bytes)
      #expect(try Self.table(String(decoding: formatted, as: UTF8.self), file).unplaced() == table.unplaced())
    }
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("2026-01-31T11:45:00.000001Z"))
    #expect(text.contains(#"not(duration("P1Y2M"), duration("P2Y"))"#))
  }

  @Test func `a table is compiled, proved and read from requests`() throws {
    let table = try Self.table(Self.whole)
    let set = TableSet([table])
    let served = try #require(set.chains.first, "\(set.diagnostics)")
    let chain = try CompiledChain(served.plan)
    #expect(try ChainProof.prove(chain, equals: [table]).count == 1)
    for (texts, rule) in [
      (["user.since": "2026-01-30"], "old"), (["login.at": "05:59:59.999"], "night"),
      (["login.at": "06:00:00", "user.idle": "PT1S", "user.member": "P1Y2M"], "rest"),
      (["user.seen": "2026-01-31T13:45:00+02:00", "user.since": "2026-01-31"], "before"),
      (["user.seen": "2026-01-31T13:45:00", "user.idle": "P89DT24H"], "asleep"),
      (["user.seen": "2026-01-31T13:45:00.000001+02:00", "user.idle": "P89D", "user.member": "P24M"], "rest"),
      (["user.idle": "PT1S", "user.member": "-P1M"], "young"), ([:], "asleep"),
      (["user.since": "2026-02-30", "user.idle": "P1Y", "user.member": "P1D"], "rest"),
    ] {
      let lines = try Self.reply(to: texts, by: chain)
      #expect(lines.contains { $0.contains("`\(rule)`") && $0.contains("decides") }, "\(texts): \(lines)")
    }
  }

  @Test func `an explanation says the text that came`() throws {
    let table = try Self.table(Self.whole)
    let chain = try CompiledChain(try #require(TableSet([table]).chains.first).plan)
    let lines = try Self.reply(
      to: ["user.seen": "2026-01-31T13:45:00.5+02:00", "user.since": "2026-02-30"], by: chain)
    #expect(lines.contains(#"signal user.seen: "2026-01-31T13:45:00.5+02:00""#), "\(lines)")
    #expect(lines.contains("signal user.since: invalid") && lines.contains("signal login.at: absent"))
    let input = try #require(
      InputParser([table]).parse(json: #"{"user.seen": "2026-01-31T13:45:00+02:00"}"#, headers: []).input)
    let encoded = EncodedInput(input, for: table.inputs, of: table.key)
    var evaluator = Evaluator()
    try encoded.fill(&evaluator.vector, reading: chain.view.schema)
    let given = try Self.lines(&evaluator, chain, encoded.bytes.span)
    #expect(given.contains(#"signal user.seen: "2026-01-31T11:45:00Z""#), "\(given)")
  }

  /// The lines of explanation of a reply to a request with such own signals.
  private static func reply(to texts: [String: String], by chain: CompiledChain) throws -> [String] {
    var writer = RequestWriter()
    let tenant: [UInt8] = []
    writer.beginDecision(tenant: tenant.span, trigger: Array("post-login".utf8).span, correlationID: 1)
    for (name, text) in texts { writer.append(custom: name, .string(text)) }
    writer.endDecision()
    writer.finish()
    let message = [UInt8](copying: writer.bytes.span)
    var request = DecisionRequest()
    var reader = try RequestReader(message.span)
    _ = try reader.next(into: &request)
    var evaluator = Evaluator()
    evaluator.vector.fill(from: &request, in: message.span, reading: chain.view.schema)
    return try lines(&evaluator, chain, message.span)
  }

  private static func lines(
    _ evaluator: inout Evaluator, _ chain: CompiledChain, _ message: Span<UInt8>
  ) throws -> [String] {
    let decision = evaluator.evaluate(chain.view, in: message, fallback: .revoke)
    var out = ByteWriter()
    out.beginMessage(.reply)
    chain.view.write(
      decision, of: &evaluator, correlationID: 1, answering: .explain, in: message, to: &out)
    out.finishMessage(decisionCount: 1)
    return try Reply(reading: out.span).decisions[0].outputs.filter { $0.kind == .explanation }.map(\.value)
  }

  @Test func `a gap between two dates is found, with a day in it`() throws {
    let open = try Self.table(
      Self.source(
        ["user.since"],
        [
          #"| a | <= date("2026-01-30") | mfa |"#, #"| b | >= date("2026-02-01") | mfa |"#,
          "| c | absent, invalid, unverified | allow |",
        ]))
    let gap = try #require(open.findings().first { $0.kind == .gap })
    #expect(gap.description.contains(#"`user.since` date("2026-01-31")"#), "\(gap)")
    #expect(gap.description.contains(#"--input '{"user.since":"2026-01-31"}'"#), "\(gap)")
    // Days that follow one another have none between them, and a day has an end.
    for (type, cells) in [
      ("user.since", [#"<= date("2026-01-30")"#, #"> date("2026-01-30")"#]),
      ("user.since", [#"<= date("2026-01-30")"#, #">= date("2026-01-31")"#]),
      ("login.at", [#"[time("00:00:00")..time("12:00:00")]"#, #"(@"12:00:00"..@"23:59:59.999999999"]"#]),
      ("user.member", [#"< @"P1Y""#, #"> @"P11M""#]),
    ] {
      let rules = cells.map { "| | \($0) | mfa |" } + ["| | absent, invalid, unverified | mfa |"]
      let closed = try Self.table(Self.source([type], rules))
      #expect(!closed.findings().contains { $0.kind == .gap }, "\(cells)")
    }
    for (type, cells) in [
      ("user.seen", [#"<= @"2026-01-30T00:00:00Z""#, #">= @"2026-01-30T00:00:01Z""#]),
      ("user.idle", [#"<= @"PT0S""#, #">= @"PT1S""#]),
    ] {
      let rules = cells.map { "| | \($0) | mfa |" } + ["| | absent, invalid, unverified | mfa |"]
      let open = try Self.table(Self.source([type], rules))
      let gap = try #require(open.findings().first { $0.kind == .gap })
      let (input, diagnostics) = InputParser([open]).parse(json: try #require(gap.input?.json), headers: [])
      #expect(diagnostics.isEmpty && input?.signals.first?.value != nil, "\(gap)")
    }
  }

  @Test func `versions that differ by a day differ on that day`() throws {
    func version(_ date: String) throws -> Table {
      try Self.table(
        Self.source(["user.since"], [#"| old | < date("\#(date)") | mfa |"#, "| rest | - | allow |"]))
    }
    let dated = try version("2026-01-31")
    let difference = TableDifference(dated, try version("2026-02-01"))
    #expect(!difference.isEqual)
    #expect(difference.description.contains(#"date("2026-01-31")"#), "\(difference)")
    #expect(difference.description.contains(#"{"user.since":"2026-01-31"}"#), "\(difference)")
    let number = try Self.table(
      Self.source(["user.since"], ["| old | < 20484 | mfa |", "| rest | - | allow |"])
        .replacing("user.since: date", with: "user.since: number"))
    #expect(
      TableDifference(number, dated).problem.contains(
        "`user.since` is of type number in `t.table.md` and of type date in `t.table.md`"))
    // The same numbers, which say something else.
    #expect(number.ruleDigests[0] != dated.ruleDigests[0])
    #expect(number.ruleDigests[1] == dated.ruleDigests[1])
    var other = number
    (other.name, other.order) = ("other", 2)
    #expect(
      ChainCompiler.compile([dated, other]).diagnostics.contains {
        $0.message.contains("is of type number here and of type date in")
      })
  }

  @Test func `both sides of a date are boundaries, and examples of them can be proposed`() throws {
    let text = Self.source(
      ["user.since", "login.at"],
      [
        #"| old | < date("2026-01-31") | >= time("00:00:00") | mfa |"#,
        #"| late | - | (time("22:00:00")..time("23:59:59.999999999")] | review |"#,
        "| rest | - | - | allow |",
      ])
    let table = try Self.table(text)
    let boundaries = try Coverage(table).missing.filter { $0.kind == .boundary }
    let missing = boundaries.map { "\($0.column) \($0.cell)" }
    #expect(
      missing == [
        #"user.since < date("2026-01-31")"#, #"user.since date("2026-01-31")"#,
        #"login.at time("22:00:00")"#, #"login.at (time("22:00:00")..time("23:59:59.999999999"))"#,
      ], "\(missing)")
    let proposal = try ExampleProposal(table, source: text)
    let rows = proposal.description.split(separator: "\n").filter { $0.hasPrefix("|") }
    let pasted = try Self.table(text + "\n## Examples\n\n" + rows.joined(separator: "\n") + "\n")
    let coverage = try Coverage(pasted)
    #expect(coverage.missing.isEmpty, "\(coverage)")
    for result in try ExampleRunner.run(pasted) { #expect(result.passed, "\(result)") }
    #expect(rows.contains { $0.contains("2026-01-30") || $0.contains("2026-01-31") }, "\(rows)")
  }

  @Test func `a cell read back from an image is as its source says it`() throws {
    let table = try Self.table(Self.whole)
    let chain = try CompiledChain(try #require(TableSet([table]).chains.first).plan)
    let cells = chain.view.cellTexts(ofRules: Array(0..<6), ofTable: 0)
    #expect(
      cells == [
        ["user.since": #"< date("2026-01-31")"#],
        ["login.at": #"[time("00:00:00")..time("06:00:00"))"#],
        ["user.seen": #"<= date and time("2026-01-31T11:45:00Z")"#],
        ["user.idle": #">= duration("P90D"), absent"#],
        [
          "user.member":
            #"< duration("P1Y2M"), (duration("P1Y2M")..duration("P2Y")), > duration("P2Y")"#
        ], [:],
      ])
  }

  @Test(arguments: [
    ("user.since", "2026-02-30", "`2026-02-30` is no date; write one like `2026-01-31`"),
    ("user.since", "20484", "`20484` is no date; write one like `2026-01-31`"),
    ("user.since", ">= date(\"2026-01-31\")", "an example gives one value of `user.since`"),
    ("user.since", "time(\"08:30:00\")", "is no date; write one like `2026-01-31`"),
    ("user.since", "absnt", "did you mean `absent`?"),
    ("login.at", "13:45:00Z", "`13:45:00Z` is no time; write one like `13:45:00`"),
    ("user.seen", "2026-01-31T13:45:00", "is no date and time; write one like `2026-01-31T13:45:00Z`"),
    ("user.idle", "P1Y", "`P1Y` is no days and time duration; write one like `P1DT2H`"),
  ])
  func `an example's value that its signal cannot have is refused`(
    name: String, value: String, part: String
  ) {
    let text = Self.source([name], ["| | - | mfa |"]) + "\n## Examples\n\n| \(name) | verdict |\n|---|---|\n"
      + "| \(value) | mfa |\n"
    let (table, diagnostics) = TableReader.read(text, file: "t.table.md")
    #expect(table == nil)
    #expect(diagnostics.map { $0.message.contains(part) } == [true], "\(diagnostics)")
    #expect(diagnostics.map(\.location.column) == [3])
  }

  @Test func `a type that there is not is refused with those that there are`() {
    for (type, part) in [
      ("datetime", "did you mean `date and time`?"), ("Date", "did you mean `date`?"),
      ("date and tiem", "did you mean `date and time`?"), ("dateTime", "did you mean `date and time`?"),
      ("dateAndTime", "did you mean `date and time`?"), ("numbr", "did you mean `number`?"),
      ("dayTimeDuration", "did you mean `days and time duration`?"),
      ("yearMonthDuration", "did you mean `years and months duration`?"),
      ("duration", "did you mean `days and time duration` or `years and months duration`?"),
    ] {
      let text = Self.source(["user.since"], ["| | - | mfa |"])
        .replacing("user.since: date", with: "user.since: \(type)")
      let found = TableReader.read(text, file: "t.table.md").diagnostics
      #expect(found.contains { $0.message.contains(part) && $0.location.line == 6 }, "\(type): \(found)")
    }
  }

  @Test func `a DMN column's type agrees with its signal's`() throws {
    let dmn = try Self.table(Self.whole).text(.dmn)
    for (type, _) in Self.types.map({ ($0.1, $0.0) }) { #expect(dmn.contains("typeRef=\"\(type)\"")) }
    let spellings = [
      ("date and time", "dateTime"), ("days and time duration", "dayTimeDuration"),
      ("years and months duration", "yearMonthDuration"), ("date", "Any"),
    ]
    for (type, other) in spellings {
      let text = dmn.replacing("typeRef=\"\(type)\"", with: "typeRef=\"\(other)\"")
      #expect(TableReader.read(text, file: "t.table.dmn").diagnostics.isEmpty, "\(other)")
    }
    for (type, other) in [
      ("date", "string"), ("date", "number"), ("date", "date and time"), ("time", "dateTime"),
      ("date and time", "date"), ("days and time duration", "years and months duration"),
    ] {
      let text = dmn.replacing("typeRef=\"\(type)\"", with: "typeRef=\"\(other)\"")
      let found = TableReader.read(text, file: "t.table.dmn").diagnostics
      let advice = "is declared to be of type \(type); write that, or change the declaration"
      #expect(found.map { $0.message.hasSuffix(advice) } == [true], "\(found)")
    }
    let declaration = "<postern:signal name=\"user.since\" type=\"date\"/>"
    for (other, advice) in [
      ("", "is no signal of that type; declare it: `\(declaration)`"),
      (
        declaration.replacing("date", with: "number"),
        "is declared to be of type number; write that, or change the declaration"
      ),
    ] {
      let found = TableReader.read(dmn.replacing(declaration, with: other), file: "t.table.dmn").diagnostics
      #expect(found.contains { $0.message == "the type `date`, and `user.since` \(advice)" }, "\(found)")
    }
  }
}
