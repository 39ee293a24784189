import Signals
import Wire

/// An input while a chain is laid out.
struct InputPlan {
  var slot: Int
  var kind: InputRecord.Kind
  var partition: Partition

  func serves(_ column: ColumnPlan) -> Bool {
    slot == column.slot && partition.isSame(as: column.partition)
  }
}

extension ImageBuilder {
  /// Finds the inputs of a chain's columns, each once, and appends their lookups and records.
  mutating func appendInputs(of plan: ChainPlan, _ header: inout ImageHeader) throws(ImageError) {
    for table in plan.tables {
      for column in table.columns {
        let kind = try Self.checkedKind(of: column, of: table, plan.signals)
        if !inputs.contains(where: { $0.serves(column) }) {
          inputs.append(InputPlan(slot: column.slot, kind: kind, partition: column.partition))
        }
      }
    }
    try Self.check("inputs in a chain", inputs.count, InputRecord.countMax)
    // Those of a kind stay in the order of their columns.
    let order = inputs.indices.sorted {
      (inputs[$0].kind.rawValue, $0) < (inputs[$1].kind.rawValue, $1)
    }
    inputs = order.map { inputs[$0] }
    var records: [InputRecord] = []
    for input in inputs {
      let foldsCase = plan.signals[input.slot].foldsCase
      align(to: 64)
      var record = InputRecord()
      record.slot = UInt32(input.slot)
      record.kind = input.kind.rawValue
      record.foldsCaseFlag = foldsCase ? 1 : 0
      record.rowCount = UInt32(input.partition.rowCount)
      record.lookupOffset = UInt32(bytes.count)
      record.lookupCount = try appendLookup(input.partition, foldingCase: foldsCase)
      records.append(record)
    }
    align(to: 16)
    header.inputsOffset = UInt32(bytes.count)
    header.inputEnds = InputEnds(inputs.map(\.kind))
    for record in records { append(record) }
  }

  /// The input of a column, which `appendInputs` has found.
  func inputIndex(of column: ColumnPlan) -> Int {
    inputs.firstIndex { $0.serves(column) }!
  }

  /// The kind of a column that fits its table; throws for any other.
  private static func checkedKind(
    of column: ColumnPlan, of table: TablePlan, _ signals: [Signal]
  ) throws(ImageError) -> InputRecord.Kind {
    let neededWords = max(1, (table.rules.count + 63) / 64)
    guard signals.indices.contains(column.slot),
      column.stateRows.count == InputRecord.stateRowCount,
      column.stateRows.allSatisfy({ $0.count == neededWords }),
      column.classes.count == column.partition.rowCount, column.partition.isConsistent,
      column.classes.wordCount == neededWords,
      let kind = column.partition.kind(for: signals[column.slot])
    else { throw .inconsistent("table `\(table.name)`, column of slot \(column.slot)") }
    return kind
  }

  /// Returns what `InputRecord.lookupCount` says.
  private mutating func appendLookup(
    _ partition: Partition, foldingCase: Bool
  ) throws(ImageError) -> UInt32 {
    switch partition {
    case .direct(let classes):
      try checkRoom(for: classes.count * 4)
      for number in classes { bytes.append(UInt32(number)) }
      return UInt32(classes.count)
    case .numbers(let boundaries):
      if let index = WholeNumberIndex(boundaries) {
        try appendWholeNumbers(boundaries, index)
        return UInt32(index.classCount)
      }
      try appendNumbers(boundaries)
      return UInt32(boundaries.count)
    case .addresses(let starts, let classes):
      return try appendAddresses(starts, classes)
    case .strings(let members, let classes):
      return try appendMembers(members, classes.map { $0 - 1 }, foldingCase: foldingCase)
    case .list(let members, let classes):
      return try appendMembers(members, classes, foldingCase: foldingCase)
    }
  }

  /// Appends a `WholeNumberIndex` and its classes.
  mutating func appendWholeNumbers(
    _ boundaries: [Double], _ index: WholeNumberIndex
  ) throws(ImageError) {
    try checkRoom(for: MemoryLayout<WholeNumberIndex>.stride + 4 * index.classCount)
    append(index)
    for number in index.classes(boundaries) { bytes.append(number) }
  }

  /// Appends a `NumberIndex` and its parts.
  mutating func appendNumbers(_ boundaries: [Double]) throws(ImageError) {
    let index = NumberIndex(boundaries)
    try checkRoom(for: index.byteCount(count: boundaries.count))
    let base = bytes.count
    append(index)
    var below = 0
    for bucket in 0..<Int(index.bucketCount) {
      while below < boundaries.count, index.bucket(boundaries[below]) < bucket { below += 1 }
      bytes.append(UInt32(below))
    }
    while bytes.count < base + Int(index.boundariesOffset) { bytes.append(UInt8(0)) }
    for boundary in boundaries { bytes.append(boundary.bitPattern) }
    for _ in 0..<NumberIndex.probeCountMax { bytes.append(Double.infinity.bitPattern) }
  }

  /// Appends a `MemberIndex` and its parts. Returns its capacity.
  private mutating func appendMembers(
    _ members: [String], _ classes: [Int], foldingCase: Bool
  ) throws(ImageError) -> UInt32 {
    // As texts compare: whoever looks a member up folds the case of what came, not of this.
    let texts = members.map { member in
      member.utf8.map { foldingCase && (65...90).contains($0) ? $0 | 0x20 : $0 }
    }
    let hashes = texts.map { text in
      stringHash(text.span, ByteRange(offset: 0, count: text.count), foldingCase: foldingCase)
    }
    guard let (index, displacements, places) = MemberIndex.fitting(hashes) else {
      throw .inconsistent("a column of texts that no hash tells apart")
    }
    try checkRoom(for: index.byteCount + texts.reduce(0) { $0 + $1.count })
    var entries = [MemberRecord](repeating: MemberRecord(), count: index.capacity)
    for member in texts.indices {
      entries[places[member]].hash = hashes[member]
      entries[places[member]].text = add(texts[member])
      entries[places[member]].classIndex = UInt32(classes[member])
    }
    for entry in entries { append(entry) }
    for displacement in displacements { bytes.append(displacement) }
    return UInt32(index.capacity)
  }
}
