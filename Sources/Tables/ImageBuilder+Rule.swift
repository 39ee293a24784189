import Wire

extension ImageBuilder {
  /// Appends a rule's outputs; its record, which is returned, comes later.
  mutating func append(_ rule: RulePlan, of table: TablePlan) throws(ImageError) -> RuleRecord {
    var outputs = [DecisionReply.Output(kind: .table, value: table.name)]
    if !rule.name.isEmpty { outputs.append(.init(kind: .rule, value: rule.name)) }
    outputs += rule.outputs
    var keyed: [(key: UInt32, output: DecisionReply.Output, encoded: [UInt8])] = []
    var keys: UInt64 = 0
    for output in outputs {
      try Self.check(
        "bytes in an output's name", output.name.utf8.count, OutputRecord.nameByteCountMax)
      try Self.check(
        "bytes in an output's value", output.value.utf8.count, OutputRecord.valueByteCountMax)
      let key = try key(of: output)
      guard keys & 1 << UInt64(key) == 0 else {
        throw .inconsistent("table `\(table.name)`, rule \(rule.number): an output comes twice")
      }
      keys |= 1 << UInt64(key)
      keyed.append((key, output, Self.encoded(output)))
    }
    let inReplyOrder =
      keyed.filter { $0.key < OutputKey.obligation } + keyed.filter { $0.key >= OutputKey.obligation }
    let run = inReplyOrder.flatMap(\.encoded)
    try checkRoom(for: run.count + keyed.count * MemoryLayout<OutputRecord>.stride)
    var record = RuleRecord()
    record.verdict = UInt32(rule.verdict.rawValue)
    record.number = UInt32(rule.number)
    record.name = add(rule.name)
    record.encodedOutputs = add(run)
    record.mode = UInt32(rule.mode.rawValue)
    align(to: 8)
    record.outputsOffset = UInt32(bytes.count)
    record.outputCount = UInt32(keyed.count)
    var start = record.encodedOutputs.start
    for output in inReplyOrder {
      let encoded = ByteRange(offset: start, count: output.encoded.count)
      append(try self.record(of: output.output, output.key, encoded, in: table))
      start = encoded.end
    }
    return record
  }

  private mutating func record(
    of output: DecisionReply.Output, _ key: UInt32, _ encoded: ByteRange, in table: TablePlan
  ) throws(ImageError) -> OutputRecord {
    var record = OutputRecord(key: key, encoded: encoded)
    guard table.hits == .all, OutputKey.identity & 1 << UInt64(key) == 0 else { return record }
    if let scale = scales[key] {
      record.number = DecimalNumber(output.value)?.value(atScale: scale) ?? 0
    } else {
      record.element = add(table.element(output))
    }
    return record
  }

  mutating func key(of output: DecisionReply.Output) throws(ImageError) -> UInt32 {
    if let fixed = OutputKey.fixed(output.kind) { return fixed }
    let identity = OutputIdentity(output)
    if let known = outputKeys[identity] { return known }
    let key = OutputKey.firstNamed + UInt32(outputKeys.count)
    try Self.check("different outputs in a chain", Int(key) + 1, Int(OutputKey.countMax))
    outputKeys[identity] = key
    return key
  }

  private static func encoded(_ output: DecisionReply.Output) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    writer.appendOutput(output.kind, name: output.name, value: output.value)
    return [UInt8](copying: writer.span)
  }
}
