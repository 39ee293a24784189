import Signals
import Wire

/// The rows that the signals of the decision at hand select, by input: every table of a chain reads them,
/// so each signal is classified once. Memory of the loop's own, used again for decision after decision.
///
/// INVARIANT (classes-in-bounds): `rows`, `memberStarts`, `memberCounts` and `listDecisions` have
/// `InputRecord.countMax` initialised numbers, and `members` has `memberCapacity`.
@safe
struct InputClasses: ~Copyable {
  /// LIMIT: members of a list that are looked at together, whether there are as many or not: how many
  /// there are differs from login to login, and no branch predictor learns it.
  static let membersAtOnce = 4

  /// By input: the index of the row, those of states included.
  private let rows: UnsafeMutablePointer<UInt32>
  /// By input that holds lists: where its members are.
  private let memberStarts: UnsafeMutablePointer<UInt32>
  /// By input that holds lists: how many members its value has that some cell names.
  private let memberCounts: UnsafeMutablePointer<UInt32>
  /// Of all lists, one behind the other: the index of a member's allowing row; its forbidding one is
  /// behind that. Each list has `membersAtOnce` places at least, those that it does not need with the
  /// index of some row of every column.
  private var members: UnsafeMutablePointer<UInt32>
  private var memberCapacity = 64
  /// Where the members of the lists end that have been classified.
  private var memberEnd = 0
  /// By input that holds lists: the number of the decision that it was classified for last.
  private let listDecisions: UnsafeMutablePointer<UInt64>
  private var decision: UInt64 = 0

  init() {
    unsafe rows = .allocate(capacity: InputRecord.countMax)
    unsafe rows.initialize(repeating: 0, count: InputRecord.countMax)
    unsafe memberStarts = .allocate(capacity: InputRecord.countMax)
    unsafe memberStarts.initialize(repeating: 0, count: InputRecord.countMax)
    unsafe memberCounts = .allocate(capacity: InputRecord.countMax)
    unsafe memberCounts.initialize(repeating: 0, count: InputRecord.countMax)
    unsafe listDecisions = .allocate(capacity: InputRecord.countMax)
    unsafe listDecisions.initialize(repeating: 0, count: InputRecord.countMax)
    unsafe members = .allocate(capacity: memberCapacity)
    unsafe members.initialize(repeating: 0, count: memberCapacity)
  }

  deinit {
    unsafe rows.deallocate()
    unsafe memberStarts.deallocate()
    unsafe memberCounts.deallocate()
    unsafe listDecisions.deallocate()
    unsafe members.deallocate()
  }

  /// The row that an input's value or state selects: of a list, the row of the rules that need no
  /// member. `input` is one of an image.
  @inline(__always)
  func row(ofInput input: UInt32) -> Int {
    // SAFETY: (classes-in-bounds); by (image-valid) no image has an input from `countMax` on.
    Int(unsafe rows[Int(input)])
  }

  /// How many members the value of an input that holds lists has.
  @inline(__always)
  func memberCount(ofInput input: UInt32) -> Int {
    // SAFETY: as above.
    Int(unsafe memberCounts[Int(input)])
  }

  /// The index of a member's allowing row. `index` is below the larger of `memberCount` and
  /// `membersAtOnce`; from `memberCount` on, it is that of any row.
  @inline(__always)
  func memberRow(_ index: Int, ofInput input: UInt32) -> Int {
    // SAFETY: as above; `classifyList` has filled so many places.
    Int(unsafe members[Int(memberStarts[Int(input)]) &+ index])
  }

  /// Classifies the value of every input of `chain` but those that hold lists. O(inputs).
  ///
  /// `vector` is not changed. It is `inout` all the same: Swift 6.3 copies all of a `~Copyable` struct to
  /// lend it.
  mutating func classify(
    _ vector: inout SignalVector, of chain: ChainView, in message: Span<UInt8>
  ) {
    let ends = chain.header.inputEnds
    classify(0..<ends.directNumbers, &vector, chain) { input, value in
      chain.directClass(of: input, value.number)
    }
    classify(ends.directNumbers..<ends.directIndices, &vector, chain) { input, value in
      chain.directClass(of: input, index: value.low)
    }
    classify(ends.directIndices..<ends.wholeNumbers, &vector, chain) { input, value in
      chain.wholeNumberClass(of: input, value.number)
    }
    classify(ends.wholeNumbers..<ends.numbers, &vector, chain) { input, value in
      chain.numberClass(of: input, value.number)
    }
    var textByteCounts: UInt32 = 0
    classify(ends.numbers..<ends.strings, &vector, chain) { input, value in
      textByteCounts |= value.text.count
      return chain.hashedClass(of: input, hash: value.low, value.text)
    }
    if textByteCounts > 8 { checkLongTexts(ends.numbers..<ends.strings, &vector, chain, message) }
    classify(ends.strings..<ends.addresses, &vector, chain) { input, value in
      value.state == .value ? chain.addressClass(of: input, value.address) : 0
    }
    decision &+= 1
    memberEnd = 0
  }

