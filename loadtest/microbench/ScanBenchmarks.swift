import Signals
import Wire

/// One scan of each fixture; of another vendor's header, once under each name.
func measureScans(_ meter: inout Meter) throws {
  let fixtures = try HeaderFixture.all()
  // As a loop does it: what was scanned before is written over.
  var separators = SeparatorOffsets()
  var bot = BotHeader()
  var userRisk = UserRiskHeader()
  for fixture in fixtures.scanned(as: "Akamai-Bot") {
    let copies = Copies(of: fixture.value)
    meter.measure(fixture.benchmark(as: "Akamai-Bot")) { run in
      bot.scan(copies.message.span, copies[run])
      return UInt64(bot.state.rawValue) &+ bot.sum(in: copies.message.span)
    }
  }
  let pair = (userRisk: fixtures.userRisk, bot: fixtures.bot)
  let copies = Copies(of: pair.userRisk + pair.bot)
  let byteCount = pair.userRisk.utf8.count
  meter.measure("scan/both headers (\((pair.userRisk + pair.bot).utf8.count) bytes)") { run in
    let both = copies[run]
    userRisk.scan(
      copies.message.span, ByteRange(offset: both.start, count: byteCount), &separators)
    bot.scan(
      copies.message.span,
      ByteRange(offset: both.start + byteCount, count: Int(both.count) - byteCount))
    return UInt64(userRisk.state.rawValue) &+ UInt64(userRisk.value(of: .score)?.count ?? 0)
      &+ UInt64(userRisk.value(of: .trust)?.count ?? 0) &+ UInt64(bot.state.rawValue)
      &+ bot.sum(in: copies.message.span)
  }
  for fixture in fixtures.scanned(as: "Akamai-User-Risk") {
    let copies = Copies(of: fixture.value)
    meter.measure(fixture.benchmark(as: "Akamai-User-Risk")) { run in
      userRisk.scan(copies.message.span, copies[run], &separators)
      return UInt64(userRisk.state.rawValue) &+ UInt64(userRisk.value(of: .score)?.count ?? 0)
        &+ UInt64(userRisk.value(of: .trust)?.count ?? 0)
        &+ UInt64(userRisk.value(of: .action)?.count ?? 0)
    }
  }
}

extension HeaderFixture {
  /// The name of its benchmark.
  fileprivate func benchmark(as scanned: String) -> String {
    let other = name == scanned ? "" : " \(name.lowercased())"
    return "scan/\(scanned.lowercased())/\(number)\(other) (\(value.utf8.count) bytes)"
  }
}

extension BotHeader {
  /// What a table reads of it, so that nothing is left out.
  fileprivate func sum(in message: Span<UInt8>) -> UInt64 {
    score(in: message).number.bitPattern &+ UInt64(categories.count) &+ UInt64(segment?.count ?? 0)
  }
}

/// One value at several places of a message: no two runs in a row read the same bytes, so that
/// one's work cannot be taken for the next one's.
private struct Copies {
  private static let count = 8

  let message: [UInt8]
  private let ranges: [ByteRange]

  init(of value: String) {
    var message: [UInt8] = []
    ranges = (0..<Self.count).map { _ in
      let range = ByteRange(offset: message.count, count: value.utf8.count)
      message += Array(value.utf8) + Array("....".utf8)
      return range
    }
    self.message = message
  }

  subscript(run: Int) -> ByteRange { ranges[run % Self.count] }
}
