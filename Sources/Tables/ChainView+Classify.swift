import Signals
import Wire

/// From a signal's value to its class.
///
/// Logins differ in ways that no branch predictor learns, so searches do not branch on a value.
extension ChainView {
  @inline(__always)
  func directClass(of column: ColumnRecord, index: UInt64) -> Int {
    let last = UInt64(column.lookupCount) &- 1
    let number: UInt32 = load(
      at: Int(column.lookupOffset) &+ Int(truncatingIfNeeded: min(index, last)) &* 4)
    return Int(number)
  }

  /// Scanners give whole numbers in range. A number out of it is of the last class.
  @inline(__always)
  func directClass(of column: ColumnRecord, _ number: Double) -> Int {
    // A whole number from 0 lies in the low bits of its sum with 2^52. Every other sum's bits are
    // below those of 2^52 or far above.
    let zero = 4_503_599_627_370_496.0
    return directClass(of: column, index: (number + zero).bitPattern &- zero.bitPattern)
  }

  /// Twice the boundaries below the number, and one more when it is a boundary itself.
  @inline(__always)
  func numberClass(of column: ColumnRecord, _ number: Double) -> Int {
    let count = Int(column.lookupCount)
    if count == 0 { return 0 }
    let below = countLeading(count) { boundary(at: $0, of: column) < number }
    return 2 &* below &+ bit(boundary(at: min(below, count &- 1), of: column) == number)
  }

  /// How many of `count` sorted elements, all of them at the front, meet a condition. O(log count).
  ///
  /// It looks at seven elements a step, and how many steps it takes depends on `count` alone.
  /// Counting what meets the condition needs no branch, where halving would be made into one.
  @inline(__always)
  func countLeading(_ count: Int, _ meetsCondition: (Int) -> Bool) -> Int {
    var first = 0
    var rest = count
    while rest > 8 {
      let stride = rest / 8
      var found = 0
      var index = first &- 1
      for _ in 0..<7 {
        index &+= stride
        found &+= bit(meetsCondition(index))
      }
      first &+= found &* stride
      // At least a stride; all of it lies in front of the old end.
      rest &-= 7 &* stride
    }
    var found = first
    for index in 0..<rest { found &+= bit(meetsCondition(first &+ index)) }
    return found
  }

  /// As `countLeading`, for counts that are most often 8 at most and differ from call to call: no branch
  /// depends on such a count. It looks at up to eight elements, there or behind the last.
  @inline(__always)
  func countLeadingOfFew(_ count: Int, _ meetsCondition: (Int) -> Bool) -> Int {
    var first = 0
    var rest = count
    while rest > 8 {
      let half = rest / 2
      first &+= bit(meetsCondition(first &+ half &- 1)) &* half
      rest &-= half
    }
    var found = first
    for index in 0..<8 { found &+= bit(meetsCondition(first &+ index)) & bit(index < rest) }
    return found
  }

  @inline(__always)
  private func boundary(at index: Int, of column: ColumnRecord) -> Double {
    load(at: Int(column.lookupOffset) &+ index &* 8)
  }

  /// One more than the class of the text among the column's members; 0 when no cell names it.
  @inline(__always)
  func memberClass(
    of column: ColumnRecord, hash: UInt64, _ text: ByteRange, in message: Span<UInt8>
  ) -> Int {
    let last = Int(column.lookupCount) &- 1
    var place = Int(truncatingIfNeeded: hash) & last
    while true {
      let entry: MemberRecord = load(
        at: Int(column.lookupOffset) &+ place &* MemoryLayout<MemberRecord>.stride)
      // INVARIANT (short-hash): `stringHash` takes texts of one length of at most eight bytes to
      // different numbers, since each of its steps can be undone.
      if (entry.hash == hash && entry.text.count == text.count)
        || entry.classIndex == MemberRecord.vacant
      {
        // For a vacant entry this wraps to 0.
        let found = Int(entry.classIndex &+ 1)
        if found == 0 || text.count <= 8 || isMember(text, entry, of: column, in: message) {
          return found
        }
      }
      place = (place &+ 1) & last
    }
  }

  /// Whether a text of more than eight bytes is a member's. Members are stored as they compare, so
  /// only the text's case is folded. Not inlined: the loop around it needs the registers.
  @inline(never)
  private func isMember(
    _ text: ByteRange, _ entry: MemberRecord, of column: ColumnRecord, in message: Span<UInt8>
  ) -> Bool {
    let members = self.text
    let last = Int(text.count) &- 8
    var offset = 0
    while true {
      var word = loadPadded8(message, at: text.start &+ offset)
      if column.foldsCase { word = lowercasedASCII(word) }
      if word != loadPadded8(members, at: entry.text.start &+ offset) { return false }
      if offset == last { return true }
      offset = min(offset &+ 8, last)
    }
  }

  /// As `memberClass(of:hash:_:in:)`, for a member of a list, whose hash nobody has taken yet.
  @inline(__always)
  func memberClass(of column: ColumnRecord, _ text: ByteRange, in message: Span<UInt8>) -> Int {
    let hash = stringHash(message, text, foldingCase: column.foldsCase)
    return memberClass(of: column, hash: hash, text, in: message)
  }
}

/// 1 or 0. `condition ? 1 : 0` may become a branch; this does not.
@inline(__always)
func bit(_ condition: Bool) -> Int {
  // SAFETY: a `Bool` is a byte, 1 or 0.
  Int(unsafe unsafeBitCast(condition, to: UInt8.self))
}
