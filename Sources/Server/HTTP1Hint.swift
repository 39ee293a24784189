import Wire

/// What a client is told that speaks HTTP/1 to a port that speaks HTTP/2 with prior knowledge.
enum HTTP1Hint {
  /// LIMIT: a request line is looked at so far.
  private static let byteCountMax = 8192

  static let answer: StaticString = """
    HTTP/1.1 505 HTTP Version Not Supported\r
    content-type: text/plain; charset=utf-8\r
    content-length: 152\r
    connection: close\r
    \r
    This port speaks HTTP/2 with prior knowledge (curl --http2-prior-knowledge). Probes, metrics and \
    HTTP/1.1 are on the admin port: postern serve --admin.

    """

  /// Whether a connection's first bytes are a request line of HTTP/1.
  static func applies(to bytes: Span<UInt8>) -> Bool {
    var index = 0
    while index < min(bytes.count, byteCountMax), bytes[index] != UInt8(ascii: "\n") { index += 1 }
    let mark: StaticString = " HTTP/1."
    let markCount = mark.utf8CodeUnitCount
    guard index > markCount + 1 else { return false }
    // The line ends in the version's last digit and, as a rule, a carriage return.
    for start in max(0, index - markCount - 2)...(index - markCount)
    where bytes.extracting(start..<start + markCount).isText(mark) {
      return true
    }
    return false
  }
}
