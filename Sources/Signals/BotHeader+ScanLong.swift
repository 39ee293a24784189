import CWide
import Wire

/// Headers longer than any that was seen, or with fields where no other has them: byte by byte.
extension BotHeader {
  /// Returns `false` when the header as a whole cannot be read.
  @inline(never)
  mutating func readFieldsOneByOne(of bytes: Span<UInt8>) -> Bool {
    let start = range.start
    let end = range.end
    guard range.count <= Limits.headerByteCount, !bytes.hasControl(in: range),
      let (typeEnd, botnetEnd, actionEnd) = bytes.fieldEnds(from: start, to: end),
      bytes.isTokens(from: start, to: typeEnd), bytes.isToken(from: botnetEnd + 2, to: actionEnd)
    else { return false }
    let last = bytes.lastFields(from: actionEnd + 1, to: end)
    fields.type_end = UInt16(typeEnd - start)
    fields.botnet_end = UInt16(botnetEnd - start)
    fields.action_end = UInt16(actionEnd - start)
    fields.categories_end = UInt16((last?.score).map { $0 - 1 - start } ?? end - start)
    fields.segment_byte_count = UInt16(end - (last?.segment ?? end))
    fields.has_score = last != nil
    let hasColon = bytes.firstIndex(of: UInt8(ascii: ":"), from: actionEnd + 1, to: end) != nil
    fields.has_lost_score = last == nil && hasColon
    return !type.isEmpty && !botnetID.isEmpty && !categories.isEmpty
      && !hasSecondValue(in: bytes) && !hasTooManyCategories(in: bytes)
  }

  /// Whether a comma of a readable header can only be that of a proxy, which has joined to it a line that is
  /// no value by itself: before a " (" of the id, where the first line left one open, or with nothing
  /// between it and a score. Where a ":" stands before a comma of the categories, what was a score was
  /// followed by another line: the header has lost it.
  @inline(never)
  mutating func isJoined(in bytes: Span<UInt8>) -> Bool {
    let (id, categories) = (botnetID, categories)
    if let comma = bytes.firstIndex(of: UInt8(ascii: ","), from: id.start, to: id.end),
      bytes.firstIndex(of: " ", "(", from: comma, to: id.end) != nil
    {
      return true
    }
    guard fields.has_score else { return false }
    var last = categories.end - 1
    while last > categories.start, bytes[last] == UInt8(ascii: " ") { last -= 1 }
    if bytes[last] == UInt8(ascii: ",") { return true }
    if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: categories.start, to: categories.end),
      bytes.firstIndex(of: UInt8(ascii: ","), from: colon, to: categories.end) != nil
    {
      fields.has_score = false
      fields.has_lost_score = true
      fields.categories_end = UInt16(range.count)
    }
    return false
  }

  private func hasSecondValue(in bytes: Span<UInt8>) -> Bool {
    bytes.firstIndex(of: ")", ":", from: categories.start, to: categories.end) != nil
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
  /// Where the type, the botnet and the action end: at the first " (", the first "):" after it and
  /// the next ":".
  fileprivate func fieldEnds(
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
  fileprivate func isToken(from start: Int, to end: Int) -> Bool {
    for offset in start..<end where !isTokenByte(self[offset]) { return false }
    return end > start
  }

  /// Whether all bytes are of tokens or spaces between them.
  fileprivate func isTokens(from start: Int, to end: Int) -> Bool {
    for offset in start..<end where !isTokenByte(self[offset]) && self[offset] != UInt8(ascii: " ") {
      return false
    }
    return true
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
  fileprivate func lastFields(from start: Int, to end: Int) -> (score: Int, segment: Int)? {
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
