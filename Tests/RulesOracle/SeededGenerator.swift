/// SplitMix64: small, and the same everywhere. Or what somebody else chooses, and that only behind it.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  private let choices: [UInt8]
  private var choiceCount = 0

  package init(seed: UInt64) {
    state = seed
    choices = []
  }

  /// One byte decides one choice, so that to change one changes one thing.
  package init(choosing choices: [UInt8]) {
    state = 0
    self.choices = choices
  }

  package mutating func next() -> UInt64 {
    if choiceCount < choices.count {
      defer { choiceCount += 1 }
      // In the high bits as in the low ones: shuffling goes by the former, `below` by the latter.
      return UInt64(choices[choiceCount]) &* 0x0101_0101_0101_0101
    }
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  package mutating func below(_ end: Int) -> Int { Int(next() % UInt64(end)) }

  package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
