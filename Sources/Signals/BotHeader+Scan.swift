import Wire

extension BotHeader {
  /// Scans one header value, in place. A value over a limit or not of the grammar is `invalid`.
  ///
  /// - `type` ends at the first " (", `botnetID` at the first "):" after it, `action` at the next
  ///   ":"; none may be empty.
  /// - The rest is read from the right, since customers choose names: when its last field is a
  ///   token (`A-Z a-z 0-9 _ -`) and the one before it is one to three digits, they are segment and
  ///   score, and all before them is `categories`. Else all of it is. It may not be empty.
  /// - A control byte (below 0x20, or 0x7F) makes it invalid; bytes from 0x80 are text.
  /// - A score that is not one or two digits or "100" is invalid by itself.
  ///
  /// O(count), no allocation.
  public init(scanning bytes: Span<UInt8>, _ range: ByteRange) {
    self.init()
    scan(bytes, range)
  }

  /// As `init(scanning:)`, into a header that nothing was scanned into yet.
  @inline(__always)
  mutating func scan(_ bytes: Span<UInt8>, _ range: ByteRange) {
    guard range.count <= Limits.headerByteCount, !bytes.hasControl(in: range) else { return }
    if readFields(of: bytes, range) {
      state = .value
    } else {
      self = Self()
    }
  }

  /// Returns `false` when the header as a whole cannot be read.
  @inline(__always)
  private mutating func readFields(of bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    let end = range.end
    guard
      let typeEnd = bytes.firstIndex(of: " ", "(", from: range.start, to: end),
      let botnetEnd = bytes.firstIndex(of: ")", ":", from: typeEnd + 2, to: end),
      let actionEnd = bytes.firstIndex(of: UInt8(ascii: ":"), from: botnetEnd + 2, to: end)
    else { return false }
    type = ByteRange(offset: range.start, count: typeEnd - range.start)
    botnetID = ByteRange(offset: typeEnd + 2, count: botnetEnd - typeEnd - 2)
    action = ByteRange(offset: botnetEnd + 2, count: actionEnd - botnetEnd - 2)
    readRest(of: bytes, from: actionEnd + 1, to: end)
    return !type.isEmpty && !botnetID.isEmpty && !action.isEmpty && !categories.isEmpty
      && !hasTooManyCategories(in: bytes)
  }

  /// Reads what stands after the action.
  @inline(__always)
  private mutating func readRest(of bytes: Span<UInt8>, from start: Int, to end: Int) {
    categories = ByteRange(offset: start, count: end - start)
    var segmentStart = end
    while segmentStart > start, isTokenByte(bytes[segmentStart - 1]) { segmentStart -= 1 }
    guard segmentStart < end, segmentStart > start, bytes[segmentStart - 1] == UInt8(ascii: ":")
    else { return }
    let scoreEnd = segmentStart - 1
    var scoreStart = scoreEnd
    while scoreStart > start, scoreEnd - scoreStart < 3, isDigit(bytes[scoreStart - 1]) {
      scoreStart -= 1
    }
    guard scoreStart < scoreEnd, scoreStart > start, bytes[scoreStart - 1] == UInt8(ascii: ":")
    else { return }
    categories = ByteRange(offset: start, count: scoreStart - 1 - start)
    segment = ByteRange(offset: segmentStart, count: end - segmentStart)
    segmentState = .value
    if let number = bytes.score(in: ByteRange(offset: scoreStart, count: scoreEnd - scoreStart)) {
      score = number
      scoreState = .value
    } else {
      scoreState = .invalid
    }
  }

  private func hasTooManyCategories(in bytes: Span<UInt8>) -> Bool {
    // Each but the last has at least one byte and a comma.
    guard categories.count > 2 * Limits.headerItemCount else { return false }
    var members = ListCursor(.list(categories, .commas))
    var count = 0
    while members.next(in: bytes) != nil { count += 1 }
    return count > Limits.headerItemCount
  }
}

extension Span where Element == UInt8 {
  /// Where `first` stands with `second` right after it.
  @inline(__always)
  fileprivate func firstIndex(
    of first: Unicode.Scalar, _ second: Unicode.Scalar, from start: Int, to end: Int
  ) -> Int? {
    var from = start
    while let index = firstIndex(of: UInt8(ascii: second), from: from, to: end) {
      if index > start, self[index - 1] == UInt8(ascii: first) { return index - 1 }
      from = index + 1
    }
    return nil
  }
}
