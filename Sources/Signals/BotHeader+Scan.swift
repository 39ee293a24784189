import CWide
import Wire

extension BotHeader {
  /// Scans one header value, in place. A value over a limit or not of the grammar is `invalid`.
  ///
  /// - `type` ends at the first " (", `botnetID` at the first "):" after it, `action` at the next
  ///   ":"; none may be empty, `type` is of tokens (`A-Z a-z 0-9 _ -`) and spaces, `action` a token.
  /// - The rest is read from the right, since customers choose names: when its last field is a
  ///   token and the one before it is one to three digits, they are segment and
  ///   score, and all before them is `categories`. Else all of it is. It may not be empty. Score and
  ///   segment are invalid where they cannot be read though a ":" is there: absent would be too good.
  /// - `categories` hold no "):": that is a second value, which a proxy has joined to the first. So is
  ///   what stands behind a comma where none belongs: `isJoined`.
  /// - A control byte (below 0x20, or 0x7F) makes it invalid; bytes from 0x80 are text.
  /// - A score that is not one or two digits or "100" is invalid by itself.
  ///
  /// O(count), no allocation.
  public init(scanning bytes: Span<UInt8>, _ range: ByteRange) {
    self.init()
    scan(bytes, range)
  }

  /// As `init(scanning:)`, over what was scanned before.
  public mutating func scan(_ bytes: Span<UInt8>, _ range: ByteRange) {
    precondition(range.end <= bytes.count)
    self.range = range
    // SAFETY: the header's bytes are in bounds by the line above.
    let isShort = unsafe bytes.withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return false }
      return unsafe postern_find_bot_fields(base + range.start, Int(range.count), &fields)
    }
    if !isShort { fields.has_comma = true }
    let isReadable = isShort ? fields.is_readable : readFieldsOneByOne(of: bytes)
    state = isReadable && !(fields.has_comma && isJoined(in: bytes)) ? .value : .invalid
  }
}
