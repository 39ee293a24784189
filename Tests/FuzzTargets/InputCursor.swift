/// Takes an input apart: the fuzzer chooses not only the bytes but how they are used.
struct InputCursor {
  private let input: [UInt8]
  private var offset = 0

  init(_ input: [UInt8]) { self.input = input }

  /// 0 behind the end.
  mutating func byte() -> UInt8 {
    guard offset < input.count else { return 0 }
    defer { offset += 1 }
    return input[offset]
  }

  mutating func number() -> UInt64 { (0..<8).reduce(0) { number, _ in number << 8 | UInt64(byte()) } }

  mutating func take(_ count: Int) -> [UInt8] {
    let end = min(input.count, offset + count)
    defer { offset = end }
    return Array(input[offset..<end])
  }

  mutating func rest() -> [UInt8] { take(input.count) }
}

/// Cuts bytes at places that a number chooses.
func split(_ bytes: [UInt8], by seed: UInt64) -> [[UInt8]] {
  var state = seed
  var parts: [[UInt8]] = []
  var start = 0
  while start < bytes.count {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let most = (state >> 60) < 8 ? 4 : 200
    let end = min(bytes.count, start + 1 + Int(state >> 33) % most)
    parts.append(Array(bytes[start..<end]))
    start = end
  }
  return parts
}
