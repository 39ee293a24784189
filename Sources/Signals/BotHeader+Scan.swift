import Wire

extension BotHeader {
  /// Scans one header value, in place. A value over a limit or not of the grammar is `invalid`.
  ///
  /// - `type` ends at the first " (", `botnetID` at the first "):" after it, `action` at the next
  ///   ":"; none may be empty, and `action` is a token (`A-Z a-z 0-9 _ -`).
  /// - The rest is read from the right, since customers choose names: when its last field is a
  ///   token and the one before it is one to three digits, they are segment and
  ///   score, and all before them is `categories`. Else all of it is. It may not be empty.
  /// - `categories` hold no "):": that is a second value, which a proxy has joined to the first.
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
    state = .invalid
    segmentState = .absent
    scoreState = .absent
    guard range.count <= Limits.headerByteCount, !bytes.hasControl(in: range) else { return }
    if readFields(of: bytes, range) { state = .value }
  }

  /// Returns `false` when the header as a whole cannot be read.
  @inline(__always)
  private mutating func readFields(of bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
    let end = range.end
    guard let (typeEnd, botnetEnd, actionEnd) = bytes.fieldEnds(from: range.start, to: end),
      bytes.isToken(from: botnetEnd + 2, to: actionEnd)
    else { return false }
    type = ByteRange(offset: range.start, count: typeEnd - range.start)
    botnetID = ByteRange(offset: typeEnd + 2, count: botnetEnd - typeEnd - 2)
    action = ByteRange(offset: botnetEnd + 2, count: actionEnd - botnetEnd - 2)
    readRest(of: bytes, from: actionEnd + 1, to: end)
    return !type.isEmpty && !botnetID.isEmpty && !categories.isEmpty
      && !hasSecondValue(in: bytes) && !hasTooManyCategories(in: bytes)
  }

  /// Reads what stands after the action.
  @inline(__always)
  private mutating func readRest(of bytes: Span<UInt8>, from start: Int, to end: Int) {
    categories = ByteRange(offset: start, count: end - start)
    guard let (scoreStart, segmentStart) = bytes.lastFields(from: start, to: end) else { return }
    categories = ByteRange(offset: start, count: scoreStart - 1 - start)
    segment = ByteRange(offset: segmentStart, count: end - segmentStart)
    segmentState = .value
    let digits = ByteRange(offset: scoreStart, count: segmentStart - 1 - scoreStart)
    if let number = bytes.score(in: digits) {
      score = number
      scoreState = .value
    } else {
      scoreState = .invalid
    }
  }

  @inline(__always)
  private func hasSecondValue(in bytes: Span<UInt8>) -> Bool {
    bytes.firstIndex(of: ")", ":", from: categories.start, to: categories.end) != nil
  }

  @inline(__always)
  private func hasTooManyCategories(in bytes: Span<UInt8>) -> Bool {
    // Each but the last has at least one byte and a comma.
    categories.count > 2 * Limits.headerItemCount && Self.hasTooManyMembers(categories, in: bytes)
  }

  /// Not a method: Swift 6.3 copies a struct of more than four words to lend it.
  @inline(never)
  private static func hasTooManyMembers(_ list: ByteRange, in bytes: Span<UInt8>) -> Bool {
    var members = ListCursor(.list(list, .commas))
    var count = 0
    while members.next(in: bytes) != nil { count += 1 }
    return count > Limits.headerItemCount
  }
}

extension Span where Element == UInt8 {
  /// Where the type, the botnet and the action end: at the first " (", the first "):" after it and
  /// the next ":".
  @inline(__always)
  fileprivate func fieldEnds(
    from start: Int, to end: Int
  ) -> (type: Int, botnet: Int, action: Int)? {
    guard start <= count &- Bytes64.count else { return fieldEndsOneByOne(from: start, to: end) }
    // They almost always lie within the first 64 bytes.
    let block = Bytes64(self, at: start)
    let colons = block.matches(UInt8(ascii: ":"))
    let typeEnds = block.matches(UInt8(ascii: " ")) & block.matches(UInt8(ascii: "(")) >> 1
    let typeEnd = typeEnds.trailingZeroBitCount
    let botnetEnds =
      block.matches(UInt8(ascii: ")")) & colons >> 1 & ~0 << UInt64(typeEnd &+ 2)
    let botnetEnd = botnetEnds.trailingZeroBitCount
    let actionEnd = (colons & ~0 << UInt64(botnetEnd &+ 2)).trailingZeroBitCount
    guard actionEnd < Bytes64.count else { return fieldEndsOneByOne(from: start, to: end) }
    guard start &+ actionEnd < end else { return nil }
    return (start &+ typeEnd, start &+ botnetEnd, start &+ actionEnd)
  }

