import CWide
import Signals
import Wire

/// 512 bits of a row: the unit in which rows of more than a word are read.
typealias Block = SIMD8<UInt64>

/// The rows that the signals at hand select in one table's columns, by where they start in the
/// image. Memory of the loop's own, used again for table after table.
///
/// INVARIANT (offsets-in-bounds): `offsets` has `TablePlan.columnCountMax` initialised numbers, and `numbers`
/// has `RuleBounds.columnCountMax` more.
@safe
struct SelectedRows: ~Copyable {
  /// A list column: the row of the rules that need no member, or of its state, and the members that are
  /// there.
  struct List: BitwiseCopyable {
    var offset: UInt32
    var firstMember: UInt32
    var memberCount: UInt32 = 0

    /// Where its members are among those of all lists.
    @inline(__always)
    var places: Range<Int> { Int(firstMember)..<Int(firstMember) &+ Int(memberCount) }
  }

  struct Member: BitwiseCopyable {
    var allowing: UInt32
    var forbidding: UInt32
  }

  /// Of the columns that hold no lists.
  let offsets: UnsafeMutablePointer<UInt32>
  /// Of a table with sections: the number of each row in its column.
  let numbers: UnsafeMutablePointer<UInt32>
  private static let numberCount = TablePlan.columnCountMax + RuleBounds.columnCountMax
  private var lists = ScratchList<List>(capacity: TablePlan.columnCountMax)
  /// Of all lists, one behind the other.
  private var members = ScratchList<Member>()
  /// Of a clustered table: the words of the branch at hand that may hold matches.
  var commonWords = CommonWords()
  /// Of a clustered table: the rules that match, by their index.
  var ranks = ScratchList<UInt32>()

  init() {
    unsafe offsets = .allocate(capacity: TablePlan.columnCountMax)
    unsafe offsets.initialize(repeating: 0, count: TablePlan.columnCountMax)
    unsafe numbers = .allocate(capacity: Self.numberCount)
    unsafe numbers.initialize(repeating: 0, count: Self.numberCount)
  }

  deinit {
    unsafe offsets.deallocate()
    unsafe numbers.deallocate()
  }

  /// Columns that hold lists.
  var listCount: Int { lists.count }

  @inline(__always)
  mutating func removeLists() {
    lists.removeAll()
    members.removeAll()
  }

  /// Selects the row of a table's column by its offset. `column` is one of an image's table.
  @inline(__always)
  func select(_ offset: UInt32, ofColumn column: Int) {
    // SAFETY: (offsets-in-bounds); by (image-valid) no table has more columns.
    unsafe offsets[column] = offset
  }

  /// As above, by its number as well.
  @inline(__always)
  func select(_ offset: UInt32, row: Int, ofColumn column: Int) {
    select(offset, ofColumn: column)
    // SAFETY: as above.
    unsafe numbers[column] = UInt32(truncatingIfNeeded: row)
  }

  @inline(__always)
  func offset(at column: Int) -> Int {
    // SAFETY: as above.
    Int(unsafe offsets[column])
  }

  /// The first block from `first` on in which the rows of the first `rowCount` columns have bits in
  /// common, these bits, and a bit for each word that has some; `nil` where there is none before
  /// `blockCount`. `looksEarly` pays where there are many blocks, most have none, and the rows with fewest
  /// bits come first.
  @inline(__always)
  func firstCommonBlock(
    from first: Int, before blockCount: Int, rowCount: Int, looksEarly: Bool = false, in chain: ChainView
  ) -> (index: Int, bits: Block, lanes: UInt32)? {
    var bits = Block()
    var lanes: UInt32 = 0
    let index = unsafe withUnsafeMutableBytes(of: &bits) { bits in
      // SAFETY: (image-valid): the table's rows have `blockCount` blocks; `bits` are eight words.
      unsafe postern_first_common_block(
        chain.base, offsets, rowCount, first, blockCount, looksEarly,
        bits.baseAddress!.assumingMemoryBound(to: UInt64.self), &lanes)
    }
    return index < blockCount ? (index, bits, lanes) : nil
  }

  /// Adds a list column by the offset of the row of the rules that need no member.
  mutating func beginList(offset: UInt32) {
    lists.append(List(offset: offset, firstMember: UInt32(truncatingIfNeeded: members.count)))
  }

  /// Adds a member to the last list.
  mutating func appendMember(allowing: UInt32, forbidding: UInt32) {
    members.append(Member(allowing: allowing, forbidding: forbidding))
    lists[lists.count - 1].memberCount &+= 1
  }

  @inline(__always)
  func list(at index: Int) -> List { lists[index] }

  @inline(__always)
  func member(at place: Int) -> Member { members[place] }

  /// The bits of a word that all lists allow: of each, those that need no member or that one is
  /// enough for, and that none rules out. O(members).
  @inline(__always)
  func listWord(_ word: Int, in chain: ChainView) -> UInt64 {
    var alive = ~UInt64(0)
    for index in lists.indices {
      let list = lists[index]
      var allowed: UInt64 = chain.load(at: Int(list.offset) &+ word &* 8)
      var forbidden: UInt64 = 0
      for place in list.places {
        let member = members[place]
        allowed |= chain.load(at: Int(member.allowing) &+ word &* 8)
        forbidden |= chain.load(at: Int(member.forbidding) &+ word &* 8)
      }
      alive &= allowed & ~forbidden
    }
    return alive
  }
}
