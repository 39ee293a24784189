import Wire

/// The signals of one decision, one value a slot of the chain's schema. A loop owns one and reuses
/// it.
///
/// INVARIANT (vector-in-bounds): `base` has `SchemaView.slotCountMax` initialised values.
@safe
public struct SignalVector: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<SignalValue>

  public init() {
    unsafe base = .allocate(capacity: SchemaView.slotCountMax)
    unsafe base.initialize(repeating: .absent, count: SchemaView.slotCountMax)
  }

  deinit { unsafe base.deallocate() }

  /// The value in a slot. Traps out of bounds. O(1).
  @inlinable
  public subscript(slot: Int) -> SignalValue {
    @inline(__always) get {
      precondition(slot >= 0 && slot < SchemaView.slotCountMax)
      // SAFETY: (vector-in-bounds) and the line above.
      return unsafe base[slot]
    }
    @inline(__always) set {
      precondition(slot >= 0 && slot < SchemaView.slotCountMax)
      // SAFETY: (vector-in-bounds) and the line above.
      unsafe base[slot] = newValue
    }
  }

  /// Reads every signal of `schema` from a request: each header once, in place.
  ///
  /// O(header bytes + slots), and one more walk over a user-risk list per item slot of it.
  public mutating func fill(
    from request: borrowing DecisionRequest, in message: Span<UInt8>, reading schema: SchemaView
  ) {
    let headers = Headers(of: request, in: message, for: schema)
    for index in schema.slots.indices {
      let slot = schema.slots[index]
      self[index] =
        switch slot.source {
        case .bot: headers.bot(slot, in: message)
        case .userRisk, .standing, .reportedScore, .userRiskHeader, .item:
          headers.userRisk(slot, names: schema.names, in: message)
        case .field:
          if let range = request.value(ofRegistered: Int(slot.key)) {
            SignalValue(contextText: range, slot, in: message)
          } else {
            .absent
          }
        case .custom: request.customValue(slot, names: schema.names, in: message)
        }
    }
  }
}

/// The two headers of a request, each scanned when the schema reads it.
private struct Headers {
  var botState = SignalState.absent
  var botText = ByteRange.empty
  var botHeader = BotHeader()
  var userRiskState = SignalState.absent
  var userRiskText = ByteRange.empty
  var userRiskHeader = UserRiskHeader()

  init(of request: borrowing DecisionRequest, in message: Span<UInt8>, for schema: SchemaView) {
    var readsBot = false
    var readsUserRisk = false
    for index in schema.slots.indices {
      switch schema.slots[index].source {
      case .bot: readsBot = true
      case .userRisk, .standing, .reportedScore, .userRiskHeader, .item: readsUserRisk = true
      case .field, .custom: break
      }
    }
    if readsBot, let range = request.value(of: .akamaiBot) {
      botText = range
      botState = .invalid
      if !request.isRepeated(.akamaiBot) {
        botHeader.scan(message, range)
        botState = botHeader.state
      }
    }
    if readsUserRisk, let range = request.value(of: .akamaiUserRisk) {
      userRiskText = range
      userRiskState = .invalid
      if !request.isRepeated(.akamaiUserRisk) {
        userRiskHeader.scan(message, range)
        userRiskState = userRiskHeader.state
      }
    }
  }

  func bot(_ slot: SlotDescriptor, in message: Span<UInt8>) -> SignalValue {
    guard botState == .value, let part = BotHeader.Part(rawValue: slot.key) else {
      return SignalValue(botState)
    }
    let text: ByteRange
    switch part {
    case .categories: return .list(botHeader.categories, .commas)
    case .score:
      return botHeader.scoreState == .value
        ? .number(Double(botHeader.score)) : SignalValue(botHeader.scoreState)
    case .segment:
      guard botHeader.segmentState == .value else { return SignalValue(botHeader.segmentState) }
      text = botHeader.segment
    case .header: text = botText
    case .type: text = botHeader.type
    case .botnetID: text = botHeader.botnetID
    case .action: text = botHeader.action
    }
    return .string(text, in: message, foldingCase: slot.foldsCase)
  }

  func userRisk(
    _ slot: SlotDescriptor, names: Span<UInt8>, in message: Span<UInt8>
  ) -> SignalValue {
    guard userRiskState == .value else { return SignalValue(userRiskState) }
    switch slot.source {
    case .userRiskHeader:
      return .string(userRiskText, in: message, foldingCase: slot.foldsCase)
    case .standing:
      guard let standing = userRiskHeader.standing else { return .invalid }
      return .enumeration(Int(standing.rawValue))
    case .reportedScore:
      return number(userRiskHeader.score, .score)
    default: break
    }
    guard let key = UserRiskHeader.Key(rawValue: slot.key) else { return .invalid }
    let state = userRiskHeader.state(of: key)
    if slot.source == .item {
      return userRiskHeader.item(
        named: slot.name, names, of: key, slot.part, in: message, foldingCase: slot.foldsCase)
    }
    switch key {
    case .score:
      switch userRiskHeader.standing {
      case nil: return .invalid
      case .unusable: return state == .invalid ? .invalid : .absent
      case .full, .noProfile: return number(userRiskHeader.score, key)
      }
    case .status: return number(userRiskHeader.status, key)
    case .allow: return number(userRiskHeader.allow, key)
    case .general, .risk, .trust:
      let listState = userRiskHeader.listState(of: key, in: message)
      return listState == .value
        ? .list(userRiskHeader.value(of: key), .items) : SignalValue(listState)
    default:
      return state == .value
        ? .string(userRiskHeader.value(of: key), in: message, foldingCase: slot.foldsCase)
        : SignalValue(state)
    }
  }

  private func number(_ number: UInt8, _ key: UserRiskHeader.Key) -> SignalValue {
    let state = userRiskHeader.state(of: key)
    return state == .value ? .number(Double(number)) : SignalValue(state)
  }
}

extension SignalValue {
  /// A context value whose bytes the request reader has checked.
  fileprivate init(contextText range: ByteRange, _ slot: SlotDescriptor, in message: Span<UInt8>) {
    switch slot.type {
    case .number: self = .number(Double(bitPattern: message.load(UInt64.self, at: range.start)))
    case .boolean: self = .boolean(message[range.start] == 1)
    case .list: self = .list(range, .lengths)
    case .address:
      if let address = parseAddress(message, range) {
        self = .address(address, text: range)
      } else {
        self = .invalid
      }
    case .string, .enumeration:
      self = .string(range, in: message, foldingCase: slot.foldsCase)
    }
  }
}

extension DecisionRequest {
  /// Whether a raw header came more than once.
  fileprivate func isRepeated(_ field: Field) -> Bool {
    repeated & (1 << UInt32(field.rawValue)) != 0
  }

  /// A deployment's own signal; `invalid` when it came with another type than declared.
  fileprivate func customValue(
    _ slot: SlotDescriptor, names: Span<UInt8>, in message: Span<UInt8>
  ) -> SignalValue {
    for index in 0..<customCount {
      let field = custom(at: index)
      guard sameText(message, field.name, names, slot.name, foldingCase: false) else { continue }
      guard slot.type.matches(field.type) else { return .invalid }
      return SignalValue(contextText: field.value, slot, in: message)
    }
    return .absent
  }
}

extension SignalType {
  fileprivate func matches(_ type: FieldType) -> Bool {
    switch (self, type) {
    case (.number, .number), (.string, .string), (.boolean, .boolean), (.list, .list),
      (.address, .address):
      true
    default: false
    }
  }
}