  /// As `fieldEnds`, wherever they are.
  @inline(never)
  private func fieldEndsOneByOne(
    from start: Int, to end: Int
  ) -> (type: Int, botnet: Int, action: Int)? {
    guard
      let typeEnd = firstIndex(of: " ", "(", from: start, to: end),
      let botnetEnd = firstIndex(of: ")", ":", from: typeEnd + 2, to: end),
      let actionEnd = firstIndex(of: UInt8(ascii: ":"), from: botnetEnd + 2, to: end)
    else { return nil }
    return (typeEnd, botnetEnd, actionEnd)
  }

  /// Whether there are bytes, and all of them may stand in a token.
  @inline(__always)
  fileprivate func isToken(from start: Int, to end: Int) -> Bool {
    guard end &- start <= 16, start &+ 16 <= count else { return isTokenOneByOne(from: start, to: end) }
    // SAFETY: 16 bytes from `start` on are in bounds by the line above.
    let others = ~bitsOfTokenBytes(in: unsafe load16(unchecked: start))
    return end > start && others.trailingZeroBitCount >= end &- start
  }

  @inline(never)
  private func isTokenOneByOne(from start: Int, to end: Int) -> Bool {
    for offset in start..<end where !isTokenByte(self[offset]) { return false }
    return end > start
  }

  /// Where `first` stands with `second` right after it.
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

  /// Where the score and the segment start, when the text ends with ":", one to three digits, ":"
  /// and a token; `nil` when it does not.
  @inline(__always)
  fileprivate func lastFields(from start: Int, to end: Int) -> (score: Int, segment: Int)? {
    guard end >= 16, end <= count else { return lastFieldsOneByOne(from: start, to: end) }
    // SAFETY: the 16 bytes before `end` are in bounds by the line above.
    let bytes = unsafe load16(unchecked: end &- 16)
    // The highest bit is the last byte's.
    let others = ~bitsOfTokenBytes(in: bytes) << 48
    let colons = bitsOf(UInt8(ascii: ":"), in: bytes) << 48
    let segmentByteCount = others.leadingZeroBitCount
    let beforeSegment = colons << UInt64(segmentByteCount)
    let scoreByteCount = (beforeSegment << 1).leadingZeroBitCount
    guard segmentByteCount &+ 5 <= 16 else { return lastFieldsOneByOne(from: start, to: end) }
    let segmentStart = end &- segmentByteCount
    let scoreStart = segmentStart &- 1 &- scoreByteCount
    guard segmentByteCount > 0, beforeSegment >> 63 == 1, scoreByteCount >= 1,
      scoreByteCount <= 3, scoreStart > start
    else { return nil }
    for offset in scoreStart..<segmentStart &- 1 where !isDigit(self[offset]) { return nil }
    return (scoreStart, segmentStart)
  }

  /// As `lastFields`, however long the token is.
  @inline(never)
  private func lastFieldsOneByOne(from start: Int, to end: Int) -> (score: Int, segment: Int)? {
    var segmentStart = end
    while segmentStart > start, isTokenByte(self[segmentStart - 1]) { segmentStart -= 1 }
    guard segmentStart < end, segmentStart > start, self[segmentStart - 1] == UInt8(ascii: ":")
    else { return nil }
    let scoreEnd = segmentStart - 1
    var scoreStart = scoreEnd
    while scoreStart > start, scoreEnd - scoreStart < 3, isDigit(self[scoreStart - 1]) {
      scoreStart -= 1
    }
    guard scoreStart < scoreEnd, scoreStart > start, self[scoreStart - 1] == UInt8(ascii: ":")
    else { return nil }
    return (scoreStart, segmentStart)
  }
}
