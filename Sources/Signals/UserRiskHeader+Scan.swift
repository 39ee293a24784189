import Wire

extension UserRiskHeader {
  /// LIMIT: five times the most pairs seen in one header (12). More: its signals are `invalid`.
  static let pairCountMax = 64

  /// Scans one header value, in place. A value over a limit or not of the grammar is `invalid`.
  ///
  /// - Empty pairs and empty items are passed over. A pair needs a key (`A-Z a-z 0-9 _ -`) and "=".
  /// - A key that comes twice, known or not, makes the whole header invalid: an unescaped ";" in
  ///   `username` could add pairs, and neither the first nor the last can be trusted.
  /// - A control byte (below 0x20, or 0x7F) makes it invalid; bytes from 0x80 are text.
  /// - A number that cannot be read is invalid by itself. The items of lists are looked at when a
  ///   table reads them: `listState`.
  ///
  /// O(count), no allocation.
  public init(scanning bytes: Span<UInt8>, _ range: ByteRange) {
    self.init()
    scan(bytes, range)
  }

  /// As `init(scanning:)`, into a header that nothing was scanned into yet.
  @inline(__always)
  mutating func scan(_ bytes: Span<UInt8>, _ range: ByteRange) {
    guard range.count <= Limits.headerByteCount else { return }
    if readPairs(of: bytes, range) {
      state = .value
    } else {
      self = Self()
    }
  }

  /// Returns `false` when the header as a whole cannot be read.
  ///
  /// A control byte in a name may be taken for another, but it is a delimiter as well, and it ends
  /// the scan where the delimiters have come to it.
  @inline(__always)
  private mutating func readPairs(of bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    var delimiters = DelimiterCursor(range, separator: UInt8(ascii: ";"))
    var pairCount = 0
    var unknownCount = 0
    var start = range.start
    while start < range.end {
      if bytes[start] == UInt8(ascii: ";") {
        start = delimiters.next(in: bytes) &+ 1
        continue
      }
      guard let name = PairName(at: start, in: bytes, end: range.end) else { return false }
      pairCount &+= 1
      let valueStart = start &+ name.byteCount &+ 1
      let end = delimiters.next(in: bytes)
      guard delimiters.separates(at: end, in: bytes) else { return false }
      start = end &+ 1
      guard let key = name.key else {
        unknownCount &+= 1
        continue
      }
      guard set(key, ByteRange(offset: valueStart, count: end &- valueStart), in: bytes) else {
        return false
      }
    }
    // Each item but the last has at least one byte and a "|".
    let mayHaveTooManyItems = range.count > 2 * Limits.headerItemCount
    return pairCount <= Self.pairCountMax
      && !(mayHaveTooManyItems && itemCount(in: bytes) > Limits.headerItemCount)
      && (unknownCount < 2 || !Self.repeatsUnknownKey(in: bytes, range))
  }

  /// Returns `false` when the key has come before.
  @inline(__always)
  private mutating func set(
    _ key: Key, _ value: ByteRange, in bytes: Span<UInt8>
  ) -> Bool {
    let index = Int(key.rawValue)
    guard states[index] == .absent else { return false }
    values[index] = value
    states[index] = readNumber(of: key, value, in: bytes) ?? .value
    return true
  }

  /// Reads the number of a key that has one. Returns the key's state, `nil` for another key.
  @inline(__always)
  private mutating func readNumber(
    of key: Key, _ value: ByteRange, in bytes: Span<UInt8>
  ) -> SignalState? {
    switch key {
    case .status:
      guard let number = bytes.smallNumber(in: value), number <= 255 else { return .invalid }
      status = UInt8(number)
    case .score:
      guard let number = bytes.score(in: value) else { return .invalid }
      score = number
    case .allow:
      guard value.count == 1, let number = bytes.smallNumber(in: value), number <= 1 else {
        return .invalid
      }
      allow = UInt8(number)
    default: return nil
    }
    return .value
  }

  @inline(never)
  private func itemCount(in bytes: Span<UInt8>) -> Int {
    var count = 0
    for key in Key.lists {
      var items = UserRiskItemCursor(value(of: key))
      while items.next(in: bytes) != nil { count += 1 }
    }
    return count
  }

  /// Whether two pairs have the same key without a meaning. For a value whose pairs were all read,
  /// and of which at most `pairCountMax`; rare, so not part of the scan.
  @inline(never)
  private static func repeatsUnknownKey(in bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    var keys = InlineArray<64, ByteRange>(repeating: .empty)
    var count = 0
    var delimiters = DelimiterCursor(range, separator: UInt8(ascii: ";"))
    var start = range.start
    while start < range.end {
      let name = PairName(at: start, in: bytes, end: range.end)
      let end = delimiters.next(in: bytes)
      defer { start = end + 1 }
      guard let name, name.key == nil else { continue }
      let key = ByteRange(offset: start, count: name.byteCount)
      for index in 0..<count where sameText(bytes, keys[index], bytes, key, foldingCase: true) {
        return true
      }
      keys[count] = key
      count += 1
    }
    return false
  }
}
