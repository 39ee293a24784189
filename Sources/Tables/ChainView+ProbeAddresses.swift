import Wire

extension ChainView {
  /// The partition of a lookup of addresses; `nil` unless it is byte for byte what the builder makes of
  /// that partition.
  func addressPartition(of input: InputRecord) -> Partition? {
    let base = Int(input.lookupOffset)
    let count = Int(input.lookupCount)
    var starts: [UInt128] = []
    var classes: [Int] = []
    if count <= AddressIndex.smallStartCountMax {
      starts = (0..<count).map { address(at: base + $0 * 16) }
      classes = (0...count).map { classIndex(at: base + count * 16 + $0 * 4) }
    } else {
      let index: AddressIndex = load(at: base)
      let leaves = index.levels[Int(index.levelCount) - 1]
      var stretches = (0..<Int(index.ipv4Count)).map { number in
        let stretch: AddressStretch = load(at: base + Int(index.ipv4Offset) + number * 8)
        return (MappedAddresses.first + UInt128(stretch.first), Int(stretch.classIndex))
      }
      let classesAt = base + Int(index.classesOffset)
      stretches += (0..<Int(index.ipv6Count)).map { number in
        (
          address(at: base + Int(leaves.offset) + number * 16),
          classIndex(at: classesAt + (number + 1) * 4)
        )
      }
      stretches.sort { $0.0 < $1.0 }
      starts = stretches.map(\.0)
      classes = [classIndex(at: classesAt)] + stretches.map(\.1)
    }
    guard zip(starts, starts.dropFirst()).allSatisfy(<),
      Set(classes).count == Int(input.rowCount),
      isLookup(at: base, { (builder) throws(ImageError) in
        guard try builder.appendAddresses(starts, classes) == input.lookupCount else {
          throw .malformed(offset: base)
        }
      })
    else { return nil }
    return .addresses(starts: starts, classes: classes)
  }

  private func address(at offset: Int) -> UInt128 {
    UInt128(load(at: offset) as UInt64) << 64 | UInt128(load(at: offset + 8) as UInt64)
  }

  private func classIndex(at offset: Int) -> Int { Int(load(at: offset) as UInt32) }
}
