import CLZ4

/// Compressed messages: the body is one raw LZ4 block, its length declared and bounded beforehand.
///
/// Raw blocks rather than frames: a frame's header makes the decoder allocate before any output
/// exists; a block writes into memory of the size we chose.
extension ByteWriter {
  /// LIMIT: the best that LZ4 can do is 255:1; a block that claims more lies, and gets no memory for it.
  private static var compressionRatioMax: Int { 255 }

  /// Replaces the content by the uncompressed form of `message`. Grows to at most
  /// `Limits.messageByteCount`.
  public mutating func decompress(
    _ message: Span<UInt8>, _ kind: MessageKind
  ) throws(WireError) {
    let header = try MessageHeader(reading: message, expecting: kind)
    guard header.uncompressedByteCount <= header.bodyByteCount * Self.compressionRatioMax else {
      throw WireError(.badCompression, at: MessageHeader.byteCount)
    }
    removeAll()
    var plain = header
    plain.flags.remove(.compressed)
    plain.bodyByteCount = header.uncompressedByteCount
    append(plain)
    let body = message.extracting(MessageHeader.byteCount...)
    var produced = -1
    unsafe appendUnsafe(upTo: header.uncompressedByteCount) { target in
      // SAFETY: both buffers outlive the call; the decoder writes at most `target.count` bytes.
      produced = unsafe body.withUnsafeBytes { source in
        unsafe Int(
          LZ4_decompress_safe(
            source.baseAddress?.assumingMemoryBound(to: CChar.self),
            target.baseAddress?.assumingMemoryBound(to: CChar.self),
            Int32(source.count), Int32(target.count)))
      }
      return max(produced, 0)
    }
    guard produced == header.uncompressedByteCount else {
      throw WireError(.badCompression, at: MessageHeader.byteCount)
    }
  }

  /// Replaces the content by the compressed form of `message`, or by a copy of it when LZ4 does
  /// not make it smaller.
  public mutating func compress(_ message: Span<UInt8>, _ kind: MessageKind) throws(WireError) {
    var header = try MessageHeader(reading: message, expecting: kind)
    precondition(!header.flags.contains(.compressed))
    removeAll()
    header.flags.insert(.compressed)
    append(header)
    let body = message.extracting(MessageHeader.byteCount...)
    unsafe appendUnsafe(upTo: Int(LZ4_compressBound(Int32(body.count)))) { target in
      // SAFETY: both buffers outlive the call; the encoder writes at most `target.count` bytes.
      unsafe body.withUnsafeBytes { source in
        unsafe Int(
          LZ4_compress_default(
            source.baseAddress?.assumingMemoryBound(to: CChar.self),
            target.baseAddress?.assumingMemoryBound(to: CChar.self),
            Int32(source.count), Int32(target.count)))
      }
    }
    let compressed = count - MessageHeader.byteCount
    guard compressed > 0, compressed < body.count else {
      removeAll()
      return append(message)
    }
    store(UInt32(compressed), at: 4)
  }
}
