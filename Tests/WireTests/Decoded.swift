import Wire

/// A whole message, decompressed and read to its end.
enum Decoded {
  case request(plain: [UInt8], decisions: [ReadDecision])
  case reply(Reply)
  case error(ErrorMessage)

  init(_ message: [UInt8], as kind: MessageKind) throws(WireError) {
    let header = try MessageHeader(reading: message.span, expecting: kind)
    var plain = message
    if kind != .error, header.flags.contains(.compressed) {
      var writer = ByteWriter()
      try writer.decompress(message.span, kind)
      plain = [UInt8](copying: writer.span)
    }
    switch kind {
    case .request: self = .request(plain: plain, decisions: try readDecisions(plain))
    case .reply: self = .reply(try Reply(reading: plain.span))
    case .error: self = .error(try ErrorMessage(reading: plain.span))
    }
  }

  /// The message written anew, uncompressed.
  func encoded() -> [UInt8] {
    switch self {
    case .request(let plain, let decisions):
      var writer = RequestWriter(capacity: 1)
      for decision in decisions { writer.append(decision.request, of: plain) }
      writer.finish()
      return [UInt8](copying: writer.bytes.span)
    case .reply(let reply):
      var writer = ByteWriter(capacity: 1)
      writer.append(reply)
      return [UInt8](copying: writer.span)
    case .error(let error):
      var writer = ByteWriter(capacity: 1)
      writer.append(error)
      return [UInt8](copying: writer.span)
    }
  }
}

/// A decision request that stays as it was read.
final class ReadDecision {
  let request: DecisionRequest

  init(_ request: consuming DecisionRequest) { self.request = request }
}

/// Every decision of an uncompressed request message.
func readDecisions(_ message: [UInt8]) throws(WireError) -> [ReadDecision] {
  var reader = try RequestReader(message.span)
  var decisions: [ReadDecision] = []
  while true {
    var decision = DecisionRequest()
    guard try reader.next(into: &decision) else { return decisions }
    decisions.append(ReadDecision(decision))
  }
}

extension RequestWriter {
  /// Appends a decision that was read from `message`.
  fileprivate mutating func append(_ decision: borrowing DecisionRequest, of message: [UInt8]) {
    let bytes = message.span
    beginDecision(
      tenant: bytes.extracting(decision.tenant), trigger: bytes.extracting(decision.trigger),
      correlationID: decision.correlationID, budgetMicroseconds: decision.budgetMicroseconds,
      flags: decision.flags)
    for field in Field.allCases where field != .custom {
      guard let range = decision.value(of: field), let type = field.type else { continue }
      switch CustomValue(reading: bytes.extracting(range), as: type) {
      case .number(let number): append(field, number: number)
      case .boolean(let boolean): append(field, boolean: boolean)
      case .list(let list): append(field, list: list)
      case .string, .address, nil: append(field, bytes: bytes.extracting(range))
      }
    }
    for index in 0..<decision.customCount {
      let custom = decision.custom(at: index)
      let value = CustomValue(reading: bytes.extracting(custom.value), as: custom.type)
      append(custom: String(repairing: bytes.extracting(custom.name)), value!)
    }
    endDecision()
  }
}

extension CustomValue {
  /// A value that a reader has checked; `nil` for a header, which is bytes.
  init?(reading bytes: Span<UInt8>, as type: FieldType) {
    switch type {
    case .header: return nil
    case .string: self = .string(String(repairing: bytes))
    case .address: self = .address(String(repairing: bytes))
    case .number: self = .number(Double(bitPattern: bytes.load(UInt64.self, at: 0)))
    case .boolean: self = .boolean(bytes[0] == 1)
    case .list:
      var items: [String] = []
      var offset = 0
      while offset < bytes.count {
        let end = offset + 2 + Int(bytes.load(UInt16.self, at: offset))
        items.append(String(repairing: bytes.extracting((offset + 2)..<end)))
        offset = end
      }
      self = .list(items)
    }
  }
}
