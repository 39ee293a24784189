import CWide
import Wire

extension UserRiskHeader {
  /// LIMIT: five times the most pairs seen in one header (12). More: its signals are `invalid`.
  static let pairCountMax = 64

  /// Scans one header value, in place. A value over a limit or not of the grammar is `invalid`.
  ///
  /// - Empty pairs and empty items are passed over. A pair needs a key (`A-Z a-z 0-9 _ -`) and "=".
  /// - A key that comes twice, known or not, makes the whole header invalid: an unescaped ";" in
  ///   `username` could add pairs, and neither the first nor the last can be trusted.
  /// - A comma, spaces or none, then a known key and "=": that is a second value, which a proxy has
  ///   joined to the first, and which would hide that key in a value. It makes the header invalid.
  /// - A control byte (below 0x20, or 0x7F) makes it invalid; bytes from 0x80 are text.
  /// - A number that cannot be read is invalid by itself. The items of lists are looked at when a
  ///   table reads them: `listState`.
  ///
  /// O(count), no allocation. `separators` is memory to work in.
  public init(
    scanning bytes: Span<UInt8>, _ range: ByteRange, _ separators: inout SeparatorOffsets
  ) {
    self.init()
    scan(bytes, range, &separators)
  }

  /// As `init(scanning:)`, over what was scanned before.
  public mutating func scan(
    _ bytes: Span<UInt8>, _ range: ByteRange, _ separators: inout SeparatorOffsets
  ) {
    present = 0
    state = .invalid
    // A value of no bytes is a pair of none.
    guard !range.isEmpty else { return state = .value }
    guard range.count <= Limits.headerByteCount else { return }
    // SAFETY: (header-in-bounds).
    let known = unsafe separators.readPairs(of: bytes, range, to: values)
    if known.is_whole, !Self.mayHaveTooManyItems(range) {
      present = known.seen
      state = .value
    } else if !known.is_unreadable, readPairs(of: bytes, range, known, separators) {
      state = .value
    }
  }

  /// Each item but the last has at least one byte and a "|".
  @inline(__always)
  private static func mayHaveTooManyItems(_ range: ByteRange) -> Bool {
    range.count > 2 * Limits.headerItemCount
  }

  /// Reads what is left of the pairs. Returns `false` when the header as a whole cannot be read.
  @inline(never)
  private mutating func readPairs(
    of bytes: Span<UInt8>, _ range: ByteRange, _ known: postern_pairs,
    _ separators: borrowing SeparatorOffsets
  ) -> Bool {
    var walk = PairWalk(known: known)
    if Int(known.index) < separators.count {
      guard readOtherPairs(of: bytes, separators, &walk) else { return false }
    }
    present = walk.known.seen
    let pairCount = separators.count &- walk.emptyCount
    return present.nonzeroBitCount == pairCount &- walk.unknownCount
      && pairCount <= Self.pairCountMax
      && !(Self.mayHaveTooManyItems(range) && itemCount(in: bytes) > Limits.headerItemCount)
      && (walk.unknownCount < 2 || !Self.repeatsUnknownKey(in: bytes, separators, from: range.start))
  }

  /// Where a walk over the pairs is, as offsets from the header's start, and what it has seen.
  private struct PairWalk {
    var known: postern_pairs
    var emptyCount = 0
    var unknownCount = 0
  }

  /// Reads the rest of the pairs, from one that is not of the common kind. Returns `false` where one is
  /// none.
  @inline(never)
  private mutating func readOtherPairs(
    of bytes: Span<UInt8>, _ separators: borrowing SeparatorOffsets, _ walk: inout PairWalk
  ) -> Bool {
    while Int(walk.known.index) < separators.count {
      let end = separators[Int(walk.known.index)]
      guard readOtherPair(of: bytes, from: separators.start, to: end, &walk) else { return false }
      // SAFETY: (header-in-bounds).
      walk.known = unsafe separators.readMorePairs(of: bytes, walk.known, to: values)
    }
    return true
  }

  /// Reads one pair of any kind, which ends at `end`. Returns `false` where it is none.
  private mutating func readOtherPair(
    of bytes: Span<UInt8>, from base: Int, to end: Int, _ walk: inout PairWalk
  ) -> Bool {
    let start = base + Int(walk.known.start)
    let name = UserRiskKeyName(at: start, in: bytes)
    let valueStart = start + name.byteCount
    if name.isThere, valueStart <= end {
      walk.known.seen |= 1 << UInt32(name.key)
      setValue(at: name.key, ByteRange(offset: valueStart, count: end - valueStart))
    } else if start == end {
      walk.emptyCount += 1
    } else {
      guard Self.unknownKey(from: start, to: end, in: bytes) != nil else { return false }
      walk.unknownCount += 1
    }
    walk.known.start = UInt32(end + 1 - base)
    walk.known.index += 1
    return true
  }

  private static func unknownKey(from start: Int, to end: Int, in bytes: Span<UInt8>) -> ByteRange? {
    var offset = start
    while offset < end, isTokenByte(bytes[offset]) { offset += 1 }
    guard offset > start, offset < end, bytes[offset] == UInt8(ascii: "=") else { return nil }
    return ByteRange(offset: start, count: offset - start)
  }

  @inline(never)
  private func itemCount(in bytes: Span<UInt8>) -> Int {
    var count = 0
    for key in Key.lists {
      var items = UserRiskItemCursor(value(of: key) ?? .empty)
      while items.next(in: bytes) != nil { count += 1 }
    }
    return count
  }

  /// Whether two pairs have the same key without a meaning. For a value whose pairs were all read,
  /// and of which at most `pairCountMax`; rare, so not part of the scan.
  @inline(never)
  private static func repeatsUnknownKey(
    in bytes: Span<UInt8>, _ separators: borrowing SeparatorOffsets, from start: Int
  ) -> Bool {
    var unknown = InlineArray<64, ByteRange>(repeating: .empty)
    var count = 0
    var start = start
    for index in 0..<separators.count {
      let end = separators[index]
      defer { start = end + 1 }
      let name = UserRiskKeyName(at: start, in: bytes)
      if name.isThere, start + name.byteCount <= end { continue }
      guard let key = unknownKey(from: start, to: end, in: bytes) else { continue }
      for index in 0..<count where sameText(bytes, unknown[index], bytes, key, foldingCase: true) {
        return true
      }
      unknown[count] = key
      count += 1
    }
    return false
  }
}
