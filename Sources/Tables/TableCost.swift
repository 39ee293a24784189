import CWide
import Wire

/// What a decision by one table costs at most, whatever the input: an upper bound of the words of
/// rows that it looks at, and an estimate of the time that this takes.
///
/// It is not the least upper bound. Each column counts by itself: rules that only two columns together tell
/// apart count as if all of them were looked at. Lists grow with what a client sends: each counts with as
/// many members that cells name as `listMemberCount`, tells no rules apart, and what one member more costs is
/// said beside. Tables that are evaluated as one each cost what that one does.
public struct TableCost: Sendable {
  /// LIMIT: members of a list that the worst case counts: as many as are looked at together, of whatever
  /// length a list is.
  public static let listMemberCount = InputClasses.membersAtOnce

  /// How a table is evaluated, by its number of rules.
  public enum Tier: String, Sendable {
    /// A row is one word.
    case word
    /// Blocks of eight words, up to the first with a match.
    case blocks
    /// Only the words that every column's summary leaves.
    case clusters
  }

  /// Words that are looked at, and the time that this takes.
  public struct Work: Sendable {
    public var words = 0
    public var nanoseconds = 0.0

    static func + (a: Work, b: Work) -> Work {
      Work(words: a.words + b.words, nanoseconds: a.nanoseconds + b.nanoseconds)
    }

    static func * (count: Int, work: Work) -> Work {
      Work(words: count * work.words, nanoseconds: Double(count) * work.nanoseconds)
    }
  }

  public struct Column: Sendable {
    /// The slot of its signal.
    public var slot: Int
    /// Of a list, with `listMemberCount` members.
    public var work: Work
    /// Of a list: for each member more. Nothing of any other signal, and where cells name no member.
    public var furtherMember = Work()
  }

  public var tier: Tier
  /// In the order of the image.
  public var columns: [Column]

  /// Rules' bounds, which some of the columns' words are not looked at for.
  public var bounds = Work()

  /// All columns' rows and summaries, and bounds.
  public var work: Work {
    columns.reduce(bounds + Work(nanoseconds: Self.tableNanoseconds)) { $0 + $1.work }
  }

  /// What one member more costs of the list that costs most; nothing where there is none.
  public var furtherMember: Work {
    columns.map(\.furtherMember).max { $0.nanoseconds < $1.nanoseconds } ?? Work()
  }

  // Nanoseconds of the steps of an evaluation: chosen so that their sum is above what the slowest inputs take
  // that `microbench --filter scale/` finds (3.7 GHz, rows in the second cache), which compares the two.
  fileprivate static let tableNanoseconds = 15.0
  /// Of a list: hash and lookup of a member.
  fileprivate static let memberNanoseconds = 10.0
  fileprivate static let blockWordNanoseconds = 0.12
  /// Of a word that is looked at by itself.
  fileprivate static let singleWordNanoseconds = 0.25

  /// From a value to its class.
  fileprivate static func lookupNanoseconds(_ kind: InputRecord.Kind?) -> Double {
    switch kind {
    case .directNumber, .directIndex, nil: 1
    case .wholeNumbers: 2
    case .numbers: 4
    case .strings, .list: 5
    case .addresses: 20
    }
  }
}

extension TableCost {
  fileprivate static func rowWork(single: Int, isBlockwise: Bool, passed: Int) -> Work {
    Work(
      words: single + passed,
      nanoseconds: Double(single) * (isBlockwise ? blockWordNanoseconds : singleWordNanoseconds)
        + Double(passed) * blockWordNanoseconds)
  }

  fileprivate static func boundsWork(words: Int) -> Work {
    Work(words: words, nanoseconds: Double(words) * blockWordNanoseconds)
  }
}

extension CompiledChain {
  /// What a decision by each table costs at most. O(rows), not for speed.
  public var tableCosts: [TableCost] {
    let view = self.view
    var costs: [TableCost] = []
    for index in 0..<view.tableCount { costs.append(view.cost(ofTable: index)) }
    return costs
  }
}

