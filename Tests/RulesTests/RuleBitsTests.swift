import Testing

@testable import Rules

@Suite struct RuleBitsTests {
  @Test(arguments: [1, 63, 64, 65, 128, 200])
  func `below an end are the rules before it and no bit past the last`(count: Int) {
    for end in 0...count {
      let bits = RuleBits(below: end, count: count)
      #expect((0..<count).allSatisfy { bits[$0] == ($0 < end) })
      #expect(bits.words.reduce(0) { $0 + $1.nonzeroBitCount } == end)
    }
  }
}
