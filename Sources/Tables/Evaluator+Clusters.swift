import Signals
import Wire

/// Clustered tables: only the words that every column's summary leaves are looked at.
extension Evaluator {
  /// The rule of lowest rank that every column allows. O(columns × branches + columns × words left).
  @inline(never)
  mutating func firstMatchInClusters(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) -> Int? {
    let rowCount = selectRows(table, of: chain)
    selectListRows(table, of: chain, in: message)
    let clusters = chain.details(of: table).clusters
    var lowest = UInt32.max
    for branch in 0..<Int(table.rowByteCount) / 4 {
      let firstWord = branch &* ClusterRecord.wordsPerBranch
      let alive = rows.selectBranches(branch, rowCount: rowCount, in: chain)
      if alive == .zero { continue }
      for lane in 0..<8 {
        var words = alive[lane]
        while words != 0 {
          let word = lane &* 64 &+ words.trailingZeroBitCount
          words &= words &- 1
          // A word whose lowest rank is behind a hit has nothing to add.
          if chain.firstRank(ofWord: firstWord &+ word, clusters) >= lowest { continue }
          var bits = rows.word(word, rowCount: rowCount, in: chain)
          while bits != 0 {
            let position = (firstWord &+ word) &* 64 &+ bits.trailingZeroBitCount
            lowest = min(lowest, chain.rank(ofBit: position, clusters))
            bits &= bits &- 1
          }
        }
      }
    }
    return lowest == .max ? nil : Int(lowest)
  }

  /// Collects the ranks of all rules that every column allows, ascending, in `rows.ranks`.
  @inline(never)
  mutating func collectMatchesInClusters(
    _ table: TableRecord, of chain: ChainView, in message: Span<UInt8>
  ) {
    let rowCount = selectRows(table, of: chain)
    selectListRows(table, of: chain, in: message)
    let clusters = chain.details(of: table).clusters
    rows.ranks.removeAll()
    for branch in 0..<Int(table.rowByteCount) / 4 {
      let firstWord = branch &* ClusterRecord.wordsPerBranch
      let alive = rows.selectBranches(branch, rowCount: rowCount, in: chain)
      if alive == .zero { continue }
      for lane in 0..<8 {
        var words = alive[lane]
        while words != 0 {
          let word = lane &* 64 &+ words.trailingZeroBitCount
          words &= words &- 1
          var bits = rows.word(word, rowCount: rowCount, in: chain)
          while bits != 0 {
            let position = (firstWord &+ word) &* 64 &+ bits.trailingZeroBitCount
            rows.ranks.append(chain.rank(ofBit: position, clusters))
            bits &= bits &- 1
          }
        }
      }
    }
    rows.ranks.sort()
    // Rows may give a rule more than one of its bits: it is a hit once.
    rows.ranks.removeRepeated()
  }
}

extension SelectedRows {
  /// Takes each selected row's branch of that index. Returns the words that all of them have bits in:
  /// of a list, those that its value may have bits in.
  @inline(__always)
  fileprivate mutating func selectBranches(
    _ index: Int, rowCount: Int, in chain: ChainView
  ) -> Block {
    var alive = Block(repeating: ~0)
    branches.removeAll()
    for row in 0..<rowCount {
      let branch: UInt32 = chain.load(at: offset(at: row) &+ 4 &* index)
      branches.append(branch)
      alive &= chain.block(at: Int(branch))
    }
    if listCount > 0, alive != .zero { alive &= listSummary(ofBranch: index, in: chain) }
    branchIndex = index
    return alive
  }

  /// The bits of a word of the branches that were selected last.
  ///
  /// Columns are looked at from the last to the first: texts and addresses, which single out few
  /// rules, are behind numbers and booleans. Eight at a time leave nothing of most words; after how
  /// many one by one do, no branch predictor knows.
  @inline(__always)
  fileprivate func word(_ word: Int, rowCount: Int, in chain: ChainView) -> UInt64 {
    var bits = ~UInt64(0)
    var row = rowCount
    while row >= 8 {
      for step in 1...8 { bits &= chain.word(word, ofBranch: branches[row &- step]) }
      if bits == 0 { return 0 }
      row &-= 8
    }
    while row > 0 {
      row &-= 1
      bits &= chain.word(word, ofBranch: branches[row])
    }
    if bits == 0 { return 0 }
    return listCount > 0 ? bits & clusteredListWord(word, in: chain) : bits
  }

  /// The words in which a list's rows have bits, of all lists.
  private func listSummary(ofBranch index: Int, in chain: ChainView) -> Block {
    var alive = Block(repeating: ~0)
    for number in 0..<listCount {
      let list = list(at: number)
      var allowed = chain.summary(ofRow: list.offset, branch: index)
      for place in list.places {
        allowed |= chain.summary(ofRow: member(at: place).allowing, branch: index)
      }
      alive &= allowed
    }
    return alive
  }

  /// As `listWord`, of a clustered table.
  private func clusteredListWord(_ word: Int, in chain: ChainView) -> UInt64 {
    var alive = ~UInt64(0)
    for number in 0..<listCount {
      let list = list(at: number)
      var allowed = chain.word(word, ofRow: list.offset, branch: branchIndex)
      var forbidden: UInt64 = 0
      for place in list.places {
        let member = member(at: place)
        allowed |= chain.word(word, ofRow: member.allowing, branch: branchIndex)
        forbidden |= chain.word(word, ofRow: member.forbidding, branch: branchIndex)
      }
      alive &= allowed & ~forbidden
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

  /// A word of one branch of a row, by the row's offset.
  @inline(__always)
  func word(_ word: Int, ofRow row: UInt32, branch: Int) -> UInt64 {
    self.word(word, ofBranch: load(at: Int(row) &+ 4 &* branch))
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
