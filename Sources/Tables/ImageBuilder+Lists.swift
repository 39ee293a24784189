import Wire

/// Tables whose matches are all hits: outputs are lists, or numbers made of numbers.
extension ImageBuilder {
  /// Appends the aggregations, and checks that all outputs fit into replies.
  mutating func prepareLists(of table: TablePlan, _ details: inout TableDetails) throws(ImageError) {
    for output in table.rules.lazy.flatMap(\.outputs)
    where table.plainOutputs.contains(OutputIdentity(output)) && !isPlainJSON(output.value) {
      throw .inconsistent(
        "table `\(table.name)`: `\(output.value)` of `\(output.name)` is no number or boolean of JSON")
    }
    if let fault = table.outputFaults().first { throw .output(fault) }
    var records: [AggregationRecord] = []
    for aggregation in table.aggregations {
      let output = DecisionReply.Output(kind: aggregation.kind, name: aggregation.name, value: "")
      let scale = table.scale(of: aggregation) ?? 0
      let key = try key(of: output)
      scales[key] = scale
      records.append(
        AggregationRecord(key: key, function: aggregation.function.code, scale: UInt32(scale)))
    }
    align(to: 8)
    details.aggregationsOffset = UInt32(bytes.count)
    details.aggregationCount = UInt32(records.count)
    for record in records { append(record) }
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
