import Signals
import Wire

/// Inputs: what a search follows without looking.
extension ImageChecker {
  func checkInputs() throws(ImageError) {
    let count = Int(header.inputEnds.lists)
    guard count <= InputRecord.countMax else { throw .malformed(offset: 0) }
    var kinds: [InputRecord.Kind] = []
    for index in 0..<count {
      let offset = inputs.offset(of: index)
      let input = try self.input(index)
      guard input.reserved == 0, let kind = InputRecord.Kind(rawValue: input.kind),
        kind.rawValue >= kinds.last?.rawValue ?? 0
      else { throw .malformed(offset: offset) }
      kinds.append(kind)
      try check(input, kind, at: offset)
    }
    guard header.inputEnds == InputEnds(kinds) else { throw .malformed(offset: 0) }
  }

  private var inputs: Section {
    Section(header.inputsOffset, count: UInt32(header.inputEnds.lists), of: InputRecord.self)
  }

  func input(_ index: Int) throws(ImageError) -> InputRecord {
    try record(at: inputs.offset(of: index))
  }

  private func check(
    _ input: InputRecord, _ kind: InputRecord.Kind, at offset: Int
  ) throws(ImageError) {
    guard input.slot < header.slotCount, input.rowCount > 0,
      kind.signalTypes.contains(try slot(Int(input.slot)).type)
    else { throw .malformed(offset: offset) }
    let lookup = Section(input.lookupOffset, count: input.lookupCount, stride: kind.lookupStride)
    try check(lookup, alignment: min(kind.lookupStride, 8))
    switch kind {
    case .directNumber, .directIndex:
      guard lookup.count > 0 else { throw .malformed(offset: offset) }
      try checkClasses(lookup, of: input)
    case .wholeNumbers: try checkWholeNumbers(of: input, at: offset)
    case .numbers: try checkNumbers(of: input, at: offset)
    case .addresses: try checkAddresses(lookup, of: input)
    case .strings, .list: try checkMembers(of: input, lookup, isList: kind == .list, at: offset)
    }
  }

  func checkClasses(_ classes: Section, of input: InputRecord) throws(ImageError) {
    for index in 0..<classes.count {
      let number: UInt32 = try record(at: classes.offset(of: index))
      guard number < input.rowCount else { throw .malformed(offset: classes.offset(of: index)) }
    }
  }

  /// A number's place is one of the index's, each of which has a class.
  private func checkWholeNumbers(of input: InputRecord, at offset: Int) throws(ImageError) {
    let base = Int(input.lookupOffset)
    let index: WholeNumberIndex = try record(at: base)
    guard index.isSafe, Int(input.lookupCount) == index.classCount else { throw .malformed(offset: offset) }
    let classes = Section(
      offset: base + MemoryLayout<WholeNumberIndex>.stride, count: index.classCount, stride: 4)
    try checkClasses(classes, of: input)
  }

  /// A search takes at most `probeCountMax` steps from a bucket, and stops before an infinity.
  private func checkNumbers(of input: InputRecord, at offset: Int) throws(ImageError) {
    let count = Int(input.lookupCount)
    let base = Int(input.lookupOffset)
    let index: NumberIndex = try record(at: base)
    guard Int(input.rowCount) == 2 * count + 1, index.isSafe else {
      throw .malformed(offset: offset)
    }
    let buckets = Section(
      offset: base + MemoryLayout<NumberIndex>.stride, count: Int(index.bucketCount), stride: 4)
    try check(buckets, alignment: 4)
    for bucket in 0..<buckets.count {
      let below: UInt32 = try record(at: buckets.offset(of: bucket))
      guard below <= count else { throw .malformed(offset: buckets.offset(of: bucket)) }
    }
    let infinities = Section(
      offset: base + Int(index.boundariesOffset) + 8 * count, count: NumberIndex.probeCountMax,
      stride: 8)
    for place in 0..<infinities.count {
      let infinity: Double = try record(at: infinities.offset(of: place))
      guard infinity == .infinity else { throw .malformed(offset: infinities.offset(of: place)) }
    }
  }

  private func checkMembers(
    of input: InputRecord, _ lookup: Section, isList: Bool, at offset: Int
  ) throws(ImageError) {
    guard lookup.count > 1, lookup.count & (lookup.count - 1) == 0 else {
      throw .malformed(offset: offset)
    }
    for place in 0..<lookup.count {
      let offset = lookup.offset(of: place)
      let entry: MemberRecord = try record(at: offset)
      if entry.classIndex == MemberRecord.vacant { continue }
      let lastRow = (isList ? 2 : 1) * (Int(entry.classIndex) + 1)
      guard lastRow < Int(input.rowCount) else { throw .malformed(offset: offset) }
      try checkText(entry.text, at: offset)
    }
    let index = MemberIndex(capacity: lookup.count)
    try check(
      Section(
        offset: lookup.offset + index.displacementsOffset, count: index.bucketCount, stride: 2),
      alignment: 2)
  }
}

extension InputRecord.Kind {
  fileprivate var lookupStride: Int {
    switch self {
    case .directNumber, .directIndex: MemoryLayout<UInt32>.stride
    // What is before the classes is checked with them.
    case .wholeNumbers: MemoryLayout<UInt32>.stride
    case .numbers: MemoryLayout<Double>.stride
    case .addresses: 2 * MemoryLayout<UInt64>.stride
    case .strings, .list: MemoryLayout<MemberRecord>.stride
    }
  }

  /// The types of signal whose values it can classify.
  fileprivate var signalTypes: [SignalType] {
    switch self {
    case .directNumber, .directIndex: [.number, .boolean, .enumeration]
    case .wholeNumbers, .numbers: [.number]
    case .addresses: [.address]
    case .strings: [.string]
    case .list: [.list]
    }
  }
}
