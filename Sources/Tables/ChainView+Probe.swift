import Signals
import Wire

/// What an image says, read back for who proves that it is right: through the records, searches and
/// rows that evaluation uses. Not for speed.
extension ChainView {
  public struct TableContent: Sendable {
    public var name: String
    public var version: UInt64
    public var mode: Mode
    public var columnCount: Int
    public var ruleCount: Int
    public var hits: HitMode
    /// Meant where all matches are hits.
    public var hasDefault: Bool
    public var role: TableRole
    public var canary: CanaryPlan?
    /// Its word on late requests.
    public var onLate: Verdict
    /// By the key of an output.
    public var aggregations: [UInt32: OutputAggregation.Function]
  }

  public struct RuleContent: Sendable {
    public var name: String
    public var number: Int
    public var verdict: Verdict
    public var mode: Mode
    public var canary: CanaryPlan?
    /// In the order of the image; the key is the bit by which the chain merges equal outputs.
    public var outputs: [(key: UInt32, output: DecisionReply.Output)]
    /// Those of its outputs that are elements of a list as they stand.
    public var plainOutputs: Set<OutputIdentity>
  }

  public struct ColumnContent: Sendable {
    public var slot: Int
    /// Where the lookup and the rows lie; for the functions below.
    let input: InputRecord
    let record: ColumnRecord
    let table: TableRecord
    /// Of a clustered table: whether the rows are in full.
    let isFull: Bool
    public var foldsCase: Bool { input.foldsCase }
  }

  public func content(ofTable index: Int) -> TableContent {
    let table = self.table(index)
    let details = self.details(of: table)
    return TableContent(
      name: name(of: table), version: details.version, mode: mode(table.mode),
      columnCount: Int(table.columnCount), ruleCount: Int(table.ruleCount),
      hits: table.flags.contains(.hitsAll) ? .all : .first,
      hasDefault: table.flags.contains(.hasDefault), role: TableRole(code: details.role),
      canary: table.flags.contains(.hasCanary) ? canary(of: table) : nil,
      onLate: onLate(of: table), aggregations: aggregations(of: details))
  }

  private func aggregations(of details: TableDetails) -> [UInt32: OutputAggregation.Function] {
    var functions: [UInt32: OutputAggregation.Function] = [:]
    for index in 0..<Int(details.aggregationCount) {
      let record: AggregationRecord = load(
        at: Int(details.aggregationsOffset) + index * MemoryLayout<AggregationRecord>.stride)
      functions[record.key] = OutputAggregation.Function(code: record.function)
    }
    return functions
  }

  /// Whether an output's element of a list, and its number, are what its value makes them.
  private func hasItsElement(_ record: OutputRecord, _ table: TableRecord) -> Bool {
    guard table.flags.contains(.hitsAll), OutputKey.identity & 1 << UInt64(record.key) == 0 else {
      return record.element == .empty && record.number == 0
    }
    let value = decoded(text.extracting(record.encoded)).value
    if let aggregation = aggregation(of: record.key, table) {
      return DecimalNumber(value)?.value(atScale: Int(aggregation.scale)) == record.number
    }
    return (isPlain(record) || string(record.element) == jsonString(value)) && record.number == 0
  }

  /// Whether an output's element is its value, and may be.
  private func isPlain(_ record: OutputRecord) -> Bool {
    let value = decoded(text.extracting(record.encoded)).value
    return isPlainJSON(value) && string(record.element) == value
  }

  /// The rules' numbers, in the order of the image.
  public func ruleNumbers(ofTable tableIndex: Int) -> [Int] {
    let table = self.table(tableIndex)
    return (0..<Int(table.ruleCount)).map { Int(rule($0, of: table).number) }
  }

  public func content(ofRule index: Int, ofTable tableIndex: Int) -> RuleContent {
    let table = self.table(tableIndex)
    let rule = self.rule(index, of: table)
    var outputs: [(key: UInt32, output: DecisionReply.Output)] = []
    var plainOutputs: Set<OutputIdentity> = []
    for index in 0..<Int(rule.outputCount) {
      let record = self.output(index, of: rule)
      guard hasItsElement(record, table) else { continue }
      let output = decoded(text.extracting(record.encoded))
      outputs.append((record.key, output))
      if isPlain(record) { plainOutputs.insert(OutputIdentity(output)) }
    }
    return RuleContent(
      name: string(rule.name), number: Int(rule.number), verdict: verdict(rule.verdict),
      mode: mode(rule.mode), canary: CanaryPlan(rule.canary), outputs: outputs,
      plainOutputs: plainOutputs)
  }

