import Wire

/// Turns messages into LZ4 blocks and back (proto-spec 3.4). Memory stays from one to the next.
struct MessageCompressor: ~Copyable {
  private var other = ByteWriter()

  /// Replaces a message by its compressed form, where that is smaller.
  mutating func compress(_ message: inout [UInt8], _ kind: MessageKind) throws(WireError) {
    try other.compress(message.span, kind)
    replace(&message)
  }

  /// Replaces a message by what it was before it was compressed, where it was.
  mutating func decompress(_ message: inout [UInt8], _ kind: MessageKind) throws(WireError) {
    guard message.count >= MessageHeader.byteCount,
      message[2] & UInt8(MessageFlags.compressed.rawValue) != 0
    else { return }
    try other.decompress(message.span, kind)
    replace(&message)
  }

  private func replace(_ message: inout [UInt8]) {
    message.removeAll(keepingCapacity: true)
    message.append(other.span)
  }
}
