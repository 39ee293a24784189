/// Writes one request message: `beginDecision`, its fields, `endDecision`, again, then `finish`.
///
/// It checks nothing that the caller's types do not: a reader refuses what is wrong. It can be
/// reused: `reset` keeps the memory.
public struct RequestWriter: ~Copyable {
  public private(set) var bytes: ByteWriter
  public private(set) var decisionCount = 0
  private var decisionStart = 0
  private var fieldCount: UInt16 = 0

  public init(capacity: Int = 1024) {
    bytes = ByteWriter(capacity: capacity)
    bytes.beginMessage(.request)
  }

  /// Starts an empty message in the same memory.
  public mutating func reset() {
    bytes.removeAll()
    bytes.beginMessage(.request)
    decisionCount = 0
  }

  public mutating func beginDecision(
    tenant: Span<UInt8>, trigger: Span<UInt8>, correlationID: UInt64,
    budgetMicroseconds: UInt32 = 0, flags: RequestFlags = []
  ) {
    decisionStart = bytes.count
    fieldCount = 0
    bytes.append(UInt32(0))
    bytes.append(budgetMicroseconds)
    bytes.append(correlationID)
    bytes.append(flags.rawValue)
    bytes.append(UInt16(0))
    bytes.append(UInt8(truncatingIfNeeded: min(tenant.count, 255)))
    bytes.append(UInt8(truncatingIfNeeded: min(trigger.count, 255)))
    bytes.append(UInt16(0))
    bytes.append(tenant)
    bytes.append(trigger)
  }

  public mutating func endDecision() {
    bytes.store(UInt32(bytes.count - decisionStart), at: decisionStart)
    bytes.store(fieldCount, at: decisionStart + 18)
    decisionCount += 1
  }

  /// Completes the header. The message is `bytes.span`.
  public mutating func finish() { bytes.finishMessage(decisionCount: decisionCount) }

  /// A raw header value, a text or an address.
  public mutating func append(_ field: Field, bytes value: Span<UInt8>) {
    precondition(field != .custom)
    appendFieldHeader(field.rawValue, field.type ?? .string, byteCount: value.count)
    bytes.append(value)
  }

  public mutating func append(_ field: Field, number: Double) {
    appendFieldHeader(field.rawValue, .number, byteCount: 8)
    bytes.append(number.bitPattern)
  }

  public mutating func append(_ field: Field, boolean: Bool) {
    appendFieldHeader(field.rawValue, .boolean, byteCount: 1)
    bytes.append(UInt8(boolean ? 1 : 0))
  }

  /// A list of texts, each at most 65,535 bytes.
  public mutating func append(_ field: Field, list: [String]) {
    appendFieldHeader(field.rawValue, .list, byteCount: listByteCount(list))
    appendList(list)
  }

  /// A list of what stands between commas, without the spaces around it. Where nothing stands there is no
  /// element; where only spaces do, an empty one. Throws where one is longer than 65,535 bytes, which no list
  /// has; what was appended is then to be discarded.
  public mutating func append(_ field: Field, commaSeparated text: Span<UInt8>) throws(WireError) {
    let start = bytes.count
    appendFieldHeader(field.rawValue, .list, byteCount: 0)
    let listStart = bytes.count
    var wordStart = 0
    for end in 0...text.count where end == text.count || text[end] == UInt8(ascii: ",") {
      if end > wordStart { try appendTrimmed(text.extracting(wordStart..<end)) }
      wordStart = end + 1
    }
    bytes.store(UInt32(bytes.count - listStart), at: start + 4)
  }

  private mutating func appendTrimmed(_ word: Span<UInt8>) throws(WireError) {
    let text = word.extracting(word.withoutSpaces)
    guard let byteCount = UInt16(exactly: text.count) else { throw WireError(.headersTooLarge, at: 0) }
    bytes.append(byteCount)
    bytes.append(text)
  }

  /// A deployment's own signal.
  public mutating func append(custom name: String, _ value: CustomValue) {
    let valueByteCount =
      switch value {
      case .string(let text), .address(let text): text.utf8.count
      case .number: 8
      case .boolean: 1
      case .list(let texts): listByteCount(texts)
      }
    appendFieldHeader(
      Field.custom.rawValue, value.type, byteCount: 1 + name.utf8.count + valueByteCount)
    bytes.append(UInt8(truncatingIfNeeded: min(name.utf8.count, 255)))
    bytes.append(name)
    switch value {
    case .string(let text), .address(let text): bytes.append(text)
    case .number(let number): bytes.append(number.bitPattern)
    case .boolean(let boolean): bytes.append(UInt8(boolean ? 1 : 0))
    case .list(let texts): appendList(texts)
    }
  }

  private mutating func appendFieldHeader(_ id: UInt16, _ type: FieldType, byteCount: Int) {
    bytes.append(id)
    bytes.append(type.rawValue)
    bytes.append(UInt8(0))
    bytes.append(UInt32(byteCount))
    fieldCount &+= 1
  }

  private func listByteCount(_ texts: [String]) -> Int {
    texts.reduce(0) { $0 + 2 + $1.utf8.count }
  }

  private mutating func appendList(_ texts: [String]) {
    for text in texts {
      bytes.append(UInt16(text.utf8.count))
      bytes.append(text)
    }
  }
}

/// The value of a deployment's own signal.
public enum CustomValue: Equatable, Sendable {
  case string(String)
  case number(Double)
  case boolean(Bool)
  case list([String])
  case address(String)

  public var type: FieldType {
    switch self {
    case .string: .string
    case .number: .number
    case .boolean: .boolean
    case .list: .list
    case .address: .address
    }
  }
}
