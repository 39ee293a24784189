import Signals
import Wire

/// 512 bits of a row: the unit in which rows of more than a word are read.
typealias Block = SIMD8<UInt64>

/// The rows that the signals at hand select in one table's columns, by where they start in the
/// image. Memory of the loop's own, used again for table after table.
///
/// INVARIANT (rows-in-bounds): `offsets` has `TablePlan.columnCountMax` initialised numbers, `lists`
/// as many records, and `members` has `memberCapacity` initialised pairs.
@safe
struct SelectedRows: ~Copyable {
  /// A list column: the row of the rules that need no member, and the members that are there.
  private struct List: BitwiseCopyable {
    var offset: UInt32 = 0
    var firstMember: UInt32 = 0
    var memberCount: UInt32 = 0
  }

  private struct Member: BitwiseCopyable {
    var allowing: UInt32 = 0
    var forbidding: UInt32 = 0
  }

  private let offsets: UnsafeMutablePointer<UInt32>
  private let lists: UnsafeMutablePointer<List>
  private var members: UnsafeMutablePointer<Member>
  private var memberCapacity = 64
  /// Columns with one row.
  private(set) var count = 0
  private var listCount = 0
  private var memberCount = 0

  init() {
    unsafe offsets = .allocate(capacity: TablePlan.columnCountMax)
    unsafe offsets.initialize(repeating: 0, count: TablePlan.columnCountMax)
    unsafe lists = .allocate(capacity: TablePlan.columnCountMax)
    unsafe lists.initialize(repeating: List(), count: TablePlan.columnCountMax)
    unsafe members = .allocate(capacity: memberCapacity)
    unsafe members.initialize(repeating: Member(), count: memberCapacity)
  }

  deinit {
    unsafe offsets.deallocate()
    unsafe lists.deallocate()
    unsafe members.deallocate()
  }

  @inline(__always)
  mutating func removeAll() {
    count = 0
    listCount = 0
    memberCount = 0
  }

  /// Adds a column by the offset of its row.
  @inline(__always)
  mutating func append(offset: UInt32) {
    precondition(count < TablePlan.columnCountMax)
    // SAFETY: (rows-in-bounds) and the line above.
    unsafe offsets[count] = offset
    count &+= 1
  }

  @inline(__always)
  func offset(at index: Int) -> Int {
    precondition(index >= 0 && index < count)
    // SAFETY: (rows-in-bounds) and the line above.
    return Int(unsafe offsets[index])
  }

  /// Adds a list column by the offset of the row of the rules that need no member.
  mutating func beginList(offset: UInt32) {
    precondition(listCount < TablePlan.columnCountMax)
    // SAFETY: (rows-in-bounds) and the line above.
    unsafe lists[listCount] = List(offset: offset, firstMember: UInt32(memberCount), memberCount: 0)
    listCount &+= 1
  }

  /// Adds a member to the last list. Allocates when no list before had as many.
  mutating func appendMember(allowing: UInt32, forbidding: UInt32) {
    if memberCount == memberCapacity { growMembers() }
    // SAFETY: (rows-in-bounds), and `growMembers` has seen to the capacity.
    unsafe members[memberCount] = Member(allowing: allowing, forbidding: forbidding)
    memberCount &+= 1
    precondition(listCount > 0)
    unsafe lists[listCount &- 1].memberCount &+= 1
  }

  /// The bits of a word that all lists allow: of each, those that need no member or that one is
  /// enough for, and that none rules out. O(members).
  @inline(__always)
  func listWord(_ word: Int, in chain: ChainView) -> UInt64 {
    var alive = ~UInt64(0)
    for index in 0..<listCount {
      // SAFETY, here and below: (rows-in-bounds): below `listCount`, and below the list's members.
      let list = unsafe lists[index]
      var allowed: UInt64 = chain.load(at: Int(list.offset) &+ word &* 8)
      var forbidden: UInt64 = 0
      let first = Int(list.firstMember)
      for place in first..<first &+ Int(list.memberCount) {
        let member = unsafe members[place]
        allowed |= chain.load(at: Int(member.allowing) &+ word &* 8)
        forbidden |= chain.load(at: Int(member.forbidding) &+ word &* 8)
      }
      alive &= allowed & ~forbidden
    }
    return alive
  }

  private mutating func growMembers() {
    let capacity = 2 * memberCapacity
    let grown = UnsafeMutablePointer<Member>.allocate(capacity: capacity)
    // SAFETY: both hold `memberCapacity` members; the rest is initialised behind them.
    unsafe grown.initialize(from: members, count: memberCapacity)
    unsafe (grown + memberCapacity).initialize(repeating: Member(), count: memberCapacity)
    unsafe members.deallocate()
    unsafe members = grown
    memberCapacity = capacity
  }
}
