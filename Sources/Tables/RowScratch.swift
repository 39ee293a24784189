import Signals
import Wire

/// 512 bits of a row: the unit in which rows of more than a word are read.
typealias Block = SIMD8<UInt64>

/// Rows of bits of the loop's own: what the list columns of a large table allow together.
///
/// INVARIANT (scratch-in-bounds): `blocks` has `3 * capacity` initialised blocks.
/// The first row is the result so far; the other two serve the column at hand.
@safe
struct RowScratch: ~Copyable {
  private var blocks: UnsafeMutablePointer<Block>
  private var capacity = 0
  private var blocksPerRow = 0
  private var isFull = true

  init() { unsafe blocks = .allocate(capacity: 1) }

  deinit { unsafe blocks.deallocate() }

  /// Starts with every bit set.
  mutating func begin(blocksPerRow: Int) {
    self.blocksPerRow = blocksPerRow
    isFull = true
  }

  /// Keeps the bits that a list column allows for a value. O(words × (members + 1)).
  ///
  /// Allocates when no row of this length was met before.
  mutating func intersect(
    _ chain: ChainView, _ column: ColumnRecord, _ value: SignalValue, in message: Span<UInt8>
  ) {
    if blocksPerRow > capacity { grow() }
    // SAFETY, here and below: (scratch-in-bounds), and `grow` has seen to `capacity`.
    let allowed = unsafe blocks + capacity
    let forbidden = unsafe blocks + 2 * capacity
    let rowByteCount = blocksPerRow * 64
    let rows = Int(column.rowsOffset) + ColumnRecord.stateRowCount * rowByteCount
    for block in 0..<blocksPerRow {
      unsafe allowed[block] = chain.block(at: rows + block * 64)
      unsafe forbidden[block] = .zero
    }
    var members = ListCursor(value)
    while let member = members.next(in: message) {
      let number = chain.memberClass(of: column, member, in: message)
      guard number > 0 else { continue }
      let allowing = rows + (2 * number - 1) * rowByteCount
      for block in 0..<blocksPerRow {
        unsafe allowed[block] |= chain.block(at: allowing + block * 64)
        unsafe forbidden[block] |= chain.block(at: allowing + rowByteCount + block * 64)
      }
    }
    for block in 0..<blocksPerRow {
      let row = unsafe allowed[block] & ~forbidden[block]
      unsafe blocks[block] = isFull ? row : blocks[block] & row
    }
    isFull = false
  }

  /// One block of the result; all bits set where no list column has been met.
  @inline(__always)
  func block(_ index: Int) -> Block {
    if isFull { return Block(repeating: ~0) }
    precondition(index >= 0 && index < blocksPerRow && blocksPerRow <= capacity)
    // SAFETY: (scratch-in-bounds) and the precondition.
    return unsafe blocks[index]
  }

  /// Makes room for rows of `blocksPerRow` blocks. What the scratch held is lost.
  private mutating func grow() {
    precondition(isFull)
    unsafe blocks.deallocate()
    unsafe blocks = .allocate(capacity: 3 * blocksPerRow)
    unsafe blocks.initialize(repeating: .zero, count: 3 * blocksPerRow)
    capacity = blocksPerRow
  }
}
