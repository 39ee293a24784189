/// Reads the decisions of one uncompressed request message, checking every byte it steps over.
///
/// INVARIANT (cursor-in-bounds): `0 <= offset <= bytes.count`.
/// It owns nothing, copies nothing and allocates nothing.
public struct RequestReader: ~Escapable {
  private let bytes: Span<UInt8>
  /// Decisions not read yet.
  public private(set) var remaining: Int
  private var offset: Int
  /// The tenant and trigger of the decision before: their byte counts as sent, and where they lie.
  /// A trigger is never empty, so no names have byte counts of zero.
  private var route: (byteCounts: UInt16, names: ByteRange) = (0, .empty)

  /// Checks the message header.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) throws(WireError) {
    let header = try MessageHeader(reading: bytes, expecting: .request)
    precondition(!header.flags.contains(.compressed), "decompress first")
    self.bytes = bytes
    remaining = header.decisionCount
    offset = MessageHeader.byteCount
  }

  /// Reads the next decision into `request`; `false` after the last one.
  @_lifetime(self: copy self)
  public mutating func next(into request: inout DecisionRequest) throws(WireError) -> Bool {
    guard remaining > 0 else {
      guard offset == bytes.count else { throw WireError(.trailingBytes, at: offset) }
      return false
    }
    remaining -= 1
    try readDecision(into: &request)
    return true
  }

  @_lifetime(self: copy self)
  private mutating func readDecision(into request: inout DecisionRequest) throws(WireError) {
    let start = offset
    let end = try readFixedPart(into: &request)
    let fieldCount = Int(bytes.load(UInt16.self, at: start + 18))
    guard fieldCount <= Limits.fieldCount else { throw WireError(.tooManyFields, at: start + 18) }
    try readRoute(into: &request, start: start, end: end)
    request.present = 0
    request.repeated = 0
    request.customCount = 0
    for _ in 0..<fieldCount { try readField(into: &request, end: end) }
    guard offset == end else { throw WireError(.wrongLength, at: offset) }
  }

  /// Steps past the fixed part. Returns where the decision ends.
  @_lifetime(self: copy self)
  private mutating func readFixedPart(into request: inout DecisionRequest) throws(WireError) -> Int {
    let start = offset
    guard bytes.count - start >= DecisionRequest.fixedByteCount else {
      throw WireError(.truncated, at: bytes.count)
    }
    let byteCount = Int(bytes.load(UInt32.self, at: start))
    guard byteCount >= DecisionRequest.fixedByteCount else { throw WireError(.wrongLength, at: start) }
    guard byteCount <= bytes.count - start else { throw WireError(.truncated, at: bytes.count) }
    request.budgetMicroseconds = bytes.load(UInt32.self, at: start + 4)
    request.correlationID = bytes.load(UInt64.self, at: start + 8)
    request.flags = RequestFlags(rawValue: bytes.load(UInt16.self, at: start + 16))
    guard request.flags.isSubset(of: .known) else { throw WireError(.unknownFlag, at: start + 16) }
    guard bytes.load(UInt16.self, at: start + 22) == 0 else {
      throw WireError(.reservedNotZero, at: start + 22)
    }
    offset = start + DecisionRequest.fixedByteCount
    return start + byteCount
  }

  /// Reads tenant and trigger. Most messages name the same for every decision: names that are byte
  /// for byte those before them have been checked.
  @_lifetime(self: copy self)
  private mutating func readRoute(
    into request: inout DecisionRequest, start: Int, end: Int
  ) throws(WireError) {
    let byteCounts = bytes.load(UInt16.self, at: start + 20)
    let names = ByteRange(offset: offset, count: route.names.end - route.names.start)
    if byteCounts == route.byteCounts, names.end <= end,
      bytes.extracting(names).elementsEqual(bytes.extracting(route.names))
    {
      request.repeatsRoute = true
      let tenantByteCount = Int(byteCounts & 0xFF)
      request.tenant = ByteRange(offset: offset, count: tenantByteCount)
      request.trigger = ByteRange(
        offset: offset + tenantByteCount, count: Int(names.count) - tenantByteCount)
      offset = names.end
      return
    }
    request.repeatsRoute = false
    request.tenant = try readName(byteCountAt: start + 20, end: end, mayBeEmpty: true)
    request.trigger = try readName(byteCountAt: start + 21, end: end, mayBeEmpty: false)
    route = (byteCounts, names: ByteRange(offset: names.start, count: offset - names.start))
  }

  @_lifetime(self: copy self)
  private mutating func readName(
    byteCountAt lengthOffset: Int, end: Int, mayBeEmpty: Bool
  ) throws(WireError) -> ByteRange {
    let byteCount = Int(bytes[lengthOffset])
    guard byteCount <= Limits.nameByteCount, mayBeEmpty || byteCount > 0 else {
      throw WireError(.invalidName, at: lengthOffset)
    }
    guard byteCount <= end - offset else { throw WireError(.wrongLength, at: lengthOffset) }
    let range = ByteRange(offset: offset, count: byteCount)
    try checkName(range)
    offset += byteCount
    return range
  }

  private func checkName(_ range: ByteRange) throws(WireError) {
    for index in range.start..<range.end where !isNameByte(bytes[index]) {
      throw WireError(.invalidName, at: index)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readField(
    into request: inout DecisionRequest, end: Int
  ) throws(WireError) {
    let start = offset
    guard end - start >= DecisionRequest.fieldFixedByteCount else {
      throw WireError(.wrongLength, at: start)
    }
    let id = bytes.load(UInt16.self, at: start)
    guard let type = FieldType(rawValue: bytes[start + 2]) else {
      throw WireError(.wrongFieldType, at: start + 2)
    }
    guard bytes[start + 3] == 0 else { throw WireError(.reservedNotZero, at: start + 3) }
    let byteCount = Int(bytes.load(UInt32.self, at: start + 4))
    offset = start + DecisionRequest.fieldFixedByteCount
    guard byteCount <= end - offset else { throw WireError(.wrongLength, at: start + 4) }
    let value = ByteRange(offset: offset, count: byteCount)
    offset += byteCount

    guard let field = Field(rawValue: id) else { throw WireError(.unknownField, at: start) }
    guard let registered = field.type else {
      return try addCustom(value, type: type, fieldOffset: start, to: &request)
    }
    guard type == registered else { throw WireError(.wrongFieldType, at: start + 2) }
    let bit = UInt32(1) << UInt32(id)
    if request.present & bit != 0 {
      // A header that came twice is the sender's fact, not the caller's mistake.
      guard type == .header else { throw WireError(.duplicateField, at: start) }
      request.repeated |= bit
    }
    request.present |= bit
    request.values[Int(id)] = value
    try check(value, as: type)
  }

  private func addCustom(
    _ payload: ByteRange, type: FieldType, fieldOffset: Int, to request: inout DecisionRequest
  ) throws(WireError) {
    guard type != .header else { throw WireError(.wrongFieldType, at: fieldOffset + 2) }
    guard !payload.isEmpty else { throw WireError(.wrongLength, at: fieldOffset + 4) }
    let nameByteCount = Int(bytes[payload.start])
    guard nameByteCount > 0, nameByteCount <= Limits.nameByteCount else {
      throw WireError(.invalidName, at: payload.start)
    }
    guard nameByteCount < payload.count else { throw WireError(.wrongLength, at: payload.start) }
    let name = ByteRange(offset: payload.start + 1, count: nameByteCount)
    let value = ByteRange(offset: name.end, count: payload.end - name.end)
    try checkName(name)
    for index in 0..<request.customCount
    where bytes.extracting(request.customs[index].name).elementsEqual(bytes.extracting(name)) {
      throw WireError(.duplicateField, at: fieldOffset)
    }
    guard request.customCount < DecisionRequest.customCountMax else {
      throw WireError(.tooManyFields, at: fieldOffset)
    }
    try check(value, as: type)
    request.customs[request.customCount] = CustomField(name: name, value: value, type: type)
    request.customCount += 1
  }

  private func check(_ value: ByteRange, as type: FieldType) throws(WireError) {
    switch type {
    case .header: break
    case .string, .address: try checkUTF8(value)
    case .number:
      guard value.count == 8 else { throw WireError(.invalidNumber, at: value.start) }
      guard Double(bitPattern: bytes.load(UInt64.self, at: value.start)).isFinite else {
        throw WireError(.invalidNumber, at: value.start)
      }
    case .boolean:
      guard value.count == 1, bytes[value.start] <= 1 else {
        throw WireError(.invalidBoolean, at: value.start)
      }
    case .list: try checkList(value)
    }
  }

  private func checkUTF8(_ range: ByteRange) throws(WireError) {
    let text = bytes.extracting(range)
    if text.isASCII { return }
    do {
      _ = try UTF8Span(validating: text)
    } catch {
      throw WireError(.invalidUTF8, at: range.start + error.byteOffsets.lowerBound)
    }
  }

  private func checkList(_ range: ByteRange) throws(WireError) {
    var index = range.start
    while index < range.end {
      guard range.end - index >= 2 else { throw WireError(.invalidList, at: index) }
      let byteCount = Int(bytes.load(UInt16.self, at: index))
      guard byteCount <= range.end - index - 2 else { throw WireError(.invalidList, at: index) }
      try checkUTF8(ByteRange(offset: index + 2, count: byteCount))
      index += 2 + byteCount
    }
  }
}

/// Whether a byte may stand in a tenant, trigger or signal name: `A-Z a-z 0-9 . _ -`.
@inlinable
public func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
    true
  default: false
  }
}
