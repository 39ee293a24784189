import AllocationCounter
import Foundation
import Signals
import SignalsOracle
import Testing
import Wire

/// Dates, times and durations come as texts in ISO form, and are read where they lie.
@Suite struct TemporalTests {
  private static let names: [SignalScale: String] = [
    .date: "x.date", .time: "x.time", .dateTime: "x.moment", .seconds: "x.span", .months: "x.months",
  ]

  private static let probe: Probe = {
    var registry = SignalRegistry()
    for (scale, name) in names { _ = registry.declare(name, .number, scale) }
    return Probe(names.values.sorted(), in: registry)
  }()

  private static func reading(_ value: CustomValue, of scale: SignalScale) throws -> Reading {
    let name = names[scale]!
    let readings = try probe.read { writer in writer.append(custom: name, value) }
    return readings[probe.signals.firstIndex { $0.name == name }!]
  }

  private static let values: [(SignalScale, String, Double)] = [
    (.date, "1970-01-01", 0), (.date, "1969-12-31", -1), (.date, "2026-01-31", 20_484),
    (.date, "2024-02-29", 19_782), (.date, "2000-02-29", 11_016), (.date, "0000-01-01", -719_528),
    (.date, "-0000-01-01", -719_528), (.date, "-0001-12-31", -719_529), (.date, "12345-06-07", 3_789_548),
    (.date, "999999999-12-31", 365_241_780_471), (.date, "-999999999-01-01", -365_243_219_162),
    (.time, "00:00:00", 0), (.time, "13:45:00", 49_500e9), (.time, "23:59:59.999999999", 86_399_999_999_999),
    (.time, "00:00:00.000000001", 1), (.time, "00:00:00.1", 1e8),
    (.time, "00:00:00.123456789123456789", 123_456_789),
    (.dateTime, "1970-01-01T00:00:00Z", 0), (.dateTime, "1970-01-01T00:00:00z", 0),
    (.dateTime, "2026-01-31T13:45:00+02:00", 1_769_859_900),
    (.dateTime, "2026-01-31T11:45:00Z", 1_769_859_900),
    (.dateTime, "1970-01-01T00:00:00-14:00", 50_400), (.dateTime, "1970-01-01T00:00:00+00:00:01", -1),
    (.dateTime, "1970-01-01T00:00:00-00:00", 0), (.dateTime, "2026-01-31T11:45:00.5Z", 1_769_859_900.5),
    (.dateTime, "1969-12-31T23:59:59.25Z", -0.75), (.dateTime, "36812-02-20T00:36:15Z", 1_099_511_627_775),
    (.dateTime, "36812-02-20T00:36:14.5Z", 1_099_511_627_774.5),
    (.dateTime, "36812-02-20T00:36:15.00001Z", 1_099_511_627_775),
    (.dateTime, "-32873-11-12T23:23:45Z", -1_099_511_627_775),
    (.dateTime, "-32873-11-12T23:23:45.5Z", -1_099_511_627_774.5),
    (.seconds, "P1DT2H", 93_600), (.seconds, "-PT1M30S", -90), (.seconds, "PT0S", 0), (.seconds, "-PT0S", 0),
    (.seconds, "PT0.25S", 0.25), (.seconds, "-PT0.25S", -0.25), (.seconds, "P0D", 0),
    (.seconds, "PT90M", 5400),
    (.seconds, "PT8589934591S", 8_589_934_591), (.seconds, "PT0.0000019S", 0.000001),
    (.seconds, "PT8589934590.5S", 8_589_934_590.5), (.seconds, "-PT8589934590.5S", -8_589_934_590.5),
    (.seconds, "PT8589934591.0000009S", 8_589_934_591), (.seconds, "-PT8589934591S", -8_589_934_591),
    (.months, "P1Y2M", 14), (.months, "-P1M", -1), (.months, "P0M", 0), (.months, "P14M", 14),
    (.months, "P9007199254740991M", 9_007_199_254_740_991),
  ]

