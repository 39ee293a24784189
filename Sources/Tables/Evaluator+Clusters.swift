import CWide
import Signals
import Wire

/// Clustered tables without sections: only the words are looked at that the summaries of all columns leave.
extension Evaluator {
  /// The rule of lowest rank that every column allows. O(columns × branches + columns × words left).
  @inline(never)
  mutating func firstMatchInClusters(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    let clusters = beginSearch(table, of: chain, in: message)
    var lowest = UInt32.max
    for place in 0..<rows.commonWords.count {
      let (word, found) = rows.commonWords[place]
      // A word whose lowest rank is behind a hit has nothing to add.
      if lowest != .max, chain.firstRank(ofWord: word, clusters) >= lowest { continue }
      var bits = narrowedByClusteredLists(found, word: word, table, chain, message)
      while bits != 0 {
        let bit = word &* 64 &+ bits.trailingZeroBitCount
        lowest = min(lowest, chain.rank(ofBit: bit, clusters))
        bits &= bits &- 1
      }
    }
    return lowest == .max ? nil : Int(lowest)
  }

  /// Finds the ranks of all rules that every column allows: they are in `rows.ranks`.
  @inline(never)
  mutating func findMatchesInClusters(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) {
    let clusters = beginSearch(table, of: chain, in: message)
    rows.ranks.removeAll()
    for place in 0..<rows.commonWords.count {
      let (word, found) = rows.commonWords[place]
      var bits = narrowedByClusteredLists(found, word: word, table, chain, message)
      while bits != 0 {
        let bit = word &* 64 &+ bits.trailingZeroBitCount
        rows.ranks.append(chain.rank(ofBit: bit, clusters))
        bits &= bits &- 1
      }
    }
  }

  /// Selects the rows of all columns, but of lists only where their summaries are needed, and finds the
  /// words in which they have bits in common.
  @inline(__always)
  private mutating func beginSearch(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> ClusterRecord {
    let clusters = chain.details(of: table).clusters
    let plainCount = selectRows(table, of: chain)
    let narrowingListCount = Int(clusters.narrowingListCount)
    if narrowingListCount > 0 {
      selectListRows(table, of: chain, in: message)
      for branch in 0..<Int(table.rowByteCount) / 4 {
        let summary = rows.listSummary(ofBranch: branch, narrowingListCount, in: chain)
        rows.commonWords.setStart(summary, ofBranch: branch)
      }
    }
    rows.findCommonWords(
      rowCount: plainCount, wordCount: ClusterShape(bitCount: Int(clusters.bitCount)).wordCount,
      isStarted: narrowingListCount > 0, in: chain)
    return clusters
  }

  /// Takes from a word's bits those that lists forbid. Only a list that does not allow everything there is
  /// looked at.
  @inline(__always)
  private mutating func narrowedByClusteredLists(
    _ bits: UInt64, word: Int, _ table: TableRecord, _ chain: ChainView, _ message: Span<UInt8>
  ) -> UInt64 {
    let rowByteCount = Int(table.rowByteCount)
    var bits = bits
    for index in Int(table.plainColumnCount)..<Int(table.columnCount) {
      let column = chain.column(index, of: table)
      if bits & ~chain.word(word, ofRow: Int(column.rowsOffset) &- rowByteCount) == 0 { continue }
      classes.classifyList(column.input, &vector, of: chain, in: message)
      bits &= branchedListWord(word, of: column, rowByteCount: rowByteCount, chain)
    }
    return bits
  }

  /// As `listWord`, of rows that are made of branches.
  mutating func branchedListWord(
    _ word: Int, of column: ColumnRecord, rowByteCount: Int, _ chain: ChainView
  ) -> UInt64 {
    func load(_ row: Int) -> UInt64 {
      chain.word(word, ofRow: Int(column.rowsOffset) &+ row &* rowByteCount)
    }
    var allowed = load(classes.row(ofInput: column.input))
    var forbidden: UInt64 = 0
    for member in 0..<classes.memberCount(ofInput: column.input) {
      let row = classes.memberRow(member, ofInput: column.input)
      allowed |= load(row)
      forbidden |= load(row &+ 1)
    }
    return allowed & ~forbidden
  }
}

extension SelectedRows {
  /// Finds the words in which the rows of all columns but lists have bits in common.
  @inline(__always)
  fileprivate mutating func findCommonWords(
    rowCount: Int, wordCount: Int, isStarted: Bool, in chain: ChainView
  ) {
    // SAFETY: (offsets-in-bounds): `selectRows` has set the offsets of so many rows of the table.
    unsafe commonWords.find(
      of: offsets, rowCount: rowCount, wordCount: wordCount, isStarted: isStarted, in: chain)
  }