extension ChainView {
  fileprivate func cost(ofTable index: Int) -> TableCost {
    let table = jointLane(ofTable: index)?.group.table ?? self.table(index)
    let columns = (0..<Int(table.columnCount)).map { number in
      let record = column(number, of: table)
      return (record: record, input: input(Int(record.input)))
    }
    let tier: TableCost.Tier =
      table.isClustered ? .clusters : table.wordsPerRow <= 1 ? .word : .blocks
    let clusters = details(of: table).clusters
    let hasSections = clusters.sectionCount > 0
    // Single words that are looked at, and words that are read in passing.
    let ofSections = wordsOfSections(of: columns, clusters)
    let (single, passed) =
      switch tier {
      case .word: (1, 0)
      case .blocks: (Int(table.wordsPerRow), 0)
      case .clusters:
        hasSections ? (ofSections.words, 0) : clusteredWords(of: columns, table)
      }
    return TableCost(
      tier: tier,
      columns: columns.map { _, input in
        let isList = input.kind == InputRecord.Kind.list.rawValue
        let isBlockwise = !isList && (tier == .blocks || hasSections)
        let row = TableCost.rowWork(single: single, isBlockwise: isBlockwise, passed: passed)
        let lookup = TableCost.lookupNanoseconds(InputRecord.Kind(rawValue: input.kind))
        var column = TableCost.Column(
          slot: Int(input.slot), work: row + TableCost.Work(nanoseconds: lookup))
        guard isList else { return column }
        let namedCount = (Int(input.rowCount) - 1) / 2
        // Two rows, of whose summaries one is looked at.
        let member =
          row + TableCost.rowWork(single: single, isBlockwise: false, passed: 0)
          + TableCost.Work(nanoseconds: TableCost.memberNanoseconds)
        if namedCount > 0 {
          column.work = column.work + TableCost.listMemberCount * member
          column.furtherMember = member
        }
        return column
      },
      bounds: TableCost.boundsWork(words: hasSections ? ofSections.boundsWords : 0))
  }

  /// Of a table with sections: the words of the most blocks that values may lead to, and those of the bounds
  /// that may be looked at for them.
  private func wordsOfSections(
    of columns: [(record: ColumnRecord, input: InputRecord)], _ clusters: ClusterRecord
  ) -> (words: Int, boundsWords: Int) {
    var (words, boundsWords) = (0, 0)
    for index in 0..<Int(clusters.sectionCount) {
      let section: ClusterSection = load(
        at: Int(clusters.sectionsOffset) + index * MemoryLayout<ClusterSection>.stride)
      let rowCount = InputRecord.stateRowCount + Int(columns[Int(section.column)].input.rowCount)
      let ranges = (0..<rowCount).map { row in
        load(at: Int(section.rangesOffset) + MemoryLayout<BitRange>.stride * row) as BitRange
      }
      let boundsCounts = ranges.map { min($0.bits.count, Int(POSTERN_FEW_BITS) * $0.blockCount) }
      words += ClusterRecord.wordsPerLeaf * (ranges.map(\.blockCount).max() ?? 0)
      boundsWords += RuleBounds.byteCount / 8 * (boundsCounts.max() ?? 0)
    }
    return (words, boundsWords)
  }

  /// Of a clustered table: the most words that all summaries may leave, and the words of a summary.
  ///
  /// No more are left than the column leaves whose fullest row has fewest. A list's row is made of
  /// several, so lists are left out.
  private func clusteredWords(
    of columns: [(record: ColumnRecord, input: InputRecord)], _ table: TableRecord
  ) -> (single: Int, passed: Int) {
    let shape = ClusterShape(bitCount: Int(details(of: table).clusters.bitCount))
    var counts: [UInt32: Int] = [:]
    func wordCount(ofBranch offset: UInt32) -> Int {
      if let known = counts[offset] { return known }
      let summary = block(at: Int(offset))
      let count = summary.indices.reduce(0) { $0 + summary[$1].nonzeroBitCount }
      counts[offset] = count
      return count
    }
    var fewest = shape.wordCount
    for (column, input) in columns where input.kind != InputRecord.Kind.list.rawValue {
      var most = 0
      for row in 0..<(InputRecord.stateRowCount + Int(input.rowCount)) {
        let start = Int(column.rowsOffset) + row * Int(table.rowByteCount)
        most = max(
          most,
          (0..<shape.branchesPerRow).reduce(0) {
            $0 + wordCount(ofBranch: load(at: start + 4 * $1))
          })
      }
      fewest = min(fewest, most)
    }
    return (fewest, shape.branchesPerRow * ClusterRecord.summaryByteCount / 8)
  }
}
