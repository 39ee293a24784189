import Signals
import Tables
import Wire

extension Table {
  /// What each example says of the table's signals, its headers read as a server reads them.
  func exampleValues() throws -> [[PlainSignal]] { try values(of: examples) }

  /// What some examples, another table's too, say of the table's signals.
  func values(of examples: [Example]) throws -> [[PlainSignal]] {
    // Any table of these columns and rules reads the same signals.
    var table = self
    (table.mode, table.canary, table.shadow, table.hitPolicy) = (.enforce, nil, nil, .first)
    for rule in table.rules.indices {
      (table.rules[rule].mode, table.rules[rule].canary) = (nil, nil)
    }
    let (plan, diagnostics) = ChainCompiler.compile([table])
    guard let plan else { throw UncompilableTable(diagnostics: diagnostics) }
    let chain = try CompiledChain(plan)
    var vector = SignalVector()
    return try examples.map { example in
      let input = EncodedInput(example.input, for: plan.signals, of: key)
      try input.fill(&vector, reading: chain.view.schema)
      return inputs.map { signal in
        guard let slot = plan.signals.firstIndex(of: signal) else { return .absent }
        return PlainSignal(vector[slot], of: signal, in: input.bytes.span)
      }
    }
  }
}

extension PlainSignal {
  /// A signal as it was read from a message; texts in small letters where the signal folds case.
  fileprivate init(_ value: SignalValue, of signal: Signal, in message: Span<UInt8>) {
    if let state = PlainSignal(value.state) {
      self = state
      return
    }
    let text = { (range: ByteRange, message: Span<UInt8>) in
      let read = String(repairing: message.extracting(range))
      return signal.foldsCase ? foldedASCII(read) : read
    }
    switch signal.type {
    case .number: self = .number(value.number)
    case .boolean: self = .boolean(value.low == 1)
    case .enumeration: self = .enumeration(Int(value.low))
    case .address: self = .address(value.address)
    case .string: self = .text(text(value.text, message))
    case .list:
      var members: [String] = []
      var cursor = ListCursor(value)
      while let member = cursor.next(in: message) { members.append(text(member, message)) }
      self = .list(members)
    }
  }
}