  /// Columns come in the order of the image, which need not be that of the source.
  public func content(ofColumn index: Int, ofTable tableIndex: Int) -> ColumnContent {
    let table = self.table(tableIndex)
    let record = column(index, of: table)
    let input = self.input(Int(record.input))
    return ColumnContent(
      slot: Int(input.slot), input: input, record: record, table: table,
      isFull: details(of: table).clusters.isFull(index, plainCount: Int(table.plainColumnCount)))
  }

  /// The name and type of the signal in a slot, and what its numbers stand for.
  public func signal(inSlot slot: Int) -> (name: String, type: SignalType, scale: SignalScale) {
    (string(signalName(slot)), schema.slots[slot].type, schema.slots[slot].scale)
  }

  /// Whether a slot is read as a signal is: by source, key, part, type, scale, case and names.
  public func reads(_ signal: Signal, inSlot slot: Int) -> Bool {
    guard slot < slotCount else { return false }
    var names: [UInt8] = []
    let wanted = SlotDescriptor(signal, names: &names)
    let found = schema.slots[slot]
    return found.source == wanted.source && found.key == wanted.key && found.part == wanted.part
      && found.type == wanted.type && found.scale == wanted.scale && found.foldsCase == wanted.foldsCase
      && text.extracting(found.name).elementsEqual(names.span.extracting(wanted.name))
      && string(signalName(slot)) == signal.name
  }

  /// How a column divides its signal's values; `nil` where its lookup is not what a compiler makes:
  /// out of order, a class without a value, a member that its own hash does not find.
  public func partition(of column: ColumnContent) -> Partition? {
    let input = column.input
    let count = Int(input.lookupCount)
    let start = Int(input.lookupOffset)
    switch InputRecord.Kind(rawValue: input.kind) {
    case .directNumber, .directIndex:
      let classes = (0..<count).map { Int(load(at: start + $0 * 4) as UInt32) }
      return Set(classes).count == Int(input.rowCount) ? .direct(classes: classes) : nil
    case .wholeNumbers: return wholeNumberPartition(of: input)
    case .numbers: return numberPartition(of: input)
    case .addresses: return addressPartition(of: input)
    case .strings:
      return members(of: input, rowsPerClass: 1).map { members, classes in
        .strings(members: members, classes: classes.map { $0 + 1 })
      }
    case .list:
      return members(of: input, rowsPerClass: 2).map { .list(members: $0, classes: $1) }
    case nil: return nil
    }
  }

  /// As `numberPartition`, of whole numbers.
  private func wholeNumberPartition(of input: InputRecord) -> Partition? {
    let base = Int(input.lookupOffset)
    let index: WholeNumberIndex = load(at: base)
    let classes = (0..<Int(input.lookupCount)).map { place in
      load(at: base + MemoryLayout<WholeNumberIndex>.stride + 4 * place) as UInt32
    }
    let boundaries = index.boundaries(classes)
    guard index == WholeNumberIndex(boundaries), classes == index.classes(boundaries) else { return nil }
    return .numbers(boundaries: boundaries)
  }

  /// The partition of a lookup of numbers; `nil` unless it is what the builder makes of it.
  private func numberPartition(of input: InputRecord) -> Partition? {
    let base = Int(input.lookupOffset)
    let index: NumberIndex = load(at: base)
    let boundaries = (0..<Int(input.lookupCount)).map { place in
      load(at: base + Int(index.boundariesOffset) + 8 * place) as Double
    }
    let partition = Partition.numbers(boundaries: boundaries)
    guard partition.isConsistent, index == NumberIndex(boundaries),
      isLookup(at: base, { (builder) throws(ImageError) in try builder.appendNumbers(boundaries) })
    else { return nil }
    return partition
  }

  /// Whether the bytes at `base` are those that `append` makes of an empty image.
  func isLookup(
    at base: Int, _ append: (inout ImageBuilder) throws(ImageError) -> Void
  ) -> Bool {
    var builder = ImageBuilder()
    guard (try? append(&builder)) != nil else { return false }
    let bytes = builder.bytes.span
    for index in bytes.indices where bytes[index] != load(at: base + index) as UInt8 {
      return false
    }
    return true
  }

