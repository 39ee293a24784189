/// The header block of every request, encoded once (RFC 7541).
///
/// The first one puts authority, path and content type into the server's dynamic table; all others
/// point at them. That is what a client with an HPACK encoder sends as well.
struct RequestBlock: Sendable {
  let first: [UInt8]
  let further: [UInt8]

  init(authority: String, path: String, contentType: String, isSecure: Bool) {
    // Static table: 3 is `:method: POST`, 6 is `:scheme: http`, 7 is `:scheme: https`.
    let fixed: [UInt8] = [0x80 | 3, 0x80 | (isSecure ? 7 : 6)]
    first =
      fixed + Self.literal(nameIndex: 1, authority) + Self.literal(nameIndex: 4, path)
      + Self.literal(nameIndex: 31, contentType)
    // Dynamic table: the newest entry is 62.
    further = fixed + [0x80 | 64, 0x80 | 63, 0x80 | 62]
  }

  /// A literal with incremental indexing whose name is in the static table (RFC 7541 6.2.1).
  private static func literal(nameIndex: UInt8, _ value: String) -> [UInt8] {
    var bytes = [0x40 | nameIndex]
    var count = value.utf8.count
    if count < 0x7F {
      bytes.append(UInt8(count))
    } else {
      bytes.append(0x7F)
      count -= 0x7F
      while count >= 0x80 {
        bytes.append(UInt8(count & 0x7F) | 0x80)
        count >>= 7
      }
      bytes.append(UInt8(count))
    }
    return bytes + Array(value.utf8)
  }
}