  /// Classifies the value of an input that holds lists, where that has not been done. Lists take longest,
  /// and many decisions need none. O(bytes of the list).
  @inline(__always)
  mutating func classifyList(
    _ input: UInt32, _ vector: inout SignalVector, of chain: ChainView, in message: Span<UInt8>
  ) {
    // SAFETY: (classes-in-bounds), and no image has more inputs.
    if unsafe listDecisions[Int(input)] == decision { return }
    classifyNewList(Int(input), &vector, chain, message)
  }

  /// The inputs of one kind.
  ///
  /// A value that is not there is classified all the same, as the zeros it consists of: which signals
  /// are absent differs from login to login.
  @inline(__always)
  private func classify(
    _ inputs: Range<UInt16>, _ vector: inout SignalVector, _ chain: ChainView,
    _ classIndex: (InputRecord, SignalValue) -> Int
  ) {
    // Read once: for all the compiler knows, a row that is stored may be the header's.
    let records = Int(chain.header.inputsOffset)
    for index in Int(inputs.lowerBound)..<Int(inputs.upperBound) {
      let input: InputRecord = chain.load(at: records &+ index &* MemoryLayout<InputRecord>.stride)
      let value = vector[Int(input.slot)]
      let classRow = InputRecord.stateRowCount &+ classIndex(input, value)
      let row = value.state == .value ? classRow : InputRecord.stateRow(value.state)
      // SAFETY: (classes-in-bounds), and no image has more inputs.
      unsafe rows[index] = UInt32(truncatingIfNeeded: row)
    }
  }

  /// Takes back the classes of texts that have a member's hash and length only.
  @inline(never)
  private mutating func checkLongTexts(
    _ inputs: Range<UInt16>, _ vector: inout SignalVector, _ chain: ChainView, _ message: Span<UInt8>
  ) {
    for index in Int(inputs.lowerBound)..<Int(inputs.upperBound) {
      let input = chain.input(index)
      let value = vector[Int(input.slot)]
      if value.text.count <= 8 || value.state != .value { continue }
      let found = chain.memberClass(of: input, hash: value.low, value.text, in: message)
      // SAFETY: (classes-in-bounds), and no image has more inputs.
      unsafe rows[index] = UInt32(truncatingIfNeeded: InputRecord.stateRowCount &+ found)
    }
  }

  @inline(never)
  private mutating func classifyNewList(
    _ index: Int, _ vector: inout SignalVector, _ chain: ChainView, _ message: Span<UInt8>
  ) {
    let input = chain.input(index)
    let value = vector[Int(input.slot)]
    let start = memberEnd
    makeRoom(behind: start &+ Self.membersAtOnce)
    for place in 0..<Self.membersAtOnce {
      // SAFETY: (classes-in-bounds), and there is room.
      unsafe members[start &+ place] = 0
    }
    var end = start
    var row = InputRecord.stateRow(value.state)
    if value.state == .value {
      row = InputRecord.stateRowCount
      end = appendMembers(of: value, input, chain, message, at: start)
    }
    // SAFETY: (classes-in-bounds), and no image has more inputs.
    unsafe rows[index] = UInt32(truncatingIfNeeded: row)
    unsafe memberStarts[index] = UInt32(truncatingIfNeeded: start)
    unsafe memberCounts[index] = UInt32(truncatingIfNeeded: end &- start)
    unsafe listDecisions[index] = decision
    memberEnd = max(end, start &+ Self.membersAtOnce)
  }

  /// Appends the rows of a list's members that some cell names. Returns where they end.
  @inline(__always)
  private mutating func appendMembers(
    of value: SignalValue, _ input: InputRecord, _ chain: ChainView, _ message: Span<UInt8>,
    at start: Int
  ) -> Int {
    var end = start
    var cursor = ListCursor(value)
    while let member = cursor.next(in: message) {
      let number = chain.memberClass(of: input, member, in: message)
      if end == memberCapacity { makeRoom(behind: end) }
      // Stored whether a cell names it or not, and counted where one does.
      // SAFETY: (classes-in-bounds), and there is room.
      unsafe members[end] = UInt32(
        truncatingIfNeeded: InputRecord.stateRowCount &+ 2 &* number &- 1)
      end &+= bit(number > 0)
    }
    return end
  }

  @inline(__always)
  private mutating func makeRoom(behind end: Int) {
    if end >= memberCapacity { grow() }
  }

  @inline(never)
  private mutating func grow() {
    let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * memberCapacity)
    unsafe grown.initialize(repeating: 0, count: 2 * memberCapacity)
    // SAFETY: both hold `memberCapacity` numbers, and the new memory cannot overlap the old.
    unsafe grown.update(from: members, count: memberCapacity)
    unsafe members.deallocate()
    unsafe members = grown
    memberCapacity *= 2
  }
}
