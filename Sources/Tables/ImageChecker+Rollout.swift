import Signals
import Wire

extension ImageChecker {
  /// Checks what replies and unusual tables need.
  func checkDetails(of table: TableRecord, isLive: Bool) throws(ImageError) {
    let offset = Int(table.detailsOffset)
    let details: TableDetails = try record(at: offset)
    guard isLive ? details.role == 0 : 1..<header.liveTableCount + 2 ~= details.role else {
      throw .malformed(offset: offset)
    }
    try checkName(details.name, at: offset)
    try checkCanary(details.canary, at: offset)
    let records = Section(
      details.aggregationsOffset, count: details.aggregationCount, of: AggregationRecord.self)
    guard records.count <= Int(OutputKey.countMax) else { throw .malformed(offset: offset) }
    for index in 0..<records.count {
      let aggregation: AggregationRecord = try record(at: records.offset(of: index))
      guard aggregation.key < OutputKey.countMax, aggregation.function <= 2,
        aggregation.scale <= DecimalNumber.digitCountMax
      else { throw .malformed(offset: records.offset(of: index)) }
    }
  }

  /// Checks that a list fits into a reply whatever rules match. `rules` and details of `table` have
  /// been checked.
  func checkLists(of rules: Section, _ table: TableRecord) throws(ImageError) {
    let details: TableDetails = try record(at: Int(table.detailsOffset))
    let aggregations = Section(
      details.aggregationsOffset, count: details.aggregationCount, of: AggregationRecord.self)
    /// What never becomes a list, as bits.
    var others = OutputKey.identity
    for index in 0..<aggregations.count {
      let aggregation: AggregationRecord = try record(at: aggregations.offset(of: index))
      others |= 1 << UInt64(aggregation.key)
    }
    // As if every rule had none of it, and then with what those that have it say in place of null.
    let nulls = 2 + rules.count * (OutputMerge.nullByteCount + 1)
    var byteCounts = [Int?](repeating: nil, count: Int(OutputKey.countMax))
    for index in 0..<rules.count {
      let rule: RuleRecord = try record(at: rules.offset(of: index))
      let outputs = Section(rule.outputsOffset, count: rule.outputCount, of: OutputRecord.self)
      for index in 0..<outputs.count {
        let output: OutputRecord = try record(at: outputs.offset(of: index))
        if others & 1 << UInt64(output.key) != 0 { continue }
        byteCounts[Int(output.key)] =
          (byteCounts[Int(output.key)] ?? nulls) + Int(output.element.count) - OutputMerge.nullByteCount
      }
    }
    for case let byteCount? in byteCounts where byteCount > ImageBuilder.listByteCountMax {
      throw .malformed(offset: rules.offset)
    }
  }

  /// A canary's key is read as a string.
  func checkCanary(_ canary: CanaryRecord, at offset: Int) throws(ImageError) {
    if canary.bound >= CanaryRecord.nobodyExcluded {
      guard canary.bound == CanaryRecord.nobodyExcluded else { throw .malformed(offset: offset) }
      return
    }
    guard canary.slot < header.slotCount, try slot(Int(canary.slot)).type == .string else {
      throw .malformed(offset: offset)
    }
  }
}
