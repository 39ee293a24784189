import Wire

/// A message that was read to its end, as values.
enum ReadMessage: Equatable {
  case request([ReadRequest])
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
    case .request: self = .request(try Self.requests(plain))
    case .reply: self = .reply(try Reply(reading: plain.span))
    case .error: self = .error(try ErrorMessage(reading: plain.span))
    }
  }

  private static func requests(_ plain: [UInt8]) throws(WireError) -> [ReadRequest] {
    var reader = try RequestReader(plain.span)
    var request = DecisionRequest()
    var requests: [ReadRequest] = []
    while try reader.next(into: &request) { requests.append(ReadRequest(request, of: plain)) }
    return requests
  }

  /// Uncompressed.
  func written() -> [UInt8] {
    var bytes = ByteWriter()
    switch self {
    case .request(let requests):
      var writer = RequestWriter()
      for request in requests { request.write(to: &writer) }
      writer.finish()
      return [UInt8](copying: writer.bytes.span)
    case .reply(let reply): bytes.append(reply)
    case .error(let error): bytes.append(error)
    }
    return [UInt8](copying: bytes.span)
  }
}

/// One decision request: its fields as the bytes that they are.
struct ReadRequest: Equatable {
  var tenant: [UInt8]
  var trigger: [UInt8]
  var correlationID: UInt64
  var budgetMicroseconds: UInt32
  var flags: UInt16
  var fields: [[UInt8]?]
  var customs: [[UInt8]]
  private let values: [(field: Field, value: [UInt8])]
  private let customValues: [(name: String, type: FieldType, value: [UInt8])]

  init(_ request: borrowing DecisionRequest, of message: [UInt8]) {
    let bytes = message.span
    tenant = [UInt8](copying: bytes.extracting(request.tenant))
    trigger = [UInt8](copying: bytes.extracting(request.trigger))
    correlationID = request.correlationID
    budgetMicroseconds = request.budgetMicroseconds
    flags = request.flags.rawValue
    var values: [(field: Field, value: [UInt8])] = []
    for field in Field.allCases where field != .custom {
      guard let range = request.value(of: field) else { continue }
      values.append((field, [UInt8](copying: bytes.extracting(range))))
    }
    var customs: [(name: String, type: FieldType, value: [UInt8])] = []
    for index in 0..<request.customCount {
      let custom = request.custom(at: index)
      customs.append(
        (
          String(repairing: bytes.extracting(custom.name)), custom.type,
          [UInt8](copying: bytes.extracting(custom.value))
        ))
    }
    self.values = values
    customValues = customs
    fields = Field.allCases.map { field in values.first { $0.field == field }?.value }
    self.customs = customs.map { Array($0.name.utf8) + [0, $0.type.rawValue] + $0.value }
  }

  static func == (a: ReadRequest, b: ReadRequest) -> Bool {
    a.tenant == b.tenant && a.trigger == b.trigger && a.correlationID == b.correlationID
      && a.budgetMicroseconds == b.budgetMicroseconds && a.flags == b.flags
      && a.fields == b.fields && a.customs == b.customs
  }

  func write(to writer: inout RequestWriter) {
    writer.beginDecision(
      tenant: tenant.span, trigger: trigger.span, correlationID: correlationID,
      budgetMicroseconds: budgetMicroseconds, flags: RequestFlags(rawValue: flags))
    for (field, bytes) in values {
      switch field.type.flatMap({ CustomValue(bytes, as: $0) }) {
      case .number(let number): writer.append(field, number: number)
      case .boolean(let boolean): writer.append(field, boolean: boolean)
      case .list(let list): writer.append(field, list: list)
      case .string, .address, nil: writer.append(field, bytes: bytes.span)
      }
    }
    for custom in customValues {
      guard let value = CustomValue(custom.value, as: custom.type) else { continue }
      writer.append(custom: custom.name, value)
    }
    writer.endDecision()
  }
}

extension CustomValue {
  /// A value that the reader has checked; `nil` for a header, which is bytes.
  fileprivate init?(_ bytes: [UInt8], as type: FieldType) {
    let span = bytes.span
    switch type {
    case .header: return nil
    case .string: self = .string(String(repairing: span))
    case .address: self = .address(String(repairing: span))
    case .number: self = .number(Double(bitPattern: span.load(UInt64.self, at: 0)))
    case .boolean: self = .boolean(bytes[0] == 1)
    case .list:
      var items: [String] = []
      var offset = 0
      while offset < bytes.count {
        let end = offset + 2 + Int(span.load(UInt16.self, at: offset))
        items.append(String(repairing: span.extracting((offset + 2)..<end)))
        offset = end
      }
      self = .list(items)
    }
  }
}
