/// When the bytes of a streamed body came: marks on its length, each with the time of a read.
///
/// A mark is needed while bytes wait; a body that is answered as it comes never has more than one.
struct ReadMarks {
  private struct Mark {
    /// Where the bytes of the read end.
    var end: Int
    var nanoseconds: UInt64
  }

  /// LIMIT: reads told apart while a body waits; later ones pass for one, the latest.
  private static let countMax = 16

  private var marks: [Mark] = []

  /// Notes that the body has grown to `end` bytes, where it has.
  mutating func note(_ end: Int, at nanoseconds: UInt64) {
    let last = marks.last?.end ?? 0
    guard end > last else { return }
    if marks.count == Self.countMax { marks.removeLast() }
    marks.append(Mark(end: end, nanoseconds: nanoseconds))
  }

  /// When the byte before `end` came, at the latest; `otherwise` where nobody noted it.
  func arrival(ofByteBefore end: Int, or otherwise: UInt64) -> UInt64 {
    for index in marks.indices where marks[index].end >= end { return marks[index].nanoseconds }
    return otherwise
  }

  /// The body's first `byteCount` bytes are gone.
  mutating func removeFirst(_ byteCount: Int) {
    guard byteCount > 0 else { return }
    var count = 0
    while count < marks.count, marks[count].end <= byteCount { count += 1 }
    // Its memory is kept.
    if count == marks.count { return marks.removeAll(keepingCapacity: true) }
    marks.removeFirst(count)
    for index in marks.indices { marks[index].end -= byteCount }
  }

  mutating func removeAll() { marks.removeAll(keepingCapacity: true) }
}
