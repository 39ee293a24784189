import CWide
import Wire

/// What a decision by one table costs at most, whatever the input: an upper bound of the words of
/// rows that it looks at, and an estimate of the time that this takes.
///
/// It is not the least upper bound. Each column counts by itself: rules that only two columns together tell
/// apart count as if all of them were looked at. A list counts with the most members that a value may have of
/// those that cells name, and tells no rules apart: a value may have all of them. Candidates that are
/// evaluated as one table each cost what that table does.
public struct TableCost: Sendable {
  /// How a table is evaluated, by its number of rules.
  public enum Tier: String, Sendable {
    /// A row is one word.
    case word
    /// Blocks of eight words, up to the first with a match.
    case blocks
    /// Only the words that every column's summary leaves.
    case clusters
  }

  public struct Column: Sendable {
    /// The slot of its signal.
    public var slot: Int
    public var words: Int
    public var nanoseconds: Double
  }

  public var tier: Tier
  /// In the order of the image.
  public var columns: [Column]

  /// Words of rules' bounds, which some of the columns' words are not looked at for.
  public var boundsWords = 0

  /// Words of all columns' rows and summaries, and of bounds.
  public var words: Int { columns.reduce(boundsWords) { $0 + $1.words } }

  public var nanoseconds: Double {
    columns.reduce(Self.tableNanoseconds + Double(boundsWords) * Self.blockWordNanoseconds) {
      $0 + $1.nanoseconds
    }
  }

  // Nanoseconds of the steps of an evaluation, rounded up from `microbench --filter evaluate` and
  // `--filter scale` of 2026-11-25 (3.7 GHz, rows in the second cache).
  fileprivate static let tableNanoseconds = 15.0
  fileprivate static let lookupNanoseconds = 5.0
  /// Of a list: hash and lookup of a member.
  fileprivate static let memberNanoseconds = 20.0
  fileprivate static let blockWordNanoseconds = 0.2
  /// Of a word that is looked at by itself.
  fileprivate static let singleWordNanoseconds = 1.0
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
        let memberCount = isList ? mostMembers(of: input) : 0
        let rowCount = 1 + 2 * memberCount
        let isBlockwise = !isList && (tier == .blocks || hasSections)
        let nanosecondsPerWord =
          isBlockwise ? TableCost.blockWordNanoseconds : TableCost.singleWordNanoseconds
        return TableCost.Column(
          slot: Int(input.slot), words: rowCount * single + (1 + memberCount) * passed,
          nanoseconds: lookupNanoseconds(of: input, memberCount: memberCount)
            + Double(rowCount * single) * nanosecondsPerWord
            + Double((1 + memberCount) * passed) * TableCost.blockWordNanoseconds)
      },
      boundsWords: hasSections ? ofSections.boundsWords : 0)
  }

  /// Different members that a value may have of those that a list column names.
  private func mostMembers(of input: InputRecord) -> Int {
    min((Int(input.rowCount) - 1) / 2, Limits.headerItemCount)
  }

  private func lookupNanoseconds(of input: InputRecord, memberCount: Int) -> Double {
    TableCost.lookupNanoseconds + TableCost.memberNanoseconds * Double(memberCount)
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
