import Signals
import Wire

/// Lays a plan out as one relocatable block of bytes.
///
/// Sections are appended as they are met; a record that points at something is appended after it.
struct ImageBuilder: ~Copyable {
  /// LIMIT: offsets have 32 bits, and a table of 100,000 rules and a dozen columns needs a tenth.
  static let byteCountMax = 1 << 30

  var bytes = ByteWriter(capacity: 4096)
  private var text: [UInt8] = []
  /// Where each text lies, by its bytes: strings that only look alike are not the same.
  private var textRanges: [[UInt8]: ByteRange] = [:]
  var outputKeys: [OutputIdentity: UInt32] = [:]
  /// Of the table at hand: the decimal places of each output that is aggregated.
  var scales: [UInt32: Int] = [:]
  /// The inputs of the chain, in the order of the image.
  var inputs: [InputPlan] = []
  var lanes = LanePlan()
  var joint = JointPlan()
  /// LIMIT: bytes of all rows in full of clustered tables: a quarter of the image, so that they do not make
  /// one too large that would fit without them.
  var fullByteCountLeft = byteCountMax / 4
  /// Tables of as many rules may be clustered; where it is below what it is by default, they are.
  private let clusteredRuleCount: Int
  /// Blocks up to which such a table has sections.
  let sectionBlockCountMax: Double
  private let byteCountMax: Int

  init(
    clusteredRuleCount: Int = TablePlan.clusteredRuleCountMin,
    sectionBlockCountMax: Double = TablePlan.sectionBlockCountMax, byteCountMax: Int = Self.byteCountMax
  ) {
    self.clusteredRuleCount = clusteredRuleCount
    self.sectionBlockCountMax = sectionBlockCountMax
    self.byteCountMax = byteCountMax
  }

  /// Builds the image of a plan. `joining`: with its clustered candidates as one table, where that fits.
  static func image(
    of plan: ChainPlan, clusteringFrom ruleCount: Int = TablePlan.clusteredRuleCountMin,
    sectionBlockCountMax: Double = TablePlan.sectionBlockCountMax, byteCountMax: Int = Self.byteCountMax,
    joining: Bool = true
  ) throws(ImageError) -> ByteWriter {
    var builder = ImageBuilder(
      clusteredRuleCount: ruleCount, sectionBlockCountMax: sectionBlockCountMax, byteCountMax: byteCountMax)
    do throws(ImageError) {
      try builder.append(plan, joining: joining)
    } catch {
      // One by one, tables may fit that together do not.
      guard joining, case .tooMany = error, plan.tables.contains(where: { $0.role != .live }) else {
        throw error
      }
      return try image(
        of: plan, clusteringFrom: ruleCount, sectionBlockCountMax: sectionBlockCountMax,
        byteCountMax: byteCountMax, joining: false)
    }
    return builder.finish()
  }

  private consuming func finish() -> ByteWriter { bytes }

  private mutating func append(_ plan: ChainPlan, joining: Bool) throws(ImageError) {
    let liveCount = plan.tables.prefix { $0.role == .live }.count
    try Self.check("tables in a chain", liveCount, ChainPlan.tableCountMax)
    try Self.check("shadows in a chain", plan.tables.count - liveCount, ChainPlan.shadowCountMax)
    try Self.check("signals in a chain", plan.signals.count, SchemaView.slotCountMax)
    var header = ImageHeader()
    header.onLate = UInt32(plan.onLate.rawValue)
    header.slotCount = UInt32(plan.signals.count)
    header.tableCount = UInt32(plan.tables.count)
    header.liveTableCount = UInt32(liveCount)
    append(header)

    // The schema's names come first in the text, so that their ranges need no change.
    let slots = plan.signals.map { SlotDescriptor($0, names: &self.text) }
    header.headers = SchemaView.Headers(of: slots.span)
    align(to: 16)
    header.slotsOffset = UInt32(bytes.count)
    for slot in slots { append(slot) }
    header.slotNamesOffset = UInt32(bytes.count)
    for signal in plan.signals { append(add(signal.name)) }

    let clusteredRuleCount = clusteredRuleCount
    var shared = plan.sharingPartitions { $0.isClustered(from: clusteredRuleCount) }
    let joined = joining ? joinedTables(of: shared, liveCount: liveCount) : nil
    if let joined { shared = joined.plan }
    try appendInputs(of: shared, &header)
    header.lanesOffset = try appendLanes(of: shared.tables[liveCount...])
    if let joined { header.jointOffset = try appendJoint(joined, liveCount: liveCount) }
    var records: [TableRecord] = []
    for table in shared.tables {
      guard let role = table.role.code(liveCount: liveCount, isShadow: records.count >= liveCount)
      else { throw .inconsistent("table `\(table.name)`, what it is a shadow of") }
      let candidate = records.count - liveCount
      let place: RowsPlace =
        joint.group.lane(ofTable: records.count, liveCount: liveCount) != nil ? .joint
        : candidate >= 0 && lanes.group.contains(candidate) ? .lane(candidate) : .own
      records.append(try append(table, role: role, place, plan.signals))
    }
    align(to: 16)
    header.tablesOffset = UInt32(bytes.count)
    for record in records { append(record) }
    let text = self.text
    header.text = ByteRange(offset: bytes.count, count: text.count)
    bytes.append(text.span)
    align(to: 64)
    header.byteCount = UInt32(bytes.count)
    overwrite(header)
  }

