import Wire

extension ImageBuilder {
  /// Appends the lookup of addresses; `classes` has one more than `starts`. Returns how many starts a
  /// small one has, or how many units a large one.
  mutating func appendAddresses(
    _ starts: [UInt128], _ classes: [Int]
  ) throws(ImageError) -> UInt32 {
    if starts.count <= AddressIndex.smallStartCountMax {
      for start in starts { append(start) }
      for number in classes { bytes.append(UInt32(number)) }
      return UInt32(starts.count)
    }
    try Self.check(
      "stretches of addresses in a column", starts.count, AddressIndex.startCountMax)
    // An upper bound: table and starts of IPv4, nodes and classes of IPv6.
    try checkRoom(for: 4096 + starts.count * 80)
    var ipv4: [AddressStretch] = []
    var ipv6: [(start: UInt128, classIndex: Int)] = []
    var ipv4Class = classes[0]
    var endClass = classes[0]
    for (start, number) in zip(starts, classes.dropFirst()) {
      if start < MappedAddresses.first { ipv4Class = number }
      if start <= MappedAddresses.end { endClass = number }
      if (MappedAddresses.first..<MappedAddresses.end).contains(start) {
        ipv4.append(
          AddressStretch(
            first: UInt32(truncatingIfNeeded: start), classIndex: UInt32(number)))
      } else {
        ipv6.append((start, number))
      }
    }
    // Behind IPv4, IPv6 goes on with the class of the last IPv4 address or of its own start there.
    let place = ipv6.firstIndex { $0.start >= MappedAddresses.end } ?? ipv6.count
    if place == ipv6.count || ipv6[place].start > MappedAddresses.end {
      ipv6.insert((MappedAddresses.end, endClass), at: place)
    }
    let index = AddressIndex(ipv4Starts: ipv4.map(\.first), ipv6Count: ipv6.count)
    let base = bytes.count
    append(index)
    let levels = index.levels
    for number in 0..<AddressIndex.levelCountMax {
      append(number < levels.count ? levels[number] : AddressLevel())
    }
    pad(to: base + Int(index.tableOffset))
    appendTable(of: ipv4, index, before: UInt32(ipv4Class))
    pad(to: base + Int(index.ipv4Offset))
    for stretch in ipv4 { append(stretch) }
    // A search looks at so many behind the last; no address is above them.
    for _ in 0..<AddressIndex.nodeStartCount {
      append(AddressStretch(first: .max, classIndex: UInt32(ipv4Class)))
    }
    for (number, level) in levels.enumerated() {
      pad(to: base + Int(level.offset))
      // A key of this level stands for so many starts.
      var step = 1
      for _ in (number + 1)..<levels.count { step *= AddressIndex.nodeStartCount }
      for key in 0..<(Int(level.nodeCount) * AddressIndex.nodeStartCount) {
        append(key * step < ipv6.count ? ipv6[key * step].start : .max)
      }
    }
    pad(to: base + Int(index.classesOffset))
    bytes.append(UInt32(classes[0]))
    for stretch in ipv6 { bytes.append(UInt32(stretch.classIndex)) }
    pad(to: base + Int(index.unitCount) * AddressIndex.unitByteCount)
    return index.unitCount
  }

  private mutating func appendTable(
    of stretches: [AddressStretch], _ index: AddressIndex, before: UInt32
  ) {
    var below = 0
    for entry in 0...Int(index.tableCount) {
      while below < stretches.count, index.entry(of: stretches[below].first) < entry { below += 1 }
      append(
        AddressStretch(
          first: UInt32(below),
          classIndex: below == 0 ? before : stretches[below - 1].classIndex))
    }
  }

  private mutating func append(_ start: UInt128) {
    bytes.append(UInt64(truncatingIfNeeded: start >> 64))
    bytes.append(UInt64(truncatingIfNeeded: start))
  }

  private mutating func pad(to offset: Int) {
    while bytes.count < offset { bytes.append(UInt8(0)) }
  }
}
