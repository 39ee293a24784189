import Rules
import Signals
import Testing

@Suite struct InputParserTests {
  private static let parser: InputParser = {
    let text =
      "---\ntrigger: a\nhitPolicy: F\nmode: off\nsignals:\n  shop.total: number\n"
      + "  shop.since: date\n  shop.seen: date and time\n  shop.idle: days and time duration\n---\n## Rules\n"
      + "| shop.total | shop.since | shop.seen | shop.idle | verdict |\n|---|---|---|---|---|\n"
      + "| - | - | - | - | allow |\n"
    return InputParser([TableReader.read(text, file: "t").table!])
  }()

  private static func values(_ json: String) -> [String: PlainSignal]? {
    parser.parse(json: json, headers: []).input.map { input in
      Dictionary(uniqueKeysWithValues: input.signals.map { ($0.signal.name, $0.value) })
    }
  }

  @Test func `values take the type of their signal`() {
    #expect(
      Self.values(
        """
        {"akamaiUserRisk.score": 90, "akamaiUserRisk": {"standing": "noprofile", "uuid": null},
         "request.ip": "10.0.0.1", "session": {"mfaRequired": true}, "shop.total": 1,
         "authentication.methods": ["pwd", "mfa"], "user.id": "1",
         "akamaiBot": {"state": "invalid"}}
        """) == [
          "akamaiUserRisk.score": .number(90), "akamaiUserRisk.standing": .enumeration(1),
          "akamaiUserRisk.uuid": .absent, "request.ip": .address(0xFFFF_0A00_0001),
          "session.mfaRequired": .boolean(true), "shop.total": .number(1),
          "authentication.methods": .list(["pwd", "mfa"]), "user.id": .text("1"),
          "akamaiBot": .invalid,
        ])
  }

  @Test func `dates, times and durations are texts in ISO form`() {
    #expect(
      Self.values(
        #"""
        {"shop": {"since": "2026-01-31", "seen": "2026-01-31T13:45:00.5+02:00", "idle": "-P1DT2H"}}
        """#) == [
          "shop.since": .number(20_484), "shop.seen": .number(1_769_859_900.5), "shop.idle": .number(-93_600),
        ])
  }

  @Test(arguments: [
    ("{\"shop.since\": 20484}", "`shop.since` is of type date; write a text like `\"2026-01-31\"`"),
    ("{\"shop.since\": \"2026-02-30\"}", "a text like `\"2026-01-31\"`"),
    ("{\"shop.since\": \"date(\\\"2026-01-31\\\")\"}", "a text like `\"2026-01-31\"`"),
    ("{\"shop.seen\": \"2026-01-31T13:45:00\"}", "a text like `\"2026-01-31T13:45:00Z\"`"),
    ("{\"shop.seen\": \"2026-01-31T13:45:00@Europe/Paris\"}", "a text like `\"2026-01-31T13:45:00Z\"`"),
    ("{\"shop.idle\": \"P1Y\"}", "a text like `\"P1DT2H\"`"),
    ("{\"shop.total\": \"P1Y\"}", "a number"),
    ("{\"akamaiUserRisk.score\": 900}", "a whole number from 0 to 100"),
    ("{\"akamaiUserRisk.score\": \"90\"}", "a whole number from 0 to 100"),
    ("{\"akamaiUserRisk.score\": true}", "a whole number from 0 to 100"),
    ("{\"session.mfaRequired\": 1}", "`true` or `false`"),
    ("{\"request.ip\": \"10.0.0\"}", "an address"),
    ("{\"user.id\": 1}", "a text in quotes"),
    ("{\"authentication.methods\": [1]}", "an array of texts"),
    ("{\"akamaiUserRisk.standing\": \"most\"}", "one of `\"full\"`"),
    ("{\"akamaiUserRisk\": {\"scor\": 1}}", "did you mean `akamaiUserRisk.score`?"),
    ("{\"shop.totl\": 1}", "did you mean `shop.total`?"),
    ("{\"shop.total\": 1, \"shop\": {\"total\": 2}}", "`shop.total` is given twice; keep one"),
    ("{\"shop.total\": 1, \"shop.total\": 1}", "`shop.total` is given twice"),
    ("{\"shop\": {\"total\": 1, \"tot\\u0061l\": 2}}", "`shop.total` is given twice"),
    ("{\"shop\": {\"total\": 1}, \"shop\": {}}", "`shop` is given twice"),
    (
      "{\"shop.total\": {\"state\": \"gone\"}}",
      "the state of `shop.total` is one of `\"absent\"`, `\"invalid\"`, `\"unverified\"`; `gone` is not"
    ),
    ("{\"shop\": {\"total\": {\"state\": \"abesnt\"}}}", "did you mean `absent`?"),
    ("{\"akamaiBot\": {\"state\": 1}}", "the state of `akamaiBot` is one of"),
    ("[]", "not a JSON object"),
    ("{", "not JSON"),
  ])
  func `a value that its signal cannot have is refused`(json: String, part: String) {
    let (input, diagnostics) = Self.parser.parse(json: json, headers: [])
    #expect(input == nil)
    #expect(diagnostics.map { $0.message.contains(part) } == [true], "\(diagnostics)")
  }

  @Test func `names in texts, lists and other objects are not given twice`() {
    let json = #"{"user.id": "\"user.id\": {", "authentication.methods": ["a", "a"], "shop": {"total": 1}}"#
    #expect(Self.values(json)?.count == 3)
  }

  @Test func `headers are given by name, whatever its letter case`() throws {
    let (input, diagnostics) = Self.parser.parse(
      json: "", headers: ["akamai-USER-risk: score=1;status=0", "Akamai-Bot:x: y"])
    #expect(diagnostics == [])
    #expect(try #require(input).headers.map(\.value) == ["score=1;status=0", "x: y"])
  }

  @Test func `a header that carries no signal is refused`() {
    let diagnostics = Self.parser.parse(json: "", headers: ["Akamai-Bto: x", "no colon"])
      .diagnostics
    #expect(diagnostics.count == 2)
    #expect(
      diagnostics[0].description.hasPrefix("--header:1:1: error: no signal is read from header"))
    #expect(diagnostics[0].message.contains("did you mean `akamai-bot`?"))
    #expect(diagnostics[1].message.contains("write `Name: value`"))
  }
}