  /// The members of a lookup in the order of their classes; `nil` unless each class has one, its hash
  /// finds each member, and vacant entries are empty.
  private func members(
    of input: InputRecord, rowsPerClass: Int
  ) -> (members: [String], classes: [Int])? {
    let count = (Int(input.rowCount) - 1) / rowsPerClass
    var members = [[String]](repeating: [], count: count)
    for place in 0..<Int(input.lookupCount) {
      let entry: MemberRecord = load(
        at: Int(input.lookupOffset) + place * MemoryLayout<MemberRecord>.stride)
      guard entry.classIndex != MemberRecord.vacant else {
        if entry.hash != 0 || entry.text != .empty || entry.reserved != 0 { return nil }
        continue
      }
      let hash = stringHash(text, entry.text, foldingCase: input.foldsCase)
      let index = Int(entry.classIndex)
      guard index < count, entry.hash == hash, entry.reserved == 0,
        memberClass(of: input, entry.text, in: text) == index + 1
      else { return nil }
      members[index].append(string(entry.text))
    }
    if members.contains(where: \.isEmpty) { return nil }
    return (
      members.flatMap(\.self), members.indices.flatMap { index in members[index].map { _ in index } }
    )
  }

  /// The row that evaluation takes for a value or state of a column that holds no lists.
  public func rowIndex(
    of value: SignalValue, _ column: ColumnContent, in message: Span<UInt8>
  ) -> Int {
    let input = column.input
    guard value.state == .value else { return InputRecord.stateRow(value.state) }
    let classIndex: Int
    switch InputRecord.Kind(rawValue: input.kind) {
    case .directNumber: classIndex = directClass(of: input, value.number)
    case .directIndex: classIndex = directClass(of: input, index: value.low)
    case .wholeNumbers: classIndex = wholeNumberClass(of: input, value.number)
    case .numbers: classIndex = numberClass(of: input, value.number)
    case .addresses: classIndex = addressClass(of: input, value.address)
    case .strings: classIndex = memberClass(of: input, hash: value.low, value.text, in: message)
    case .list, nil: preconditionFailure("a list has no row of its own")
    }
    return InputRecord.stateRowCount + classIndex
  }

  /// The rows that evaluation takes for one member of a list: those of the rules that it is enough
  /// for and of those that it rules out; `nil` where no cell names it.
  public func listRows(
    ofMember member: ByteRange, _ column: ColumnContent, in message: Span<UInt8>
  ) -> (allowing: Int, forbidding: Int)? {
    let number = memberClass(of: column.input, member, in: message)
    let first = InputRecord.stateRowCount + 2 * number
    return number > 0 ? (first - 1, first) : nil
  }

  /// The row that evaluation begins with for a list's value.
  public var listBaseRow: Int { InputRecord.stateRowCount }

  /// The index of the rule of each bit of a table's rows; `nil` where the bit is that of another table's
  /// rule. A rule may have several bits: then it matches where, for one of them, the bits of all columns are
  /// set.
  public func ranks(ofTable index: Int) -> [Int?] {
    let table = self.table(index)
    guard table.isClustered else { return Array(0..<Int(table.ruleCount)) }
    let clusters = details(of: table).clusters
    let joint = jointLane(ofTable: index)
    return (0..<Int(clusters.bitCount)).map { bit in
      let rank = rank(ofBit: bit, clusters)
      guard let joint else { return Int(rank) }
      let rule = lanes(ofRule: rank, joint.group)[joint.lane]
      return rule == JointGroup.noRule ? nil : LaneRule(rawValue: rule).rule
    }
  }

  private func string(_ range: ByteRange) -> String { String(repairing: text.extracting(range)) }

  private func decoded(_ bytes: Span<UInt8>) -> DecisionReply.Output {
    let nameEnd = DecisionReply.outputFixedByteCount + Int(bytes[1])
    return DecisionReply.Output(
      kind: OutputKind(rawValue: bytes[0]) ?? .metadata,
      name: String(repairing: bytes.extracting(DecisionReply.outputFixedByteCount..<nameEnd)),
      value: String(repairing: bytes.extracting(nameEnd...)))
  }
}

extension TableRole {
  fileprivate init(code: UInt32) {
    switch code {
    case 0: self = .live
    case 1: self = .shadowOfChain
    default: self = .shadowOfTable(Int(code) - 2)
    }
  }
}

extension CanaryPlan {
  /// `nil` where everybody is in.
  init?(_ record: CanaryRecord) {
    guard record.bound < CanaryRecord.nobodyExcluded else { return nil }
    self.init(slot: Int(record.slot), basisPoints: Int(record.bound))
  }
}

extension OutputAggregation.Function {
  fileprivate init(code: UInt32) {
    self = code == 0 ? .sum : code == 1 ? .min : .max
  }
}
