/// Reads the decisions of one uncompressed request message, or of a part of one, checking every byte it
/// steps over.
///
/// INVARIANT (cursor-in-bounds): `0 <= position <= bytes.count`.
/// It owns nothing, copies nothing and allocates nothing.
public struct RequestReader: ~Escapable {
  @usableFromInline let bytes: Span<UInt8>
  /// Decisions not read yet.
  @usableFromInline var unreadCount: Int
  /// Up to where the bytes have been read.
  @usableFromInline var position: Int
  /// Tenant and trigger of the decision before, in this message or in one before, checked then.
  private var routeNames: Span<UInt8>
  /// Their byte counts as sent.
  private var routeByteCounts: UInt16
  /// The type of each registered field, four bits each; 0 where there is no field.
  private let registeredTypes = Self.registeredTypes

  @inlinable public var remaining: Int { unreadCount }
  @inlinable public var offset: Int { position }

  /// Checks the message header. No message before is known.
  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) throws(WireError) {
    try self.init(bytes, knownNames: bytes.extracting(0..<0), byteCounts: 0)
  }

  /// Checks the message header. `knownNames` are the tenant and the trigger of a decision read
  /// before, and `byteCounts` their counts as sent: a first decision that names them repeats them.
  @_lifetime(copy bytes, copy knownNames)
  public init(
    _ bytes: Span<UInt8>, knownNames: Span<UInt8>, byteCounts: UInt16
  ) throws(WireError) {
    let header = try MessageHeader(reading: bytes, expecting: .request)
    precondition(!header.flags.contains(.compressed), "decompress first")
    self.bytes = bytes
    routeNames = knownNames
    routeByteCounts = byteCounts
    unreadCount = header.decisionCount
    position = MessageHeader.byteCount
  }

  /// Reads on in a message of which `progress` has been read; `part` has the bytes that follow. Offsets,
  /// those of errors too, count from the part's start.
  @_lifetime(copy part, copy knownNames)
  public init(
    _ part: Span<UInt8>, of progress: MessageProgress, knownNames: Span<UInt8>, byteCounts: UInt16
  ) {
    bytes = part
    routeNames = knownNames
    routeByteCounts = byteCounts
    unreadCount = progress.remaining
    position = 0
  }

  /// As `next(into:)`, where the next decision is there whole, by its own byte count; else `false`.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func nextIfWhole(into request: inout DecisionRequest) throws(WireError) -> Bool {
    let rest = bytes.extracting(offset...)
    guard remaining > 0, DecisionRequest.leastByteCount(from: rest) <= rest.count else { return false }
    return try next(into: &request)
  }

  /// Reads the next decision into `request`; `false` after the last one.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func next(into request: inout DecisionRequest) throws(WireError) -> Bool {
    guard remaining > 0 else {
      guard offset == bytes.count else { throw WireError(.trailingBytes, at: offset) }
      return false
    }
    unreadCount &-= 1
    try readDecision(into: &request)
    return true
  }

  @usableFromInline
  @_lifetime(self: copy self)
  mutating func readDecision(into request: inout DecisionRequest) throws(WireError) {
    let start = offset
    let end = try readFixedPart(into: &request)
    let fieldCount = Int(bytes.load(UInt16.self, at: start + 18))
    guard fieldCount <= Limits.fieldCount else { throw WireError(.tooManyFields, at: start + 18) }
    try readRoute(into: &request, start: start, end: end)
    request.present = 0
    request.repeated = 0
    request.customCount = 0
    try readFields(fieldCount, into: &request, end: end)
    guard offset == end else { throw WireError(.wrongLength, at: offset) }
  }

  /// Steps past the fixed part. Returns where the decision ends.
  @_lifetime(self: copy self)
  @inline(always)
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
    position = start + DecisionRequest.fixedByteCount
    return start + byteCount
  }

  /// Reads tenant and trigger. Most messages name the same for every decision, and most callers in
  /// every message: names that are byte for byte those before them have been checked.
  @_lifetime(self: copy self)
  @inline(always)
  private mutating func readRoute(
    into request: inout DecisionRequest, start: Int, end: Int
  ) throws(WireError) {
    let byteCounts = bytes.load(UInt16.self, at: start + 20)
    let names = ByteRange(offset: offset, count: routeNames.count)
    if byteCounts == routeByteCounts, !names.isEmpty, names.end <= end,
      bytes.extracting(names).elementsEqual(routeNames)
    {
      request.repeatsRoute = true
      let tenantByteCount = Int(byteCounts & 0xFF)
      request.tenant = ByteRange(offset: offset, count: tenantByteCount)
      request.trigger = ByteRange(
        offset: offset + tenantByteCount, count: Int(names.count) - tenantByteCount)
      position = names.end
      return
    }
    request.repeatsRoute = false
    request.tenant = try readName(byteCountAt: start + 20, end: end, mayBeEmpty: true)
    request.trigger = try readName(byteCountAt: start + 21, end: end, mayBeEmpty: false)
    routeNames = bytes.extracting(names.start..<offset)
    routeByteCounts = byteCounts
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
    try bytes.checkName(range)
    position += byteCount
    return range
  }

  /// Reads fields. A registered one whose header is right takes one load and one comparison; where the next
  /// one is does not go through memory, which each would wait for.
  @_lifetime(self: copy self)
  @inline(__always)
  private mutating func readFields(
    _ count: Int, into request: inout DecisionRequest, end: Int
  ) throws(WireError) {
    let bytes = bytes
    var offset = offset
    var present: UInt32 = 0
    for _ in 0..<count {
      let room = end &- offset &- DecisionRequest.fieldFixedByteCount
      if room >= 0 {
        let header = bytes.load(UInt64.self, at: offset)
        let id = header & 0xFFFF
        let byteCount = Int(header >> 32)
        let bit = UInt32(1) &<< UInt32(truncatingIfNeeded: id)
        let type = header >> 16 & 0xFFFF
        if id < UInt64(Field.registeredEnd), byteCount <= room, present & bit == 0, type != 0,
          type == registeredType(of: id)
        {
          let value = ByteRange(
            offset: offset &+ DecisionRequest.fieldFixedByteCount, count: byteCount)
          offset = value.end
          present |= bit
          request.store(value, of: Int(id))
          if type == UInt64(FieldType.header.rawValue) { continue }
          if let type = FieldType(rawValue: UInt8(type)) { try bytes.check(value, as: type) }
          continue
        }
      }
      position = offset
      request.present = present
      try readUncommonField(into: &request, end: end)
      offset = position
      present = request.present
    }
    position = offset
    request.present = present
  }

  /// A registered field's type; 0 where there is no such field.
  @inline(__always)
  private func registeredType(of id: UInt64) -> UInt64 {
    let types = id & 16 == 0 ? registeredTypes.low : registeredTypes.high
    return types &>> (id &* 4) & 0xF
  }

  /// Of the fields below 16, and of the others.
  private static let registeredTypes = Field.allCases.reduce(into: (low: UInt64(0), high: UInt64(0))) {
    types, field in
    guard let type = field.type else { return }
    let bits = UInt64(type.rawValue) << UInt64(field.rawValue % 16 * 4)
    if field.rawValue < 16 { types.low |= bits } else { types.high |= bits }
  }

  /// Any field: a deployment's own, a header that repeats, and every one that is wrong.
  @_lifetime(self: copy self)
  @inline(never)
  private mutating func readUncommonField(
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
    position = start + DecisionRequest.fieldFixedByteCount
    guard byteCount <= end - offset else { throw WireError(.wrongLength, at: start + 4) }
    let value = ByteRange(offset: offset, count: byteCount)
    position += byteCount

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
    request.store(value, of: Int(id))
    try bytes.check(value, as: type)
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
    try bytes.checkName(name)
    for index in 0..<request.customCount
    where bytes.extracting(request.custom(at: index).name).elementsEqual(bytes.extracting(name)) {
      throw WireError(.duplicateField, at: fieldOffset)
    }
    guard request.customCount < DecisionRequest.customCountMax else {
      throw WireError(.tooManyFields, at: fieldOffset)
    }
    try bytes.check(value, as: type)
    request.appendCustom(CustomField(name: name, value: value, type: type))
  }
}

/// Whether a byte may stand in a tenant, trigger or signal name: `A-Z a-z 0-9 . _ -`.
@inlinable @inline(__always)
public func isNameByte(_ byte: UInt8) -> Bool {
  // Bit `b % 64`: byte `b` of 0...63, and of 64...127.
  let low: UInt64 = 0x03FF_6000_0000_0000
  let high: UInt64 = 0x07FF_FFFE_87FF_FFFE
  let word = byte & 0x40 == 0 ? low : high
  return byte < 0x80 && word >> UInt64(byte & 0x3F) & 1 == 1
}
