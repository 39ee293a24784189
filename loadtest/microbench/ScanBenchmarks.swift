import Signals
import Wire

/// One scan of each fixture.
func measureScans(_ meter: inout Meter) {
  for fixture in HeaderFixture.bot {
    let copies = Copies(of: fixture.value)
    meter.measure("scan/akamai-bot/\(fixture.number) (\(fixture.value.utf8.count) bytes)") { run in
      let header = BotHeader(scanning: copies.message.span, copies[run])
      return UInt64(header.state.rawValue) &+ UInt64(header.score) &+ UInt64(header.segment.count)
    }
  }
  for fixture in HeaderFixture.userRisk {
    let copies = Copies(of: fixture.value)
    meter.measure(
      "scan/akamai-user-risk/\(fixture.number) (\(fixture.value.utf8.count) bytes)"
    ) { run in
      let header = UserRiskHeader(scanning: copies.message.span, copies[run])
      return UInt64(header.state.rawValue) &+ UInt64(header.score)
        &+ UInt64(header.value(of: .trust).count) &+ UInt64(header.value(of: .action).count)
    }
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
