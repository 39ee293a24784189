import Signals
import Wire

extension ChainView {
  /// Checks every offset, count, class number and code of an image that starts at a multiple of 64
  /// bytes. What passes establishes (image-valid). O(bytes), no trap whatever the bytes are.
  ///
  /// SAFETY: the caller keeps the image while it is checked.
  static func validate(_ image: UnsafeRawBufferPointer) throws(ImageError) {
    try unsafe ImageChecker(image).check()
  }
}

/// Walks an image's records. It reads nothing that it has not found to be inside the image.
///
/// Offsets and counts are of 32 bits in records and of 64 here, so no sum or product overflows.
///
/// SAFETY, for all of it: whoever makes one keeps the image while it is walked, and no record is loaded
/// before `check` has found it inside.
@safe
struct ImageChecker {
  private let image: UnsafeRawBufferPointer
  private(set) var header = ImageHeader()

  init(_ image: UnsafeRawBufferPointer) throws(ImageError) {
    unsafe self.image = image
    guard Int(bitPattern: image.baseAddress) % 64 == 0 else { throw .malformed(offset: 0) }
    header = try record(at: 0)
  }

  func check() throws(ImageError) {
    guard header.magic == ImageHeader.magic else { throw .malformed(offset: 0) }
    // Before all else, since what follows means something else in another format.
    guard header.formatVersion == ImageHeader.formatVersion else { throw .otherFormat(header.formatVersion) }
    guard unsafe Int(header.byteCount) == image.count, Self.isVerdict(header.onLate),
      header.slotCount <= SchemaView.slotCountMax, header.liveTableCount <= ChainPlan.tableCountMax,
      header.tableCount >= header.liveTableCount,
      header.tableCount - header.liveTableCount <= ChainPlan.shadowCountMax
    else { throw .malformed(offset: 0) }
    let text = Section(header.text.offset, count: header.text.count, stride: 1)
    try check(text, alignment: 1)
    try checkSlots()
    try checkInputs()
    let group = try laneGroup()
    let joint = try jointGroup()
    let tables = Section(header.tablesOffset, count: header.tableCount, of: TableRecord.self)
    for index in 0..<tables.count {
      let offset = tables.offset(of: index)
      let table: TableRecord = try record(at: offset)
      let candidate = index - Int(header.liveTableCount)
      let lane = candidate >= 0 && group.contains(candidate) ? candidate : nil
      if lane != nil { try checkShape(of: table, in: group, at: offset) }
      let jointLane = joint.lane(ofTable: index, liveCount: Int(header.liveTableCount))
      guard lane == nil || jointLane == nil, table.flags.contains(.isJoint) == (jointLane != nil) else {
        throw .malformed(offset: offset)
      }
      try check(table, at: offset, isLive: candidate < 0, lane: lane)
      if let jointLane {
        try checkHits(of: table, lane: jointLane, joint.hitsAll, at: offset)
        try checkJoint(table, lane: jointLane, of: joint, at: offset)
        continue
      }
      try checkRows(of: table, lane: lane, at: offset)
      if let lane {
        try checkHits(of: table, lane: lane, group.hitsAll, at: offset)
        try checkLane(lane, of: group, table, at: offset)
      }
    }
  }

  /// Checks that a group knows whether a candidate's matches are all hits.
  private func checkHits(
    of table: TableRecord, lane: Int, _ hitsAll: UInt32, at offset: Int
  ) throws(ImageError) {
    guard (hitsAll >> UInt32(lane) & 1 != 0) == table.flags.contains(.hitsAll) else {
      throw .malformed(offset: offset)
    }
  }

  /// Checks the rows that a table's columns have, other than by a group of candidates.
  private func checkRows(of table: TableRecord, lane: Int?, at offset: Int) throws(ImageError) {
    if table.isClustered {
      try checkClusters(of: table, at: offset)
    } else if lane == nil {
      guard Int(table.rowByteCount) == Int(table.wordsPerRow) * 8 else { throw .malformed(offset: offset) }
    }
    try checkColumns(of: table, lane: lane)
    if table.isClustered { try checkSections(of: table, at: offset) }
  }

  func columns(of table: TableRecord) -> Section {
    Section(table.columnsOffset, count: UInt32(table.columnCount), of: ColumnRecord.self)
  }

  func checkColumns(of table: TableRecord, lane: Int?) throws(ImageError) {
    let columns = columns(of: table)
    let clusters = (try record(at: Int(table.detailsOffset)) as TableDetails).clusters
    for index in 0..<columns.count {
      let offset = columns.offset(of: index)
      let column: ColumnRecord = try record(at: offset)
      let isFull = clusters.isFull(index, plainCount: Int(table.plainColumnCount))
      try check(column, at: offset, of: table, isFull: table.isClustered && isFull, lane: lane ?? 0)
      let isList = try input(Int(column.input)).kind == InputRecord.Kind.list.rawValue
      guard isList == (index >= table.plainColumnCount) else { throw .malformed(offset: offset) }
    }
  }

