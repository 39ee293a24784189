/// Rows of bits, each said by the words in which it differs from the one before it.
///
/// Neighbouring rows of a column are mostly alike: a sequence takes as much memory as there are
/// changes, where whole rows of 100,000 rules would take 12 KiB each.
public struct RowSequence: Equatable, Sendable {
  /// What a word is from this row on.
  public struct Change: Equatable, Sendable {
    public var word: Int
    public var bits: UInt64
  }

  /// Words of each row.
  public let wordCount: Int
  private var changes: [Change] = []
  /// How many changes there are up to the end of each row.
  private var ends: [Int] = []
  private var last: [UInt64]

  public init(wordCount: Int) {
    self.wordCount = wordCount
    last = [UInt64](repeating: 0, count: wordCount)
  }

  /// Rows of one length.
  public init(_ rows: [[UInt64]]) {
    self.init(wordCount: rows.first?.count ?? 0)
    for row in rows { append(row) }
  }

  /// How many rows there are.
  public var count: Int { ends.count }

  /// Adds a row of `wordCount` words. O(words).
  public mutating func append(_ row: [UInt64]) {
    precondition(row.count == wordCount)
    for word in 0..<wordCount where row[word] != last[word] {
      changes.append(Change(word: word, bits: row[word]))
      last[word] = row[word]
    }
    ends.append(changes.count)
  }

  /// Calls `body` with the changes that make each row of the one before it, the first of a row of
  /// zeros. Of each row, they come in the order of the words.
  public func forEachRow<Failure: Error>(
    _ body: (_ changes: ArraySlice<Change>) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    for end in ends {
      try body(changes[start..<end])
      start = end
    }
  }

  /// Every row in full. O(rows × words).
  public var rows: [[UInt64]] {
    var row = [UInt64](repeating: 0, count: wordCount)
    var rows: [[UInt64]] = []
    rows.reserveCapacity(count)
    forEachRow { changes in
      for change in changes { row[change.word] = change.bits }
      rows.append(row)
    }
    return rows
  }
}
