import Foundation
import Signals
import Testing
import Wire

@Suite struct AddressTests {
  @Test(
    arguments: [
      ("0.0.0.0", 0xFFFF_0000_0000), ("255.255.255.255", 0xFFFF_FFFF_FFFF),
      ("1.2.3.4", 0xFFFF_0102_0304),
      ("::", 0), ("::1", 1), ("1::", 1 << 112), ("::ffff:1.2.3.4", 0xFFFF_0102_0304),
      ("2001:DB8::a:B", 0x2001_0DB8_0000_0000_0000_0000_000A_000B),
      ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000),
      ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304),
    ] as [(String, UInt128)])
  func `an address is read`(text: String, address: UInt128) {
    #expect(parse(Array(text.utf8)) == address)
  }

  @Test(arguments: [
    "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..3.4",
    ".1.2.3.4",
    "1.2.3.4.", ":", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "12345::", "g::", "fe80::1%eth0", "[::1]", "::1/64", "1:2:3:4:5:6:7", "1:", ":1", "::1:",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5",
  ])
  func `what is no address is refused`(text: String) {
    #expect(parse(Array(text.utf8)) == nil)
  }

  @Test(arguments: UInt64(1)...10)
  func `addresses agree with inet_pton on 5,000 texts a seed`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var addressCount = 0
    for _ in 0..<5000 {
      let text = randomText(using: &random)
      let expected = system(text)
      #expect(parse(Array(text.utf8)) == expected, "seed \(seed), `\(text)`")
      if expected != nil { addressCount += 1 }
    }
    #expect(addressCount > 500, "seed \(seed)")
  }

  private func parse(_ text: [UInt8]) -> UInt128? {
    // Bytes around it that would continue it, and so many that a whole address could be read there.
    let range = ByteRange(offset: 2, count: text.count)
    let bytes = Array("1:".utf8) + text + Array(":1".utf8)
    let address = parseAddress(bytes.span, range)
    for next in ["0", ".", "9.1"] {
      let bytes = Array("1:".utf8) + text + Array((next + ".255.255.255.255:1").utf8)
      #expect(parseAddress(bytes.span, range) == address)
    }
    return address
  }

  private func system(_ text: String) -> UInt128? {
    var four = in_addr()
    if unsafe inet_pton(AF_INET, text, &four) == 1 {
      return 0xFFFF_0000_0000 | UInt128(UInt32(bigEndian: four.s_addr))
    }
    var six = in6_addr()
    guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    return unsafe withUnsafeBytes(of: &six) {
      unsafe $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    }
  }

  /// Texts near addresses.
  private func randomText(using random: inout SplitMix64) -> String {
    let four = (0..<4).map { _ in
      "\([0, 1, 9, 10, 99, 255, 256][random.below(random.below(4) == 0 ? 7 : 6)])"
    }
    var groups = (0..<8).map { _ in
      String(
        random.below(2) == 0 ? 0 : random.below(0x10000), radix: 16, uppercase: random.below(2) == 0
      )
    }
    let kind = random.below(4)
    if kind > 0, random.below(2) == 0 {
      groups.replaceSubrange(6..., with: [four.joined(separator: ".")])
    }
    if kind > 1 {
      let start = random.below(groups.count + 1)
      groups.replaceSubrange(start..<start + random.below(groups.count - start + 1), with: [""])
      if groups.first == "" { groups.insert("", at: 0) }
      if groups.last == "" { groups.append("") }
    }
    var text = kind == 0 ? four.joined(separator: ".") : groups.joined(separator: ":")
    if random.below(3) == 0, !text.isEmpty {
      let index = text.index(text.startIndex, offsetBy: random.below(text.count))
      if random.below(2) == 0 {
        text.remove(at: index)
      } else {
        text.insert(
          ":.0fgA"[":.0fgA".index(":.0fgA".startIndex, offsetBy: random.below(6))], at: index)
      }
    }
    return text
  }
}
