import Signals
import Testing
import Wire

@Suite struct HeaderLimitTests {
  @Test(arguments: [(8191, SignalState.value), (8192, .value), (8193, .invalid)])
  func `a header may have 8,192 bytes`(byteCount: Int, state: SignalState) {
    for header in ["x=", "Bot (x):a:"] {
      let bytes =
        Array(header.utf8) + [UInt8](repeating: 0x61, count: byteCount - header.utf8.count)
      let range = ByteRange(offset: 0, count: bytes.count)
      let found =
        header == "x="
        ? scan(bytes, range).state
        : BotHeader(scanning: bytes.span, range).state
      #expect(found == state, "\(header)")
    }
  }

  @Test(arguments: [(63, SignalState.value), (64, .value), (65, .invalid)])
  func `a user-risk header may have 64 pairs`(count: Int, state: SignalState) {
    // Empty pairs do not count.
    let text = (0..<count).map { "k\($0)=" }.joined(separator: ";;")
    #expect(scan(text).state == state)
  }

  @Test(arguments: [(255, SignalState.value), (256, .value), (257, .invalid)])
  func `a user-risk header may have 256 items in all lists together`(
    count: Int, state: SignalState
  ) {
    let items = (0..<count).map { "a\($0):" }
    let split = [items[..<100], items[100..<200], items[200...]].map { $0.joined(separator: "||") }
    #expect(scan("risk=\(split[0]);general=\(split[1]);trust=\(split[2])").state == state)
    #expect(scan("trust=\(items.joined(separator: "|"))").state == state)
    // Bars in a text are no items.
    #expect(scan("username=\(items.joined(separator: "|"))").state == .value)
  }

  @Test(arguments: [(255, SignalState.value), (256, .value), (257, .invalid)])
  func `a bot header may have 256 categories`(count: Int, state: SignalState) {
    for separator in [",", " ,, "] {
      let text =
        "Bot (x):a:" + (0..<count).map { "\($0)" }.joined(separator: separator) + ":1:human"
      let bytes = Array(text.utf8)
      let range = ByteRange(offset: 0, count: bytes.count)
      #expect(BotHeader(scanning: bytes.span, range).state == state)
    }
  }

  @Test func `a control byte anywhere makes a header invalid, and no other byte does`() {
    let user = Array("username=0123456789abcdef;ouid=;email=x".utf8)
    let bot = Array("A kind of bot (0123456789):monitor:Search Engines".utf8)
    for byte in UInt8.min...UInt8.max {
      let state: SignalState = byte < 0x20 || byte == 0x7F ? .invalid : .value
      for index in 9..<25 where !";".utf8.contains(byte) {
        var bytes = user
        bytes[index] = byte
        let range = ByteRange(offset: 0, count: bytes.count)
        #expect(scan(bytes, range).state == state, "\(byte) at \(index)")
      }
      for index in 35..<bot.count {
        var bytes = bot
        bytes[index] = byte
        let range = ByteRange(offset: 0, count: bytes.count)
        #expect(BotHeader(scanning: bytes.span, range).state == state, "\(byte) at \(index)")
      }
    }
  }

  @Test func `bytes around a header do not matter`() {
    let text = Array("uuid=1;risk=a:b|c:d/H;x=y".utf8)
    let expected = scan(String(decoding: text, as: UTF8.self))
    for before in 0..<70 {
      for after in [0, 1, 7, 8, 15, 16, 63, 64, 100] {
        for filler in [UInt8(0), UInt8(ascii: ";"), UInt8(ascii: "=")] {
          let bytes =
            [UInt8](repeating: filler, count: before) + text
            + [UInt8](repeating: filler, count: after)
          let range = ByteRange(offset: before, count: text.count)
          let header = scan(bytes, range)
          #expect(header.state == .value)
          for key in UserRiskHeader.Key.allCases {
            let found = header.value(of: key)
            #expect(found.map { $0.start - before } == expected.value(of: key)?.start)
            #expect(found?.count == expected.value(of: key)?.count)
          }
        }
      }
    }
  }

  private func scan(_ text: String) -> UserRiskHeader {
    let bytes = Array(text.utf8)
    return scan(bytes, ByteRange(offset: 0, count: bytes.count))
  }

  private func scan(_ bytes: [UInt8], _ range: ByteRange) -> UserRiskHeader {
    var separators = SeparatorOffsets()
    return UserRiskHeader(scanning: bytes.span, range, &separators)
  }
}
