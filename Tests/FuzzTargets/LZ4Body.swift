import Wire

extension FuzzTarget {
  /// A compressed body with a length that need not be its own: memory stays within what was declared,
  /// and what comes out compresses and comes out again.
  static let lz4 = FuzzTarget("lz4", upTo: 4096, from: Seeds.blocks) { input throws(Finding) in
    var cursor = InputCursor(input)
    let declared = Int(cursor.byte()) << 12 | Int(cursor.byte()) << 4
    let body = cursor.rest()
    var message = ByteWriter()
    message.append(
      MessageHeader(
        kind: .request, flags: .compressed, bodyByteCount: body.count,
        uncompressedByteCount: declared, decisionCount: 1))
    message.append(body.span)
    var plain = ByteWriter(capacity: 16)
    do {
      try plain.decompress(message.span, .request)
    } catch { return }
    try require(plain.count == MessageHeader.byteCount + declared, "\(plain.count) bytes came out")
    do {
      let original = [UInt8](copying: plain.span)
      var compressed = ByteWriter()
      try compressed.compress(original.span, .request)
      // Bytes that LZ4 makes no smaller are left as they are.
      if compressed.count == original.count { return }
      var again = ByteWriter()
      try again.decompress(compressed.span, .request)
      try require([UInt8](copying: again.span) == original, "other bytes come back")
    } catch let finding as Finding {
      throw finding
    } catch {
      throw Finding("what came out does not go through again: \(error)")
    }
  }
}
