import Foundation
import LoadGenerator
import Testing
import Wire

@Suite struct ScenarioReaderTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let scenarios = {
    let folder = root.appendingPathComponent("loadtest/scenarios").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
  }()

  @Test func `all of the load test's scenarios are there`() {
    #expect(Self.scenarios.count >= 7)
  }

  @Test(arguments: scenarios)
  func `a scenario of the load test can be read and encoded`(file: String) throws {
    let scenario = try ScenarioReader.read(file: file)
    #expect(!scenario.templates.isEmpty)
    #expect(scenario.tables != nil)
    _ = try MessagePool(scenario, batch: scenario.batch, seed: 1)
  }

  @Test func `shadows are measured with the logins of a working day`() throws {
    let pair = try ["normal", "shadows"].map { name in
      try ScenarioReader.read(file: Self.root.appendingPathComponent("loadtest/scenarios/\(name).yaml").path)
    }
    for (normal, shadows) in zip(pair[0].templates, pair[1].templates) {
      #expect(normal.weight == shadows.weight && normal.expectation == shadows.expectation)
      #expect(normal.request.headers == shadows.request.headers)
      #expect(normal.request.signals == shadows.request.signals)
    }
    #expect(pair[0].templates.count == pair[1].templates.count && pair[0].batch == pair[1].batch)
  }

  @Test func `what is left out has its default`() throws {
    let scenario = try ScenarioReader.read(
      "requests: [{trigger: post-login, expect: {verdict: allow}}]", file: "s.yaml")
    #expect(scenario.batch == 1)
    #expect(scenario.templates[0].weight == 1)
    #expect(scenario.templates[0].name == "request 1")
    #expect(scenario.actions.isEmpty)
  }

  @Test func `all of a request is read`() throws {
    let scenario = try ScenarioReader.read(
      """
      name: n
      batch: 16
      requests:
        - name: a
          weight: 2.5
          trigger: post-login
          tenant: shop
          explain: true
          headers: {Akamai-Bot: [one, two]}
          signals: {user.id: "42", authentication.methods: [pwd, otp], "cart:number": 7}
          expect: {verdict: mfa, rule: r, wouldBe: deny, flags: [invalidSignal, late]}
      actions:
        - {every: 250ms, rewrite: a.table.md, reload: true}
      """, file: "s.yaml")
    let template = scenario.templates[0]
    #expect(template.request.headers == ["Akamai-Bot: one", "Akamai-Bot: two"])
    #expect(
      template.request.signals == ["user.id=42", "authentication.methods=pwd,otp", "cart:number=7"])
    #expect(template.expectation.rule == "r" && template.expectation.wouldBe == .deny)
    #expect(template.expectation.flags == [.invalidSignal, .late])
    #expect(template.expectation.explains)
    #expect(
      scenario.actions == [
        TableAction(everySeconds: 0.25, change: .rewrite("a.table.md"), reloads: true)
      ])
  }

  @Test(arguments: [
    ([], 3.1, 1), ([1, 2, 3], 3.1, 3), ([1, 2, 3], 5, 4), ([2.5], 3, 1),
    // Those that come close to each other may be one.
    ([0.5, 0.6, 0.7, 1.4, 1.5], 5, 3),
  ] as [([Double], Double, Int)])
  func `each rewrite that there was time for must be seen`(
    rewrites: [Double], seconds: Double, versions: Int
  ) {
    #expect(TableAction.versionsToSee(rewrites: rewrites, loadSeconds: seconds) == versions)
  }

  @Test(arguments: ["text\n", "no line feed", "", "\u{FEFF}BOM\r\n", "a\n<!-- written by someone: 1 -->\n"])
  func `a file that was rewritten is what it was, byte for byte`(text: String) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("loadgen-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent("a.table.md")
    let action = TableAction(everySeconds: 1, change: .rewrite("a.table.md"), reloads: false)
    let original = Data(text.utf8) + [0xFF]
    try original.write(to: file)
    for number in 1...3 {
      try action.perform(in: directory.path, serverPID: nil, number: number)
      let wanted = original + Data("\n<!-- written by loadgen: \(number) -->\n".utf8)
      #expect(try Data(contentsOf: file) == wanted)
    }
    for _ in 0..<2 {
      try action.undo(in: directory.path, serverPID: nil)
      #expect(try Data(contentsOf: file) == original)
    }
  }

  /// What is wrong, where, and a word of what it says.
  private static let mistakes: [(yaml: String, place: String, says: String)] = [
    ("requests: [", "2:1", "no YAML"),
    ("[]", "1:1", "this is no scenario"),
    ("name: x", "1:1", "no `requests`"),
    ("requests: []", "1:11", "no `requests`"),
    ("colour: red\nrequests: []", "1:1", "unknown key `colour`"),
    ("batch: 1025\nrequests: []", "1:8", "1 to 1024"),
    ("tables: nowhere\nrequests: []", "1:9", "no such directory"),
    ("requests:\n  - expect: {verdict: allow}", "2:5", "no `trigger`"),
    ("requests:\n  - trigger: post-login", "2:5", "no `expect`"),
    ("requests:\n  - trigger: post-login\n    expect: {rule: a}", "3:13", "no `verdict`"),
    ("requests:\n  - trigger: a b\n    expect: {verdict: allow}", "2:14", "the trigger name `a b`"),
    ("requests:\n  - trigger: p\n    expect: {verdict: yes}", "3:23", "no verdict"),
    ("requests:\n  - trigger: p\n    weight: -1\n    expect: {verdict: mfa}", "3:13", "above 0"),
    (
      "requests:\n  - trigger: p\n    headers: {X-Other: 1}\n    expect: {verdict: mfa}", "3:15",
      "no risk header"
    ),
    (
      "requests:\n  - trigger: p\n    signals: {user.emailVerified: maybe}\n    expect: {verdict: mfa}",
      "3:15", "no boolean"
    ),
    (
      "requests:\n  - trigger: p\n    signals: {user.id: '{hex:0}'}\n    expect: {verdict: mfa}",
      "3:15", "is no placeholder"
    ),
    (
      "requests:\n  - trigger: p\n    expect: {verdict: mfa, flags: [soon]}", "3:36", "no flag"
    ),
    ("actions: [{every: 1s}]\nrequests: []", "1:11", "does nothing"),
    ("actions: [{every: often, reload: true}]\nrequests: []", "1:19", "how often"),
    ("actions: [{every: 1s, rewrite: ../x}]\nrequests: []", "1:32", "no file name"),
    (
      "tables: /\nactions: [{every: 1s, rewrite: a.table.md}]\nrequests: []", "2:32",
      "no such file `a.table.md`"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `a mistake is reported with its place and what to do`(index: Int) throws {
    let mistake = Self.mistakes[index]
    let error = #expect(throws: ScenarioProblems.self) {
      try ScenarioReader.read(mistake.yaml, file: "s.yaml")
    }
    let lines = error?.lines ?? []
    #expect(
      lines.contains { $0.hasPrefix("s.yaml:\(mistake.place): error: ") && $0.contains(mistake.says) },
      "\(lines)")
  }

  @Test func `all mistakes of a file are reported at once`() {
    let error = #expect(throws: ScenarioProblems.self) {
      try ScenarioReader.read("batch: 0\nx: 1\nrequests: [{trigger: p, weight: x}]", file: "s.yaml")
    }
    #expect(error?.lines.count == 4)
  }

  @Test func `a file that is not there is said so`() {
    let error = #expect(throws: ScenarioProblems.self) { try ScenarioReader.read(file: "/no/such") }
    #expect(error?.description == "/no/such:1:1: error: no such file, no right to read it, or not UTF-8")
  }

  @Test(arguments: [("250ms", 0.25), ("1.5s", 1.5), ("2m", 120), ("3", 3)])
  func `times are read as people write them`(text: String, seconds: Double) {
    #expect(TimeText.seconds(of: text).map { abs($0 - seconds) < 1e-9 } == true)
  }

  @Test(arguments: ["", "0s", "-1s", "s", "1h30", "1e9", "nan"])
  func `what is no time is refused`(text: String) { #expect(TimeText.seconds(of: text) == nil) }
}
