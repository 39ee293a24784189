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
    guard Self.isVerdict(details.onLate) else { throw .malformed(offset: offset) }
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
