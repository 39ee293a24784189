import TestSupport

/// What a server's bytes say of the end: the last GOAWAY, the first stream that was reset, and how many were
/// answered.
struct Ending {
  private(set) var goAwayCode: UInt32?
  private(set) var resetCode: UInt32?
  private(set) var answerCount = 0
  private var rest: [UInt8] = []

  mutating func read(_ bytes: [UInt8]) {
    rest += bytes
    var offset = 0
    while rest.count - offset >= Frame.headerByteCount {
      let payload = Int(rest[offset]) << 16 | Int(rest[offset + 1]) << 8 | Int(rest[offset + 2])
      let end = offset + Frame.headerByteCount + payload
      guard rest.count >= end else { break }
      switch Frame.Kind(rawValue: rest[offset + 3]) {
      case .headers, .data: if rest[offset + 4] & Frame.endStream != 0 { answerCount += 1 }
      case .goAway: goAwayCode = number(at: offset + Frame.headerByteCount + 4)
      case .rstStream: resetCode = resetCode ?? number(at: offset + Frame.headerByteCount)
      default: break
      }
      offset = end
    }
    rest.removeFirst(offset)
  }

  private func number(at offset: Int) -> UInt32 {
    rest[offset..<min(offset + 4, rest.count)].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