  /// The words that the first lists may have bits in: of each, those of the rules that need no member
  /// or that one is enough for. O(members).
  fileprivate func listSummary(ofBranch index: Int, _ count: Int, in chain: ChainView) -> Block {
    var alive = Block(repeating: ~0)
    for number in 0..<count {
      let list = list(at: number)
      var allowed = chain.summary(ofRow: list.offset, branch: index)
      for place in list.places {
        allowed |= chain.summary(ofRow: member(at: place).allowing, branch: index)
      }
      alive &= allowed
    }
    return alive
  }
}

extension ChainView {
  @inline(__always)
  func rank(ofBit position: Int, _ clusters: ClusterRecord) -> UInt32 {
    load(at: Int(clusters.ranksOffset) &+ 4 &* position)
  }

  @inline(__always)
  func firstRank(ofWord word: Int, _ clusters: ClusterRecord) -> UInt32 {
    load(at: Int(clusters.firstRanksOffset) &+ 4 &* word)
  }

  /// A word of a branch, by the branch's offset.
  @inline(__always)
  func word(_ word: Int, ofBranch branch: UInt32) -> UInt64 {
    let leaf: UInt32 = load(
      at: Int(branch) &+ ClusterRecord.summaryByteCount
        &+ 4 &* (word / ClusterRecord.wordsPerLeaf))
    return load(at: Int(leaf) &+ 8 &* (word % ClusterRecord.wordsPerLeaf))
  }

  /// A word of a row that is made of branches, by the row's offset.
  @inline(__always)
  fileprivate func word(_ word: Int, ofRow row: Int) -> UInt64 {
    self.word(
      word % ClusterRecord.wordsPerBranch,
      ofBranch: load(at: row &+ 4 &* (word / ClusterRecord.wordsPerBranch)))
  }

  @inline(__always)
  fileprivate func summary(ofRow row: UInt32, branch: Int) -> Block {
    let branch: UInt32 = load(at: Int(row) &+ 4 &* branch)
    return block(at: Int(branch))
  }
}

extension ScratchList<UInt32> {
  /// Sorts the values, ascending, without memory of its own. O(count × log count).
  mutating func sort() {
    var end = count
    if end < 2 { return }
    var root = end / 2
    while root > 0 {
      root -= 1
      sink(root, end)
    }
    while end > 1 {
      end -= 1
      let largest = self[0]
      self[0] = self[end]
      self[end] = largest
      sink(0, end)
    }
  }

  /// Keeps one of each run of equal values. O(count).
  mutating func removeRepeated() {
    var kept = 0
    for index in indices where index == 0 || self[index] != self[kept - 1] {
      self[kept] = self[index]
      kept += 1
    }
    removeAll(from: kept)
  }

  /// Lets a value sink in the heap of the first `end` values until none below it is larger.
  private mutating func sink(_ start: Int, _ end: Int) {
    let value = self[start]
    var place = start
    while 2 * place + 1 < end {
      var child = 2 * place + 1
      if child + 1 < end, self[child + 1] > self[child] { child += 1 }
      if self[child] <= value { break }
      self[place] = self[child]
      place = child
    }
    self[place] = value
  }
}
