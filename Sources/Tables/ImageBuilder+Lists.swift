import Wire

/// Tables whose matches are all hits: outputs are lists, or numbers made of numbers.
extension ImageBuilder {
  /// LIMIT: bytes of one output of a reply: its length field has 16 bits, and a proxy takes no more
  /// of a header.
  static let listByteCountMax = 60_000

  /// Appends the aggregations, and checks that the lists fit into a reply even if every rule matched.
  mutating func prepareLists(of table: TablePlan, _ details: inout TableDetails) throws(ImageError) {
    var records: [AggregationRecord] = []
    for aggregation in table.aggregations {
      let output = DecisionReply.Output(kind: aggregation.kind, name: aggregation.name, value: "")
      let values = table.rules.flatMap { rule in
        rule.outputs.filter { $0.kind == aggregation.kind && $0.name == aggregation.name }
      }
      let numbers = values.map { DecimalNumber($0.value) }
      let scale = numbers.compactMap { $0?.scale }.max() ?? 0
      var total: Int64 = 0
      for number in numbers {
        guard let value = number?.value(atScale: scale),
          case let (sum, overflow) = total.addingReportingOverflow(Int64(value.magnitude)),
          !overflow
        else {
          throw .inconsistent(
            "table `\(table.name)`: values of `\(aggregation.name)` that have no exact sum")
        }
        total = sum
      }
      let key = try key(of: output)
      scales[key] = scale
      records.append(
        AggregationRecord(key: key, function: aggregation.function.code, scale: UInt32(scale)))
    }
    try checkListLengths(of: table, but: Set(records.map(\.key)))
    align(to: 8)
    details.aggregationsOffset = UInt32(bytes.count)
    details.aggregationCount = UInt32(records.count)
    for record in records { append(record) }
  }

  private mutating func checkListLengths(
    of table: TablePlan, but aggregated: Set<UInt32>
  ) throws(ImageError) {
    var byteCounts: [UInt32: Int] = [:]
    // As if every rule had none of it, and then with what those that have it say in place of null.
    let nulls = 2 + table.rules.count * (OutputMerge.nullByteCount + 1)
    for output in table.rules.flatMap(\.outputs) {
      let key = try key(of: output)
      if aggregated.contains(key) { continue }
      byteCounts[key, default: nulls] +=
        try Self.element(output, in: table).utf8.count - OutputMerge.nullByteCount
    }
    for (_, byteCount) in byteCounts {
      try Self.check(
        "bytes of an output of table `\(table.name)`, if all its rules matched", byteCount,
        Self.listByteCountMax)
    }
  }
}

extension OutputAggregation.Function {
  var code: UInt32 {
    switch self {
    case .sum: 0
    case .min: 1
    case .max: 2
    }
  }
}
