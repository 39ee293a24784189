import Signals
import Tables
import Testing
import Wire

/// What string columns rely on in `stringHash`.
@Suite struct HashTests {
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// INVARIANT (short-hash): two texts of one length of at most eight bytes with one hash would
  /// both have to be what undoing the hash gives.
  @Test(arguments: 1...8)
  func `the hash of a short text can be undone`(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    for _ in 0..<1000 {
      let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let hash = stringHash(text.span, ByteRange(offset: 0, count: count), foldingCase: false)
      #expect(undone(hash, count: count) == text)
    }
  }

  /// The low bits of a hash are a place in a table.
  @Test(arguments: 4...16)
  func `texts that differ in one place only have places of their own`(count: Int) {
    for place in 0..<count {
      let places = (0..<64).map { (digit: UInt8) -> UInt64 in
        var text = Array(repeating: UInt8(ascii: "x"), count: count)
        text[place] = 48 + digit
        return stringHash(text.span, ByteRange(offset: 0, count: count), foldingCase: false) & 0xFF
      }
      // 57 of 256 is what 64 random ones have.
      #expect(Set(places).count >= 44, "byte \(place) of \(count)")
    }
  }

  @Test func `a long text that is made to collide with a member is not the member`() throws {
    let member = Array("admin@corp.example.com".utf8.prefix(16))
    // One word differs, and the other makes up for it.
    let forged = Array("mallory!".utf8)
    let last =
      word(member, 8) ^ step(16 &* Self.multiplier ^ word(member, 0))
      ^ step(16 &* Self.multiplier ^ word(forged, 0))
    let text = forged + (0..<8).map { UInt8(truncatingIfNeeded: last >> (8 * $0)) }
    let range = ByteRange(offset: 0, count: 16)
    #expect(
      stringHash(text.span, range, foldingCase: false)
        == stringHash(member.span, range, foldingCase: false))

    let signal = Signal.named("user.id")
    let column = ColumnPlan(
      .strings(members: [String(decoding: member, as: UTF8.self)]), states: [[]], classes: [[1]])
    let plan = ChainPlan(
      [TablePlan("t", .enforce, [column], verdicts: [.allow])], signals: [signal])
    var input = Input([], for: [])
    input.append(text: text, foldingCase: false)
    #expect(try plan.decide(input).hitCount == 0)
    #expect(try plan.decide(Input([.text("admin@corp.examp")], for: [signal])).hitCount == 1)
  }

  private func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    bytes.span.load(UInt64.self, at: offset)
  }

  private func step(_ mixed: UInt64) -> UInt64 {
    let product = mixed &* Self.multiplier
    return product ^ (product >> 29)
  }

  private func undone(_ hash: UInt64, count: Int) -> [UInt8] {
    var inverse: UInt64 = 1
    for _ in 0..<6 { inverse = inverse &* (2 &- Self.multiplier &* inverse) }
    let finished = (hash ^ hash >> 32) &* inverse
    let unfolded = finished ^ finished >> 32
    let product = unfolded ^ (unfolded >> 29) ^ (unfolded >> 58)
    let word = (product &* inverse) ^ (UInt64(count) &* Self.multiplier)
    return (0..<count).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }
}