  @Test(arguments: values)
  func `a text is a point on its signal's line`(scale: SignalScale, text: String, point: Double) throws {
    #expect(try Self.reading(.string(text), of: scale) == .number(point))
    // -0 is 0, which it equals: an index goes by bits.
    #expect(point != 0 || scale.point(text)?.sign == .plus)
  }

  private static let others: [(SignalScale, String)] = [
    (.date, ""), (.date, "2026-02-30"), (.date, "2026-02-29"), (.date, "1900-02-29"), (.date, "2026-13-01"),
    (.date, "2026-00-01"), (.date, "2026-01-00"), (.date, "2026-01-32"), (.date, "2026-04-31"),
    (.date, "26-01-31"), (.date, "02026-01-31"), (.date, "+2026-01-31"), (.date, "2026-1-31"),
    (.date, "2026/01/31"), (.date, "2026-01-31Z"), (.date, "2026-01-31 "), (.date, " 2026-01-31"),
    (.date, "2026-01-31T00:00:00Z"), (.date, "1000000000-01-01"), (.date, "20484"),
    (.date, "2026-01-3\u{661}"),
    (.date, "2026-01-31\u{301}"), (.date, "--2026-01-31"), (.date, "date(\"2026-01-31\")"),
    (.time, "24:00:00"), (.time, "23:60:00"), (.time, "23:59:60"), (.time, "13:45"), (.time, "13:45:00."),
    (.time, "13:45:00.1234567890123456789"), (.time, "13:45:00Z"), (.time, "13:45:00+02:00"),
    (.time, "13:45:00@Europe/Paris"), (.time, "1:45:00"), (.time, "T13:45:00"), (.time, "13:45:00,5"),
    (.dateTime, "2026-01-31"), (.dateTime, "2026-01-31T13:45:00"),
    (.dateTime, "2026-01-31T13:45:00@Europe/Paris"),
    (.dateTime, "2026-01-31T13:45:00@UTC"), (.dateTime, "2026-01-31t13:45:00Z"),
    (.dateTime, "2026-01-31 13:45:00Z"), (.dateTime, "2026-01-31T13:45Z"),
    (.dateTime, "2026-01-31T13:45:00+2:00"),
    (.dateTime, "2026-01-31T13:45:00+14:01"), (.dateTime, "2026-01-31T13:45:00+01:60"),
    (.dateTime, "2026-01-31T13:45:00+01:00:60"), (.dateTime, "2026-01-31T13:45:00+0100"),
    (.dateTime, "2026-01-31T13:45:00ZZ"), (.dateTime, "2026-02-30T13:45:00Z"),
    (.dateTime, "36812-02-20T00:36:16Z"),
    (.dateTime, "36812-02-20T00:36:15.5Z"), (.dateTime, "-32873-11-12T23:23:44Z"),
    (.dateTime, "-32873-11-12T23:23:44.5Z"), (.dateTime, "999999999-12-31T00:00:00Z"),
    (.dateTime, "1769859900"),
    (.seconds, "P"), (.seconds, "PT"), (.seconds, "P1DT"), (.seconds, "1D"), (.seconds, "P1H"),
    (.seconds, "PT1D"),
    (.seconds, "P1Y"), (.seconds, "P1M"), (.seconds, "P1Y1D"), (.seconds, "P1.5D"), (.seconds, "PT1.5M"),
    (.seconds, "PT1.S"), (.seconds, "PT.5S"), (.seconds, "PT1S1M"), (.seconds, "PT1M1M"), (.seconds, "P1W"),
    (.seconds, "p1d"), (.seconds, "+P1D"), (.seconds, "--P1D"), (.seconds, "PT1HT1M"),
    (.seconds, "PT8589934592S"),
    (.seconds, "PT8589934591.5S"), (.seconds, "-PT8589934591.5S"), (.seconds, "-PT8589934592S"),
    (.seconds, "P1000000000000000000D"), (.seconds, "P1D "), (.seconds, "PT"),
    (.seconds, "P999999999999999999DT999999999999999999S"), (.seconds, "PT1"), (.seconds, "90"),
    (.months, "P1D"), (.months, "PT1M"), (.months, "P1YT1M"), (.months, "P2M1Y"), (.months, "P1.5Y"),
    (.months, "P9007199254740992M"), (.months, "P999999999999999999Y"), (.months, "P1YT"), (.months, "14"),
  ]

