import Wire

/// Outputs of several rules on their way into one reply: each kind and name once.
struct OutputMerge {
  /// Bit `k`: the output of key `k` is there, or is not to come.
  var written: UInt64 = 0
  private(set) var count = 0

  /// `null`, first letter lowest.
  private static let null = UInt32(0x6C6C_756E)

  /// Bytes of a null in a list.
  static let nullByteCount = 4

  /// Appends a rule's outputs of the keys of `wanted` that are not there yet.
  mutating func write(
    _ rule: RuleRecord, of chain: ChainView, wanted: UInt64, to out: inout ByteWriter
  ) {
    for index in 0..<Int(rule.outputCount) {
      let output = chain.output(index, of: rule)
      let bit: UInt64 = 1 &<< UInt64(output.key)
      guard wanted & ~written & bit != 0 else { continue }
      written |= bit
      out.append(chain.text.extracting(output.encoded))
      count += 1
    }
  }

  /// Appends the outputs of a table whose matches are all hits, each made of the values of its
  /// enforced hits in their order: a JSON array, or a number where the table aggregates it. A hit
  /// without a value has null in its place, so that the arrays of several outputs align; an output that
  /// is null for all of them, or whose number is, is left out as one hit's empty cell is. So is a list too
  /// long for a reply, which no table that the builder has laid out can have.
  mutating func writeLists(
    _ places: Range<Int>, _ table: TableRecord, _ hits: borrowing ScratchList<Hit>, _ chain: ChainView,
    wanted: UInt64, to out: inout ByteWriter
  ) {
    var rest = wanted & ~written
    for place in places where hits[place].isEnforced {
      let rule = chain.rule(Int(hits[place].rule), of: table)
      for index in 0..<Int(rule.outputCount) {
        let output = chain.output(index, of: rule)
        let bit: UInt64 = 1 &<< UInt64(output.key)
        guard rest & bit != 0 else { continue }
        rest &= ~bit
        let aggregation = chain.aggregation(of: output.key, table)
        let number = aggregation.flatMap { self.number($0, places, table, hits, chain) }
        if aggregation != nil, number == nil { continue }
        // The kind and the name, with a length to be stored once the value is there.
        let start = out.count
        let nameByteCount = Int(chain.text[output.encoded.start + 1])
        let head = DecisionReply.outputFixedByteCount + nameByteCount
        out.append(chain.text.extracting(ByteRange(offset: output.encoded.start, count: head)))
        if let aggregation, let number {
          appendDecimal(number, scale: Int(aggregation.scale), to: &out)
        } else if !appendArray(of: output.key, places, table, hits, chain, to: &out) {
          out.truncate(to: start)
          continue
        }
        out.store(UInt16(out.count - start - head), at: start + 2)
        written |= bit
        count += 1
      }
    }
  }

  /// `false` where the list is too long.
  private func appendArray(
    of key: UInt32, _ places: Range<Int>, _ table: TableRecord, _ hits: borrowing ScratchList<Hit>,
    _ chain: ChainView, to out: inout ByteWriter
  ) -> Bool {
    let start = out.count
    var separator = UInt8(ascii: "[")
    for place in places where hits[place].isEnforced {
      let rule = chain.rule(Int(hits[place].rule), of: table)
      out.append(separator)
      separator = UInt8(ascii: ",")
      if let output = chain.output(ofKey: key, rule) {
        out.append(chain.text.extracting(output.element))
      } else {
        out.append(Self.null)
      }
      if out.count - start >= OutputFault.listByteCountMax { return false }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  /// The number of an aggregated output; `nil` for the null that one hit without a value makes of it.
  private func number(
    _ aggregation: AggregationRecord, _ places: Range<Int>, _ table: TableRecord,
    _ hits: borrowing ScratchList<Hit>, _ chain: ChainView
  ) -> Int64? {
    var result: Int64?
    for place in places where hits[place].isEnforced {
      let rule = chain.rule(Int(hits[place].rule), of: table)
      guard let number = chain.output(ofKey: aggregation.key, rule)?.number else { return nil }
      guard let before = result else {
        result = number
        continue
      }
      switch aggregation.function {
      // The builder has refused sums that could overflow.
      case 0: result = before &+ number
      case 1: result = min(before, number)
      default: result = max(before, number)
      }
    }
    return result
  }

  /// Appends a number of `scale` decimal places, without zeros behind the last that counts.
  private func appendDecimal(_ number: Int64, scale: Int, to out: inout ByteWriter) {
    var digits = number.magnitude
    var scale = scale
    while scale > 0, digits % 10 == 0 {
      digits /= 10
      scale -= 1
    }
    if number < 0 { out.append(UInt8(ascii: "-")) }
    var divisor: UInt64 = 1
    var places = 0
    while digits / divisor >= 10 || places < scale {
      divisor *= 10
      places += 1
    }
    while true {
      out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digits / divisor % 10))
      if places == 0 { return }
      if places == scale { out.append(UInt8(ascii: ".")) }
      divisor /= 10
      places -= 1
    }
  }
}

extension ChainView {
  func output(ofKey key: UInt32, _ rule: RuleRecord) -> OutputRecord? {
    for index in 0..<Int(rule.outputCount) {
      let output = output(index, of: rule)
      if output.key == key { return output }
    }
    return nil
  }

  /// How a table makes one number of an output; `nil` where it makes a list.
  func aggregation(of key: UInt32, _ table: TableRecord) -> AggregationRecord? {
    let details = details(of: table)
    for index in 0..<Int(details.aggregationCount) {
      let record: AggregationRecord = load(
        at: Int(details.aggregationsOffset) + index * MemoryLayout<AggregationRecord>.stride)
      if record.key == key { return record }
    }
    return nil
  }
}