  private func check(
    _ table: TableRecord, at offset: Int, isLive: Bool, lane: Int?
  ) throws(ImageError) {
    guard table.mode <= Mode.enforce.rawValue, table.columnCount <= TablePlan.columnCountMax,
      table.plainColumnCount <= table.columnCount,
      table.ruleCount <= TablePlan.ruleCountMax,
      table.flags.isSubset(of: .known),
      !table.flags.contains(.hasDefault) || table.ruleCount > 0,
      table.isClustered || lane != nil
        || Int(table.wordsPerRow) == TableRecord.wordsPerRow(ruleCount: Int(table.ruleCount))
    else { throw .malformed(offset: offset) }
    try checkDetails(of: table, isLive: isLive)
    let rules = Section(table.rulesOffset, count: table.ruleCount, of: RuleRecord.self)
    for index in 0..<rules.count {
      let offset = rules.offset(of: index)
      try check(try record(at: offset) as RuleRecord, of: table, at: offset)
    }
  }

  private func check(
    _ rule: RuleRecord, of table: TableRecord, at offset: Int
  ) throws(ImageError) {
    guard Self.isVerdict(rule.verdict), rule.outputCount <= OutputKey.countMax,
      rule.mode <= Mode.enforce.rawValue, rule.mode != Mode.off.rawValue,
      rule.name.count <= OutputRecord.valueByteCountMax
    else { throw .malformed(offset: offset) }
    try checkCanary(rule.canary, at: offset)
    try checkName(rule.name, at: offset)
    let outputs = Section(rule.outputsOffset, count: rule.outputCount, of: OutputRecord.self)
    try checkText(rule.encodedOutputs, at: offset)
    var keys: UInt64 = 0
    var start = rule.encodedOutputs.start
    var isPastDecidersOwn = false
    for index in 0..<outputs.count {
      let offset = outputs.offset(of: index)
      let output: OutputRecord = try record(at: offset)
      guard output.key < OutputKey.countMax, keys & 1 << UInt64(output.key) == 0 else {
        throw .malformed(offset: offset)
      }
      keys |= 1 << UInt64(output.key)
      if output.key >= OutputKey.obligation { isPastDecidersOwn = true }
      guard output.encoded.start == start,
        isPastDecidersOwn == (output.key >= OutputKey.obligation)
      else { throw .malformed(offset: offset) }
      start = output.encoded.end
      try checkEncoding(output, at: offset)
      try checkText(output.element, at: offset)
      guard Int(output.element.count) <= OutputFault.listByteCountMax else {
        throw .malformed(offset: offset)
      }
    }
    guard start == rule.encodedOutputs.end else { throw .malformed(offset: offset) }
  }

  /// An output goes into replies as it is, so it must be one.
  private func checkEncoding(_ output: OutputRecord, at offset: Int) throws(ImageError) {
    try checkText(output.encoded, at: offset)
    guard Int(output.encoded.count) >= DecisionReply.outputFixedByteCount else {
      throw .malformed(offset: offset)
    }
    let start = Int(header.text.offset) + output.encoded.start
    let kind: UInt8 = try record(at: start)
    let nameByteCount: UInt8 = try record(at: start + 1)
    let valueLow: UInt8 = try record(at: start + 2)
    let valueHigh: UInt8 = try record(at: start + 3)
    let valueByteCount = Int(valueLow) + Int(valueHigh) << 8
    guard let kind = OutputKind(rawValue: kind),
      OutputKey.fixed(kind) ?? output.key == output.key,
      (OutputKey.fixed(kind) == nil) == (output.key >= OutputKey.firstNamed),
      Int(output.encoded.count)
        == DecisionReply.outputFixedByteCount + Int(nameByteCount) + valueByteCount,
      valueByteCount <= OutputRecord.valueByteCountMax
    else { throw .malformed(offset: offset) }
  }

  func record<Record: BitwiseCopyable>(at offset: Int) throws(ImageError) -> Record {
    try check(
      Section(offset: offset, count: 1, stride: MemoryLayout<Record>.size),
      alignment: MemoryLayout<Record>.alignment)
    // SAFETY: in bounds and aligned by the line above. Records that are read before their bytes are
    // checked have integers only, for which any bytes will do.
    return unsafe image.load(fromByteOffset: offset, as: Record.self)
  }

  func check(_ section: Section, alignment: Int) throws(ImageError) {
    guard section.offset % alignment == 0, unsafe section.end <= image.count else {
      throw .malformed(offset: section.offset)
    }
  }

  /// Checks that a range lies in the text section; `offset` is that of the record that names it.
  func checkText(_ range: ByteRange, at offset: Int) throws(ImageError) {
    guard range.end <= Int(header.text.count) else { throw .malformed(offset: offset) }
  }

  /// As `checkText`, of a name, which goes into explanations.
  func checkName(_ range: ByteRange, at offset: Int) throws(ImageError) {
    guard range.count <= OutputRecord.valueByteCountMax else { throw .malformed(offset: offset) }
    try checkText(range, at: offset)
  }

  static func isVerdict(_ raw: UInt32) -> Bool {
    raw <= 255 && Verdict(rawValue: UInt8(raw)) != nil
  }
}

/// Where records of one size lie, in bytes.
struct Section {
  let offset: Int
  let count: Int
  let stride: Int

  init(offset: Int, count: Int, stride: Int) {
    self.offset = offset
    self.count = count
    self.stride = stride
  }

  init(_ offset: UInt32, count: UInt32, stride: Int) {
    self.init(offset: Int(offset), count: Int(count), stride: stride)
  }

  init<Record>(_ offset: UInt32, count: UInt32, of type: Record.Type) {
    self.init(offset, count: count, stride: MemoryLayout<Record>.stride)
  }

  var end: Int { offset + count * stride }
  func offset(of index: Int) -> Int { offset + index * stride }
}