  @Test(arguments: others)
  func `any other text is invalid`(scale: SignalScale, text: String) throws {
    #expect(try Self.reading(.string(text), of: scale) == .invalid)
  }

  @Test(arguments: [
    ("request-custom-dates", ["20484", "49500500000000", "1769859900", "-93600", "14"]),
    ("request-custom-dates-unreadable", [String](repeating: "invalid", count: 5)),
  ])
  func `the specification's vectors are read as it says`(name: String, expected: [String]) throws {
    let declared: [(String, SignalScale)] = [
      ("user.passwordSet", .date), ("login.at", .time), ("user.seen", .dateTime), ("login.idle", .seconds),
      ("user.member", .months),
    ]
    let repository = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = repository.appending(path: "proto-spec/vectors/valid/\(name).vec")
    let text = try String(contentsOf: file, encoding: .utf8)
    var bytes: [UInt8] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix("=>") {
      bytes += line.components(separatedBy: "  ")[0].split(separator: " ").map { UInt8($0, radix: 16)! }
    }
    var registry = SignalRegistry()
    for (name, scale) in declared { _ = registry.declare(name, .number, scale) }
    let readings = try Probe(declared.map(\.0), in: registry).read(message: bytes.span)
    #expect(readings.map(\.description) == expected)
  }

  @Test(arguments: SignalScale.allCases.filter { $0 != .plain })
  func `what comes as no text is invalid`(scale: SignalScale) throws {
    for value: CustomValue in [.number(20_484), .boolean(true), .list(["2026-01-31"]), .address("::1")] {
      #expect(try Self.reading(value, of: scale) == .invalid)
    }
    #expect(try Self.probe.read { _ in } == Self.probe.signals.map { _ in .absent })
  }

  @Test func `no fraction of a second is the next second`() throws {
    for year in stride(from: 1970, to: 36_800, by: 97) {
      let text = "\(String(repeating: "0", count: max(0, 4 - "\(year)".count)))\(year)-06-30T23:59:59"
      let second = try #require(SignalScale.dateTime.point("\(text)Z"))
      var last = second
      for fraction in ["000001", "5", "9", "999999", "9999999", "999999999"] {
        let point = try #require(SignalScale.dateTime.point("\(text).\(fraction)Z"), "\(text).\(fraction)")
        #expect(point >= last && point < second + 1, "\(text).\(fraction)")
        last = point
      }
    }
    let longest = try #require(SignalScale.seconds.point("PT8589934590.9999999S"))
    #expect(longest < 8_589_934_591)
  }

  @Test(.enabled(if: allocations_are_counted())) func `reading them allocates nothing`() throws {
    var writer = RequestWriter()
    let tenant: [UInt8] = []
    writer.beginDecision(tenant: tenant.span, trigger: Array("t".utf8).span, correlationID: 1)
    for (scale, text) in [
      (SignalScale.date, "2026-01-31"), (.time, "13:45:00.5"), (.dateTime, "2026-01-31T13:45:00.25+02:00"),
      (.seconds, "P1DT2H3M4.5S"), (.months, "P1Y2M"),
    ] {
      writer.append(custom: Self.names[scale]!, .string(text))
    }
    writer.endDecision()
    writer.finish()
    var request = DecisionRequest()
    var reader = try RequestReader(writer.bytes.span)
    _ = try reader.next(into: &request)
    var vector = SignalVector()
    let probe = Self.probe
    let schema = SchemaView(slots: probe.slots.span, names: probe.names.span)
    vector.fill(from: &request, in: writer.bytes.span, reading: schema)
    let before = allocation_count()
    for _ in 0..<1000 { vector.fill(from: &request, in: writer.bytes.span, reading: schema) }
    #expect(allocation_count() - before == 0)
    for slot in probe.slots.indices { #expect(vector[slot].state == .value) }
  }
}

extension SignalScale {
  /// The point of a whole text.
  fileprivate func point(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return point(bytes.span, ByteRange(offset: 0, count: bytes.count))
  }
}