  private mutating func append(
    _ table: TablePlan, role: UInt32, _ place: RowsPlace, _ signals: [Signal]
  ) throws(ImageError) -> TableRecord {
    try Self.check(
      "columns in table `\(table.name)`", table.columns.count, TablePlan.columnCountMax)
    try Self.check("rules in table `\(table.name)`", table.rules.count, TablePlan.ruleCountMax)
    var record = TableRecord()
    record.mode = UInt32(table.mode.rawValue)
    record.wordsPerRow = UInt32(TableRecord.wordsPerRow(ruleCount: table.rules.count))
    record.flags = table.flags
    var details = TableDetails()
    details.version = table.version
    details.name = add(table.name)
    details.role = role
    details.canary = try Self.canary(table.canary, plan: signals)
    details.onLate = UInt32(table.onLate.rawValue)
    scales = [:]
    if table.hits == .all { try prepareLists(of: table, &details) }
    let columns = try appendColumns(of: table, place, &record, &details)
    var rules: [RuleRecord] = []
    for rule in table.rules {
      rules.append(try append(rule, of: table))
      rules[rules.count - 1].canary = try Self.canary(rule.canary, plan: signals)
    }

    align(to: 16)
    record.columnsOffset = UInt32(bytes.count)
    record.columnCount = UInt16(columns.count)
    record.plainColumnCount = UInt16(columns.count { inputs[Int($0.input)].kind != .list })
    for column in columns { append(column) }
    align(to: 16)
    record.rulesOffset = UInt32(bytes.count)
    record.ruleCount = UInt32(rules.count)
    for rule in rules { append(rule) }
    align(to: 8)
    record.detailsOffset = UInt32(bytes.count)
    append(details)
    return record
  }

  /// Where the rows of a table lie.
  private enum RowsPlace {
    case own
    case lane(Int)
    case joint
  }

  /// Appends the rows of a table's columns, where they are its own, and returns its columns in their order.
  private mutating func appendColumns(
    of table: TablePlan, _ place: RowsPlace, _ record: inout TableRecord, _ details: inout TableDetails
  ) throws(ImageError) -> [ColumnRecord] {
    let inputs = table.columns.map { UInt32(inputIndex(of: $0)) }
    switch place {
    case .joint:
      record.flags.insert(.isJoint)
      record.wordsPerRow = 0
      record.rowByteCount = joint.group.table.rowByteCount
      let (columns, clusters) = joint.columns(ofInputs: Set(inputs))
      details.clusters = clusters
      return columns
    case .lane(let lane):
      record.wordsPerRow = lanes.group.blockCount
      record.rowByteCount = lanes.group.rowByteCount
      return inputs.sorted().map {
        ColumnRecord(input: $0, rowsOffset: lanes.rowsOffset(ofInput: Int($0), lane: lane))
      }
    case .own where isClustered(table):
      record.wordsPerRow = 0
      let rows = try appendClusters(of: table, &details)
      record.rowByteCount = record.byteCount(clusters: details.clusters)
      return zip(inputs, rows).sorted { $0.1.place < $1.1.place }.map {
        ColumnRecord(input: $0, rowsOffset: $1.rowsOffset)
      }
    case .own:
      record.rowByteCount = record.byteCount(clusters: details.clusters)
      var columns: [ColumnRecord] = []
      for (input, column) in zip(inputs, table.columns) {
        let rowsOffset = try appendRows(of: column, ruleCount: table.rules.count)
        columns.append(ColumnRecord(input: input, rowsOffset: rowsOffset))
      }
      return columns.sorted { $0.input < $1.input }
    }
  }

  func isClustered(_ table: TablePlan) -> Bool { table.isClustered(from: clusteredRuleCount) }

  /// Where a text lies in the text section; the same text lies there once.
  mutating func add(_ string: String) -> ByteRange { add(Array(string.utf8)) }

  mutating func add(_ bytes: [UInt8]) -> ByteRange {
    if let known = textRanges[bytes] { return known }
    let range = ByteRange(offset: text.count, count: bytes.count)
    text += bytes
    textRanges[bytes] = range
    return range
  }

  mutating func align(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(UInt8(0)) }
  }

  /// Appends a record as it lies in memory, padding included.
  mutating func append<Record: BitwiseCopyable>(_ record: Record) {
    unsafe bytes.appendUnsafe(upTo: MemoryLayout<Record>.stride) { target in
      // SAFETY: the target has room for a whole stride, and records have no references.
      unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
      unsafe target.storeBytes(of: record, as: Record.self)
      return MemoryLayout<Record>.stride
    }
  }

  private mutating func overwrite(_ header: ImageHeader) {
    var copy = ImageBuilder(clusteredRuleCount: clusteredRuleCount)
    copy.append(header)
    for index in copy.bytes.span.indices { bytes.store(copy.bytes.span[index], at: index) }
  }

  /// Throws when `byteCount` bytes more would make the image too large.
  func checkRoom(for byteCount: Int) throws(ImageError) {
    try Self.check("bytes in a chain", bytes.count + text.count + byteCount, byteCountMax)
  }

  static func check(_ what: String, _ count: Int, _ limit: Int) throws(ImageError) {
    guard count <= limit else { throw .tooMany(what, count: count, limit: limit) }
  }
}
