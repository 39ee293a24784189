/// Where messages that follow one another end (proto-spec 2.6).
extension MessageHeader {
  /// How many bytes the first message in `bytes` has, header included, whether or not all of them
  /// have come; `nil` while its header has not come whole. A header that no message can have is
  /// refused here, before anything is kept for the body it announces.
  @inline(__always)
  public static func firstByteCount(
    in bytes: Span<UInt8>, expecting kind: MessageKind
  ) throws(WireError) -> Int? {
    guard bytes.count >= byteCount else { return nil }
    return byteCount + (try MessageHeader(readingStartOf: bytes, expecting: kind)).bodyByteCount
  }
}
