import RulesOracle
import Signals
import Testing

@testable import Rules

@Suite struct CellParserTests {
  private static let registry: SignalRegistry = {
    var registry = SignalRegistry()
    for signal in RandomVocabulary.customs { _ = registry.declare(signal.name, signal.type, signal.scale) }
    return registry
  }()

  private static func parse(_ text: String, _ name: String) throws -> UnaryTests {
    try CellParser.parse(text, for: #require(registry[name]))
  }

  /// A cell, its signal, values that it matches, and values that it does not.
  typealias Case = (String, String, [PlainSignal], [PlainSignal])

  private static let states: [PlainSignal] = [.absent, .invalid, .unverified]

  private static let cases: [Case] = [
    // Everything.
    ("-", "shop.total", states + [.number(0)], []),
    ("  ", "shop.tier", states + [.text("")], []),
    // Numbers.
    ("90", "shop.total", [.number(90)], states + [.number(90.5)]),
    ("= 90", "shop.total", [.number(90)], [.number(89)]),
    ("!= 90", "shop.total", [.number(89), .number(91)], states + [.number(90)]),
    ("-1.5", "shop.total", [.number(-1.5)], [.number(1.5)]),
    ("-0", "shop.total", [.number(0), .number(-0.0)], [.number(1)]),
    (".5", "shop.total", [.number(0.5)], [.number(5)]),
    ("< 90", "shop.total", [.number(89)], states + [.number(90)]),
    ("<=90", "shop.total", [.number(90)], [.number(90.0.nextUp)]),
    ("> 90", "shop.total", [.number(90.0.nextUp)], [.number(90)]),
    (">= 90", "shop.total", [.number(90)], [.number(90.0.nextDown)]),
    ("[50..90]", "shop.total", [.number(50), .number(90)], [.number(49), .number(91)]),
    ("(50..90)", "shop.total", [.number(51), .number(89)], [.number(50), .number(90)]),
    ("]50..90[", "shop.total", [.number(51), .number(89)], [.number(50), .number(90)]),
    ("[ 50 .. 90 )", "shop.total", [.number(50)], [.number(90)]),
    ("(50..90]", "shop.total", [.number(90)], [.number(50)]),
    ("[-2..-1]", "shop.total", [.number(-2)], [.number(1)]),
    ("9007199254740992", "shop.total", [.number(9_007_199_254_740_992)], [.number(9_007_199_254_740_991)]),
    ("00000000000000000090.0000000000000000", "shop.total", [.number(90)], [.number(91)]),
    ("-.10000000000000000000", "shop.total", [.number(-0.1)], [.number(0.1)]),
    ("1\(String(repeating: "0", count: 300))", "shop.total", [.number(1e300)], [.number(1e299)]),
    ("90.00000000000001", "shop.total", [.number(90.0.nextUp)], [.number(90)]),
    ("[0.5..1.5]", "shop.total", [.number(0.5)], [.number(0)]),
    ("1, 3, [5..7]", "shop.total", [.number(1), .number(6)], [.number(2), .number(4)]),
    ("not(1, [5..7])", "shop.total", [.number(2)], states + [.number(1), .number(6)]),
    // Dates, times and durations.
    ("date(\"2026-01-31\")", "shop.since", [.number(20_484)], states + [.number(20_483), .number(20_485)]),
    ("= @\"2026-01-31\"", "shop.since", [.number(20_484)], [.number(20_485)]),
    ("!= @\"2026-01-31\"", "shop.since", [.number(20_483), .number(20_485)], states + [.number(20_484)]),
    ("< date( \"2026-01-31\" )", "shop.since", [.number(20_483)], states + [.number(20_484)]),
    (
      "[@\"2026-01-01\"..@\"2026-01-31\")", "shop.since", [.number(20_454), .number(20_483)],
      [.number(20_453), .number(20_484)]
    ),
    (
      "not( @\"2026-01-01\", >= date(\"2026-02-01\") )", "shop.since", [.number(20_453)],
      states + [.number(20_454), .number(20_485)]
    ),
    (
      ">= @\"-0044-03-15\", absent", "shop.since", [.number(-735_525), .absent], [.number(-735_526), .invalid]
    ),
    (
      "]time(\"08:30:00\")..time(\"13:45:00.5\")]", "shop.opens",
      [.number(30_600e9 + 1), .number(49_500.5e9)], [.number(30_600e9), .number(49_500.5e9 + 1)]
    ),
    ("@\"13:45:00.5000000000\"", "shop.opens", [.number(49_500.5e9)], [.number(49_500e9)]),
    (
      ">= @\"22:00:00\", <= @\"06:00:00\"", "shop.opens", [.number(0), .number(79_200e9)], [.number(43_200e9)]
    ),
    ("> @\"23:59:59.999999998\"", "shop.opens", [.number(86_399_999_999_999)], [.number(86_399_999_999_998)]),
    (
      ">= date and time(\"2026-01-31T13:45:00+02:00\")", "shop.seen", [.number(1_769_859_900)],
      states + [.number(1_769_859_899.5)]
    ),
    (
      "date  and  time (\"2026-01-31T12:45:00@Europe/Paris\")", "shop.seen", [.number(1_769_859_900)],
      [.number(1_769_859_901)]
    ),
    ("<= duration(\"P1DT2H\")", "shop.idle", [.number(93_600), .number(-1)], [.number(93_600.5)]),
    ("(@\"-PT1S\"..@\"PT0S\")", "shop.idle", [.number(-0.5)], [.number(0), .number(-1)]),
    ("@\"P1Y2M\", duration(\"-P1M\")", "shop.member", [.number(14), .number(-1)], states + [.number(0)]),
    // States.
    ("absent", "shop.total", [.absent], [.invalid, .unverified, .number(0)]),
    ("invalid, unverified", "shop.total", [.invalid, .unverified], [.absent, .number(0)]),
    (">= 90, invalid", "shop.total", [.number(90), .invalid], [.absent, .number(1)]),
    ("absent,1,invalid", "shop.total", [.absent, .invalid, .number(1)], [.unverified]),
    ("not(absent)", "shop.total", [.invalid, .unverified, .number(1)], [.absent]),
    ("not( absent , invalid )", "shop.total", [.unverified, .number(1)], [.absent, .invalid]),
    // Texts.
    ("\"a\"", "shop.tier", [.text("a")], states + [.text("A"), .text("")]),
    ("\"a\", \"b\"", "shop.tier", [.text("a"), .text("b")], [.text("a, b")]),
    ("= \"a\"", "shop.tier", [.text("a")], [.text("b")]),
    ("not(\"a\", \"b\")", "shop.tier", [.text("c")], states + [.text("a"), .text("b")]),
    ("\"absent\"", "shop.tier", [.text("absent")], states),
    ("\"a, b)\"", "shop.tier", [.text("a, b)")], [.text("a")]),
    (#""say \"x\"""#, "shop.tier", [.text("say \"x\"")], [.text("x")]),
    (#""\\ \n\t\r\' \u0041\U01F600""#, "shop.tier", [.text("\\ \n\t\r' A\u{1F600}")], []),
    ("\"AMAZONbot\"", "akamaiBot.botnetId", [.text("amazonbot")], [.text("other")]),
    // Booleans.
    ("true", "shop.isGift", [.boolean(true)], states + [.boolean(false)]),
    ("not(true)", "shop.isGift", [.boolean(false)], states + [.boolean(true)]),
    ("true, absent", "shop.isGift", [.boolean(true), .absent], [.boolean(false), .invalid]),
    // Enumerations: the cases are full, noProfile, unusable.
    ("noProfile", "akamaiUserRisk.standing", [.enumeration(1)], states + [.enumeration(0)]),
    (
      "\"FULL\", unusable", "akamaiUserRisk.standing", [.enumeration(0), .enumeration(2)],
      [.enumeration(1)]
    ),
    ("not(full)", "akamaiUserRisk.standing", [.enumeration(1)], states + [.enumeration(0)]),
    (
      "H, m", "akamaiUserRisk.risk.ugp.level", [.enumeration(1), .enumeration(2)], [.enumeration(0)]
    ),
    // Addresses.
    (
      "10.0.0.0/8", "request.ip", [ip("10.0.0.0"), ip("10.255.255.255")],
      states + [ip("9.255.255.255"), ip("11.0.0.0"), ip("::a00:0")]
    ),
    ("192.0.2.7", "request.ip", [ip("192.0.2.7")], [ip("192.0.2.8")]),
    ("0.0.0.0/0", "request.ip", [ip("255.255.255.255")], [ip("2001:db8::1")]),
    (
      "2001:db8::/32, 10.1.2.3", "request.ip", [ip("2001:db8:ffff::"), ip("10.1.2.3")],
      [ip("2001:db9::"), ip("10.1.2.4")]
    ),
    ("fe80::1", "request.ip", [ip("fe80::1")], [ip("fe80::2")]),
    ("\"::/0\"", "request.ip", [ip("::"), ip("10.0.0.1")], states),
    ("not(10.0.0.0/8)", "request.ip", [ip("11.0.0.0")], states + [ip("10.0.0.1")]),
    // Lists.
    (
      "\"a\", \"b\"", "shop.tags", [.list(["a"]), .list(["x", "b"])],
      states + [.list([]), .list(["x"])]
    ),
    (
      "not(\"a\")", "shop.tags", [.list([]), .list(["b"])],
      states + [.list(["a"]), .list(["a", "b"])]
    ),
    ("\"a\", absent", "shop.tags", [.list(["a"]), .absent], [.list([]), .invalid]),
  ]

  private static func ip(_ text: String) -> PlainSignal { .address(address(from: text)!) }

  @Test func `every form of a cell matches what it says and nothing else`() throws {
    for (text, name, matched, others) in Self.cases {
      let cell = try Self.parse(text, name)
      for value in matched { #expect(cell.matches(value), "`\(text)` and \(value)") }
      for value in others { #expect(!cell.matches(value), "`\(text)` and \(value)") }
    }
  }

  /// A cell, its signal, the offset of what is wrong, and a part of the message.
  private static let mistakes: [(String, String, Int, String)] = [
    ("900", "akamaiUserRisk.score", 0, "a whole number from 0 to 100; `900` is never true"),
    ("1, > 100", "akamaiUserRisk.score", 3, "`> 100` is never true"),
    ("89.5", "akamaiUserRisk.score", 0, "`89.5` is never true"),
    ("[90..50]", "shop.total", 0, "reversed; write `[50..90]`"),
    ("(5..5)", "shop.total", 0, "no number is in `(5..5)`"),
    ("[5..", "shop.total", 4, "a number is missing here; write one like `90`"),
    ("<", "shop.total", 1, "a number is missing here"),
    ("[5, 6]", "shop.total", 2, "`..` is missing"),
    ("[5..6", "shop.total", 5, "the interval has no end"),
    ("high", "shop.total", 0, "`high` is no number"),
    (
      "8x", "shop.total", 0,
      "`8x` is no number, and `shop.total` is of type number; write one like `90`, or a test like `>= 90` or"
    ),
    ("abesnt", "shop.total", 0, "did you mean `absent`?"),
    ("90%", "shop.total", 0, "`90%` is no number"),
    ("=> 90", "shop.total", 0, "`=>` is no comparison"),
    ("1 2", "shop.total", 2, "separate tests by commas"),
    ("1,", "shop.total", 2, "a test is missing"),
    (", 1", "shop.total", 0, "a test is missing"),
    ("1, -", "shop.total", 3, "`-` is no number"),
    ("1, not(2)", "shop.total", 3, "`not` stands first"),
    ("not(1", "shop.total", 5, "close it with `)`"),
    ("not(1), 2", "shop.total", 6, "stands alone"),
    ("not()", "shop.total", 4, "a test is missing"),
    ("not(1, absent)", "shop.total", 7, "states and values inside one `not(...)`"),
    ("1\(String(repeating: "0", count: 400))", "shop.total", 0, "beyond every number"),
    ("2026-01-31", "shop.since", 0, "`2026-01-31` is no date; write one like `date(\"2026-01-31\")`"),
    ("> 20484", "shop.since", 2, "`20484` is no date; write one like"),
    ("\"2026-01-31\"", "shop.since", 0, "`\"2026-01-31\"` is no date; write one like"),
    (
      "@\"2026-01-01\", date(\"2026-02-30\")", "shop.since", 15,
      "`date(\"2026-02-30\")` is no date; write one"
    ),
    ("@2026-01-31", "shop.since", 0, "`@2026-01-31` is no date"),
    ("date(2026, 1, 31), absent", "shop.since", 0, "`date(2026, 1, 31)` is no date; write one like"),
    ("not(today(), absent)", "shop.since", 4, "`today()` is no date; write one like"),
    ("[date(date(\"2026-01-01\"))..@\"2026-02-01\"]", "shop.since", 1, "`date(date(\"2026-01-01\"))` is no"),
    ("[2026-01-01..2026-02-01]", "shop.since", 1, "`2026-01-01` is no date"),
    ("[@\"2026-01-01\"..", "shop.since", 16, "a date is missing here; write one like `date(\"2026-01-31\")`"),
    ("<", "shop.since", 1, "a date is missing here"),
    (">= , absent", "shop.idle", 3, "a days and time duration is missing here; write one like"),
    ("Date(\"2026-01-01\")", "shop.since", 0, "`Date(\"2026-01-01\")` is no date; did you mean `date`?"),
    ("dateandtime(\"2026-01-31T13:45:00Z\")", "shop.seen", 0, "did you mean `date and time`?"),
    ("dateTime(\"2026-01-31T13:45:00Z\")", "shop.seen", 0, "did you mean `date and time`?"),
    ("days and time duration(\"P1D\")", "shop.idle", 0, "did you mean `duration`?"),
    ("duration(\"P1X\")", "shop.idle", 0, "`duration(\"P1X\")` is no days and time duration; write one like"),
    ("date(\"2026-01-31\"", "shop.since", 17, "`)` is missing behind the text"),
    ("date(\"2026-01-31)", "shop.since", 5, "the text has no end"),
    ("day(\"2026-01-31\")", "shop.since", 0, "`day(\"2026-01-31\")` is no date"),
    (
      "@\"P1D\"", "shop.since", 0,
      "is a days and time duration, and `shop.since` is of type date; write one like"
    ),
    ("< time(\"08:30:00\")", "shop.since", 2, "is a time, and `shop.since` is of type date"),
    (
      "@\"2026-01-31T13:45:00Z\"", "shop.since", 0,
      "is a date and time with a zone, and `shop.since` is of type date"
    ),
    ("absnt", "shop.since", 0, "did you mean `absent`?"),
    (
      "[@\"2026-02-01\"..@\"2026-01-01\"]", "shop.since", 0,
      "reversed; write `[date(\"2026-01-01\")..date(\"2026-02-01\")]`"
    ),
    (
      "(@\"2026-01-31\"..@\"2026-02-01\")", "shop.since", 0,
      "no date is in `(@\"2026-01-31\"..@\"2026-02-01\")`; include its ends: `[date("
    ),
    (
      "> @\"999999999-12-31\"", "shop.since", 0,
      "`shop.since` is a date; `> @\"999999999-12-31\"` is never true"
    ),
    (
      "time(\"13:45:00+02:00\")", "shop.opens", 0,
      "has a zone, and values of `shop.opens` have none; write `time(\"13:45:00\")`"
    ),
    ("@\"13:45:00@Europe/Paris\"", "shop.opens", 0, "has a zone, and values of `shop.opens` have none"),
    ("time(\"24:00:00\")", "shop.opens", 0, "is no time"),
    ("< @\"00:00:00\"", "shop.opens", 0, "is never true"),
    (
      "[time(\"22:00:00\")..time(\"06:00:00\")]", "shop.opens", 0,
      "a night is two tests: write `>= time(\"22:00:00\"), <= time(\"06:00:00\")`"
    ),
    (
      "(@\"22:00:00\"..@\"06:00:00\")", "shop.opens", 0,
      "write `> time(\"22:00:00\"), < time(\"06:00:00\")`"
    ),
    (
      "[@\"22:00:00\"..@\"00:00:00\")", "shop.opens", 0, "before it begins; write `>= time(\"22:00:00\")`"
    ),
    (
      "(@\"23:59:59.999999999\"..@\"00:00:00\")", "shop.opens", 0,
      "reversed; write `(time(\"00:00:00\")..time(\"23:59:59.999999999\"))`"
    ),
    (
      "time(\"23:59:59.9999999999\")", "shop.opens", 0,
      "`time(\"23:59:59.9999999999\")` is finer than nanoseconds; leave nine digits of the fraction"
    ),
    ("@\"2026-01-31T13:45:00.0000000001Z\"", "shop.seen", 0, "is finer than nanoseconds; write one like"),
    ("@\"PT0.0000000001S\"", "shop.idle", 0, "is finer than nanoseconds; write one like `duration("),
    (
      "date and time(\"2026-01-31T13:45:00\")", "shop.seen", 0,
      "has no zone, so it is another moment in each; write `date and time(\"2026-01-31T13:45:00Z\")`"
    ),
    ("@\"2026-01-31\"", "shop.seen", 0, "is a date, and `shop.seen` is of type date and time"),
    ("@\"2026-01-31T13:45:00.5Z\"", "shop.seen", 0, "is a date and time with a fraction of a second"),
    ("@\"99999-01-31T13:45:00Z\"", "shop.seen", 0, "is a date and time far from our days"),
    (
      "duration(\"P1Y\")", "shop.idle", 0,
      "is a years and months duration, and `shop.idle` is of type days and"
    ),
    (
      "duration(\"P1Y1D\")", "shop.idle", 0,
      "is no days and time duration; write one like `duration(\"P1DT2H\")`"
    ),
    ("duration(\"P99999999D\")", "shop.idle", 0, "is a duration of centuries"),
    ("@\"P1D\"", "shop.member", 0, "of type years and months duration; write one like `duration(\"P1Y2M\")`"),
    (
      "> date(\"2026-01-31\")", "shop.total", 2,
      "`date(\"2026-01-31\")` is no number, and `shop.total` is of type number; declare it as `date`"
    ),
    ("[@\"13:45:00Z\"..5]", "shop.total", 1, "`@\"13:45:00Z\"` is no number, and `shop.total` is of type"),
    ("time(\"13:45:00\")", "shop.total", 0, "declare it as `time`"),
    ("@\"2026-01-31T13:45:00\"", "shop.total", 0, "declare it as `date and time`"),
    ("@\"PT1S\"", "shop.total", 0, "declare it as `days and time duration`"),
    ("duration(\"P1Y\")", "shop.total", 0, "declare it as `years and months duration`"),
    ("date(\"2026-02-30\")", "shop.total", 0, "`date(\"2026-02-30\")` is no number"),
    ("monitor", "shop.tier", 0, "put it in quotes, `\"monitor\"`"),
    ("invlid", "shop.tier", 0, "or write the state `invalid`"),
    ("\"a", "shop.tier", 0, "the text has no end"),
    (#""a\q""#, "shop.tier", 2, "no escape of DMN"),
    (#""\uD800""#, "shop.tier", 1, "is no character"),
    ("!= \"a\"", "shop.tier", 0, "write `not(...)`"),
    ("> \"a\"", "shop.tier", 0, "`>` compares numbers"),
    ("yes", "shop.isGift", 0, "true or false; `yes` is neither"),
    ("ture", "shop.isGift", 0, "did you mean `true`?"),
    ("full, noProfil", "akamaiUserRisk.standing", 6, "did you mean `noProfile`?"),
    ("10.0.0.1/8", "request.ip", 0, "write `10.0.0.0/8` for the block or `10.0.0.1`"),
    ("10.0.0.0/33", "request.ip", 8, "write 0 to 32"),
    ("10.0.0/8", "request.ip", 0, "is no address"),
    ("2001:db8::1/64", "request.ip", 0, "write `2001:db8::/64`"),
    ("a", "shop.tags", 0, "put it in quotes"),
    // Advice that is followed makes a cell of the same meaning.
    (">= 40 and <= 60", "shop.total", 6, "write both bounds as one interval, `[40..60]`"),
    ("< 60 AND > 40, absent", "shop.total", 5, "write both bounds as one interval, `(40..60)`"),
    ("not(>= 40 && < 60)", "shop.total", 10, "write both bounds as one interval, `[40..60)`"),
    (">= 40 <= 60", "shop.total", 6, "write both bounds as one interval, `[40..60]`"),
    ("40..60", "akamaiUserRisk.score", 2, "write both bounds as one interval, `[40..60]`"),
    ("1, 40 .. 60", "shop.total", 6, "write both bounds as one interval, `[40..60]`"),
    ("40..", "shop.total", 2, "two bounds are one interval, like `[40..60]`"),
    (">= 40 != 50", "shop.total", 6, "two bounds are one interval, like `[40..60]`"),
    (
      ">= @\"08:00:00\" and < @\"09:00:00\"", "shop.opens", 15,
      "write both bounds as one interval, `[time(\"08:00:00\")..time(\"09:00:00\"))`"
    ),
    (">= 40 and odd", "shop.total", 6, "a cell has no `and`"),
    ("\"a\" and \"b\"", "shop.tags", 4, "a cell has no `and`"),
    ("5 or 6", "shop.total", 2, "write a comma in place of `or`"),
    ("\"a\" OR \"b\"", "shop.tier", 4, "write a comma in place of `OR`"),
    ("true || false", "shop.isGift", 5, "write a comma in place of `||`"),
    ("FR or DE", "shop.tier", 0, "a comma between them, `\"FR\", \"DE\"`"),
    ("full or unusable", "akamaiUserRisk.standing", 0, "; write `full, unusable`"),
    ("'FR'", "shop.tier", 0, "in straight double quotes, `\"FR\"`"),
    ("'FR', 'DE'", "shop.tier", 0, "in straight double quotes, `\"FR\"`"),
    ("'F, R'", "shop.tier", 0, "in straight double quotes, `\"F, R\"`"),
    ("\u{201C}FR\u{201D}", "shop.tier", 0, "in straight double quotes, `\"FR\"`"),
    ("not(\u{201E}FR\u{201C})", "shop.tags", 4, "in straight double quotes, `\"FR\"`"),
    ("\u{201C}H\u{201D}", "akamaiUserRisk.risk.ugp.level", 0, "; write `H`"),
    ("\"FR\u{201D}", "shop.tier", 0, "write `\"` in place of `\u{201D}`"),
    ("null", "akamaiUserRisk.standing", 0, "did you mean `absent`?"),
    ("null", "shop.tier", 0, "or write the state `absent`"),
    ("not(null)", "shop.isGift", 4, "did you mean `absent`?"),
    ("null", "shop.total", 0, "did you mean `absent`?"),
    ("!= null", "shop.total", 3, "write `not(absent)`"),
    // Digits are not lost in silence.
    ("9007199254740993", "shop.total", 0, "it would be taken as `9007199254740992`"),
    ("> 0.1000000000000000055", "shop.total", 2, "it would be taken as `0.1`"),
    ("[1..-.30000000000000001]", "shop.total", 4, "it would be taken as `-0.3`"),
    ("0.\(String(repeating: "0", count: 400))1", "shop.total", 0, "it would be taken as `0`"),
  ]

  @Test func `a mistake is reported where it is, with what to do`() {
    for (text, name, offset, part) in Self.mistakes {
      do {
        let cell = try Self.parse(text, name)
        Issue.record("`\(text)` is read as \(cell)")
      } catch let error as CellError {
        #expect(error.offset == offset, "`\(text)`: \(error.message)")
        #expect(error.message.contains(part), "`\(text)`: \(error.message)")
      } catch {
        Issue.record("`\(text)`: \(error)")
      }
    }
  }

  @Test func `a list behind a capital IN is named with a small one`() throws {
    let signal = try #require(Self.registry["shop.tier"])
    for text in ["IN doms", "In \"Doms\"", "\"a\", IN doms"] {
      let error = #expect(throws: CellError.self) {
        try CellParser.parse(text, for: signal, lists: ["doms"])
      }
      #expect(error?.message.hasSuffix("; write `in doms`") == true, "\(String(describing: error))")
    }
    let text = #expect(throws: CellError.self) {
      try CellParser.parse("In use", for: signal, lists: ["doms"])
    }
    #expect(text?.message.contains("put it in quotes, `\"In use\"`") == true)
  }

  @Test(arguments: [
    "10.1.2.3", "::", "::1", "2001:db8::1", "1::", "1:0:0:2::3", "fe80::1:0:0:1",
    "1:2:3:4:5:6:7:8", "255.255.255.255",
  ])
  func `an address is written as it is read`(text: String) throws {
    #expect(addressText(try #require(address(from: text))) == text)
  }
}
