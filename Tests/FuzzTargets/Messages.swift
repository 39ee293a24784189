import Wire

extension FuzzTarget {
  /// A message of any kind: what can be read can be written, and reads as the same again; what is
  /// refused is refused at one of its bytes.
  static let messages = FuzzTarget("messages", upTo: 4096, from: Seeds.messages) { input throws(Finding) in
    var cursor = InputCursor(input)
    let kind = MessageKind.allCases[Int(cursor.byte()) % MessageKind.allCases.count]
    // With the lengths made right, the fuzzer gets to what lies behind them.
    let mends = cursor.byte() & 1 == 1
    var message = cursor.rest()
    if mends { mend(&message) }
    do {
      let first = try ReadMessage(message, as: kind)
      let written = first.written()
      let second = try ReadMessage(written, as: kind)
      try same(first, second)
    } catch let finding as Finding {
      throw finding
    } catch let error as WireError {
      let end = max(message.count, Limits.messageByteCount)
      try require((0...end).contains(error.offset), "refused at \(error.offset)")
    } catch {
      throw Finding("\(error)")
    }
  }

  private static func same(_ a: ReadMessage, _ b: ReadMessage) throws(Finding) {
    try require(a == b, "\(a) is written as \(b)")
  }

  /// Sets the body's lengths to what is there.
  private static func mend(_ message: inout [UInt8]) {
    guard message.count >= MessageHeader.byteCount, message[2] & 1 == 0 else { return }
    let count = UInt32(message.count - MessageHeader.byteCount)
    for (offset, shift) in zip(4..<8, stride(from: UInt32(0), to: 32, by: 8)) {
      message[offset] = UInt8(truncatingIfNeeded: count >> shift)
      message[offset + 4] = message[offset]
    }
  }
}
