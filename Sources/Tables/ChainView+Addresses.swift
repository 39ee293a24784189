/// From an address to its class.
extension ChainView {
  /// The class of the stretch that the last start at or below the address begins.
  @inline(__always)
  func addressClass(of input: InputRecord, _ address: UInt128) -> Int {
    let count = Int(input.lookupCount)
    let base = Int(input.lookupOffset)
    if count > AddressIndex.smallStartCountMax { return indexedAddressClass(at: base, address) }
    let stretch = countLeading(count) { start(at: base &+ $0 &* 16) <= address }
    let number: UInt32 = load(at: base &+ count &* 16 &+ stretch &* 4)
    return Int(number)
  }

  /// Not inlined: it is long, and its misses cost more than a call.
  @inline(never)
  private func indexedAddressClass(at base: Int, _ address: UInt128) -> Int {
    let index: AddressIndex = load(at: base)
    return address &>> 32 == MappedAddresses.first &>> 32
      ? ipv4Class(index, at: base, UInt32(truncatingIfNeeded: address))
      : ipv6Class(index, at: base, address)
  }

  @inline(__always)
  private func ipv4Class(_ index: AddressIndex, at base: Int, _ address: UInt32) -> Int {
    let stride = MemoryLayout<AddressStretch>.stride
    let entry = base &+ Int(index.tableOffset) &+ index.entry(of: address) &* stride
    let first: UInt32 = load(at: entry)
    let starts = base &+ Int(index.ipv4Offset) &+ Int(first) &* stride
    var found = 0
    if index.probeCount <= UInt32(AddressIndex.probeCountMax) {
      for probe in 0..<(AddressIndex.probeCountMax / 2) {
        let start: UInt32 = load(at: starts &+ probe &* stride)
        found &+= bit(start <= address)
      }
      if index.probeCount > UInt32(AddressIndex.probeCountMax / 2) {
        for probe in (AddressIndex.probeCountMax / 2)..<AddressIndex.probeCountMax {
          let start: UInt32 = load(at: starts &+ probe &* stride)
          found &+= bit(start <= address)
        }
      }
      // The last address is not below what lies behind the last start.
      found = min(found, Int(index.ipv4Count) &- Int(first))
    } else {
      let end: UInt32 = load(at: entry &+ stride)
      found = countLeadingOfFew(Int(end) &- Int(first)) { number in
        let start: UInt32 = load(at: starts &+ number &* stride)
        return start <= address
      }
    }
    let stretch: AddressStretch = load(
      at: found == 0 ? entry : starts &+ (found &- 1) &* stride)
    return Int(stretch.classIndex)
  }

  @inline(__always)
  private func ipv6Class(_ index: AddressIndex, at base: Int, _ address: UInt128) -> Int {
    var node = 0
    var level: AddressLevel = load(at: base &+ MemoryLayout<AddressIndex>.stride)
    for number in 1..<max(1, Int(index.levelCount)) {
      let below: AddressLevel = load(
        at: base &+ MemoryLayout<AddressIndex>.stride
          &+ number &* MemoryLayout<AddressLevel>.stride)
      let found = startCount(inNode: node, of: level, at: base, upTo: address)
      // The last address is not below the ones behind the last start.
      node = min(
        node &* AddressIndex.nodeStartCount &+ max(found &- 1, 0), Int(below.nodeCount) &- 1)
      level = below
    }
    let found = startCount(inNode: node, of: level, at: base, upTo: address)
    let stretch = min(node &* AddressIndex.nodeStartCount &+ found, Int(index.ipv6Count))
    let number: UInt32 = load(at: base &+ Int(index.classesOffset) &+ stretch &* 4)
    return Int(number)
  }

  /// How many of a node's starts are at or below an address.
  @inline(__always)
  private func startCount(
    inNode node: Int, of level: AddressLevel, at base: Int, upTo address: UInt128
  ) -> Int {
    let first = base &+ Int(level.offset) &+ node &* AddressIndex.nodeByteCount
    var found = 0
    for key in 0..<AddressIndex.nodeStartCount {
      found &+= bit(start(at: first &+ key &* 16) <= address)
    }
    return found
  }

  @inline(__always)
  private func start(at offset: Int) -> UInt128 {
    let high: UInt64 = load(at: offset)
    let low: UInt64 = load(at: offset &+ 8)
    return UInt128(high) << 64 | UInt128(low)
  }
}
