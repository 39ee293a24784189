extension ImageChecker {
  /// Checks all that a search reads of a lookup of addresses. Where its starts lie among one another
  /// decides which class is found, and no search leaves the lookup whatever they are.
  func checkAddresses(_ lookup: Section, of input: InputRecord) throws(ImageError) {
    guard lookup.count > AddressIndex.smallStartCountMax else {
      return try checkClasses(
        Section(offset: lookup.end, count: lookup.count + 1, stride: 4), of: input)
    }
    let index: AddressIndex = try record(at: lookup.offset)
    guard index.isLaidOut(unitCount: lookup.count) else { throw .malformed(offset: lookup.offset) }
    let levels = index.levels
    guard levels.count <= AddressIndex.levelCountMax else {
      throw .malformed(offset: lookup.offset)
    }
    for (number, level) in levels.enumerated() {
      let offset = lookup.offset + MemoryLayout<AddressIndex>.stride + number * 8
      let end =
        lookup.offset + Int(level.offset) + Int(level.nodeCount) * AddressIndex.nodeByteCount
      guard try record(at: offset) as AddressLevel == level, end <= lookup.end else {
        throw .malformed(offset: offset)
      }
    }
    let table = Section(
      offset: lookup.offset + Int(index.tableOffset), count: Int(index.tableCount) + 1, stride: 8)
    var last: UInt32 = 0
    for entry in 0..<table.count {
      let stretch: AddressStretch = try record(at: table.offset(of: entry))
      guard stretch.first >= last, stretch.first <= index.ipv4Count,
        stretch.classIndex < input.rowCount
      else { throw .malformed(offset: table.offset(of: entry)) }
      last = stretch.first
    }
    let starts = Section(
      offset: lookup.offset + Int(index.ipv4Offset), count: Int(index.ipv4Count), stride: 8)
    // A search looks at a node's worth behind the last.
    guard starts.offset(of: starts.count + AddressIndex.nodeStartCount) <= lookup.end else {
      throw .malformed(offset: lookup.offset)
    }
    for number in 0..<starts.count {
      let stretch: AddressStretch = try record(at: starts.offset(of: number))
      guard stretch.classIndex < input.rowCount else {
        throw .malformed(offset: starts.offset(of: number))
      }
    }
    try checkClasses(
      Section(
        offset: lookup.offset + Int(index.classesOffset), count: Int(index.ipv6Count) + 1,
        stride: 4), of: input)
  }
}
