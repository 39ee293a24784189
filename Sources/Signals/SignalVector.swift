import Wire

/// The signals of one decision, one value a slot of the chain's schema. A loop owns one and reuses
/// it.
///
/// INVARIANT (vector-in-bounds): `base` has `SchemaView.slotCountMax` initialised values.
@safe
public struct SignalVector: ~Copyable {
  @usableFromInline let base: UnsafeMutablePointer<SignalValue>
  /// The states of all values since the last `fill` began, one over the other: where bit 1 is not
  /// set, every signal has a value or is absent.
  @usableFromInline var stateBits: UInt8 = 0
  /// The headers of the request at hand, kept so that nothing but what changes is written.
  private var bot = BotHeader()
  private var botState = SignalState.absent
  private var userRisk = UserRiskHeader()
  private var userRiskState = SignalState.absent
  private var separators = SeparatorOffsets()

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
      stateBits |= newValue.state.rawValue
    }
  }

  /// Whether a signal may be invalid or unverified.
  @inlinable
  public var mayBeBroken: Bool { @inline(__always) get { stateBits & 2 != 0 } }

  /// Reads every signal of `schema` from a request: each header once, in place.
  ///
  /// With `isUnproven` all signals of the edge's headers are `unverified`, whether a header came or
  /// not: leaving it out must not be the way around the proof.
  ///
  /// `request` is not changed. It is `inout` all the same: Swift 6.3 copies all of a large `~Copyable` struct
  /// to lend it, and what reads the copy waits for what has just been stored.
  ///
  /// O(header bytes + slots), and one more walk over a user-risk list per slot that reads it.
  public mutating func fill(
    from request: inout DecisionRequest, in message: Span<UInt8>, reading schema: SchemaView,
    isUnproven: Bool = false
  ) {
    let userRiskRange = request.value(of: .akamaiUserRisk) ?? .empty
    if isUnproven {
      botState = .unverified
      userRiskState = .unverified
    } else {
      if schema.headers.contains(.bot) { scanBot(of: &request, in: message) }
      if schema.headers.contains(.userRisk) { scanUserRisk(of: &request, in: message) }
    }
    precondition(schema.slots.count <= SchemaView.slotCountMax)
    let headerStates = HeaderStates(bot: botState, userRisk: userRiskState)
    var states: UInt8 = 0
    for index in schema.slots.indices {
      let value: SignalValue
      // One jump by the source for what can be read, none for what cannot: which headers come differs from
      // login to login.
      let state = headerStates[schema.slots[index].source]
      if state != .value {
        value = SignalValue(state)
      } else {
        switch schema.slots[index].source {
        case .field: value = request.fieldValue(at: index, of: schema, in: message)
        case .custom: value = request.customValue(at: index, of: schema, in: message)
        case .botHeader: value = .string(bot.range, in: message, foldingCase: schema.slots[index].foldsCase)
        case .botText: value = bot.text(at: index, of: schema, in: message)
        case .botScore: value = bot.score(in: message)
        case .botSegment: value = bot.segment(at: index, of: schema, in: message)
        case .botCategories: value = .list(bot.categories, .commas)
        case .userRiskHeader:
          value = .header(userRiskRange, in: message, foldingCase: schema.slots[index].foldsCase)
        case .userRiskText: value = userRisk.text(at: index, of: schema, in: message)
        case .userRiskNumber: value = userRisk.number(at: schema.slots[index].key, in: message)
        case .userRiskScore: value = userRisk.usableScore(in: message)
        case .standing: value = userRisk.standingValue(in: message)
        case .reportedScore: value = userRisk.number(at: UserRiskHeader.Key.score.rawValue, in: message)
        case .list: value = userRisk.list(at: index, of: schema, in: message)
        case .item: value = userRisk.item(at: index, of: schema, in: message)
        }
      }
      states |= value.state.rawValue
      // SAFETY: (vector-in-bounds) and the precondition above.
      unsafe base[index] = value
    }
    stateBits = states
  }

  @inline(__always)
  private mutating func scanBot(of request: inout DecisionRequest, in message: Span<UInt8>) {
    guard let text = request.value(of: .akamaiBot) else { return botState = .absent }
    guard !request.isRepeated(.akamaiBot) else { return botState = .invalid }
    bot.scan(message, text)
    botState = bot.state
  }

  @inline(__always)
  private mutating func scanUserRisk(
    of request: inout DecisionRequest, in message: Span<UInt8>
  ) {
    guard let text = request.value(of: .akamaiUserRisk) else { return userRiskState = .absent }
    guard !request.isRepeated(.akamaiUserRisk) else { return userRiskState = .invalid }
    userRisk.scan(message, text, &separators)
    userRiskState = userRisk.state
  }
}

// On the headers, not on the vector: Swift 6.3 copies a struct of more than four words to lend it. And
// by the slot's place, not the slot: it takes one of nine fields apart to lend it, and together again.

extension BotHeader {
  @inline(always)
  fileprivate func text(at index: Int, of schema: SchemaView, in message: Span<UInt8>) -> SignalValue {
    .string(text(of: schema.slots[index].key), in: message, foldingCase: schema.slots[index].foldsCase)
  }

  @inline(always)
  fileprivate func segment(at index: Int, of schema: SchemaView, in message: Span<UInt8>) -> SignalValue {
    guard let segment else { return valueWithoutScore }
    return .string(segment, in: message, foldingCase: schema.slots[index].foldsCase)
  }
}

// Not `@inline(__always)`, which Swift 6.3 does not always follow: a call took forty instructions a slot.

extension UserRiskHeader {
  @inline(always)
  fileprivate func text(at index: Int, of schema: SchemaView, in message: Span<UInt8>) -> SignalValue {
    guard let text = value(at: schema.slots[index].key) else { return .absent }
    return .string(text, in: message, foldingCase: schema.slots[index].foldsCase)
  }

  @inline(always)
  fileprivate func standingValue(in message: Span<UInt8>) -> SignalValue {
    guard let standing = standing(in: message) else { return .invalid }
    return .enumeration(Int(standing.rawValue))
  }

  @inline(always)
  fileprivate func list(at index: Int, of schema: SchemaView, in message: Span<UInt8>) -> SignalValue {
    guard let text = value(at: schema.slots[index].key) else { return .absent }
    return UserRiskItem.isList(text, in: message) ? .list(text, .items) : .invalid
  }

  @inline(always)
  fileprivate func item(at index: Int, of schema: SchemaView, in message: Span<UInt8>) -> SignalValue {
    guard let text = value(at: schema.slots[index].key) else { return .absent }
    return UserRiskItem.signal(at: index, of: schema, inList: text, message)
  }
}

/// By the source of a slot: the state that its header gives all that is read from it, two bits each. `value`
/// where nothing can be said yet, as of fields.
private struct HeaderStates {
  private let bits: UInt64

  @inline(always)
  init(bot: SignalState, userRisk: SignalState) {
    // The sources of the bot header come first, then those of the other.
    let botSources = Self.ones(below: .userRiskHeader)
    bits =
      UInt64(bot.rawValue) &* botSources
      | UInt64(userRisk.rawValue) &* (Self.ones(below: .field) &- botSources)
  }

  @inline(always)
  subscript(source: SlotDescriptor.Source) -> SignalState {
    SignalState(rawValue: UInt8(truncatingIfNeeded: bits &>> (2 &* UInt64(source.rawValue))) & 3)!
  }

  /// 1 for each source before `end`.
  @inline(always)
  private static func ones(below end: SlotDescriptor.Source) -> UInt64 {
    ((1 &<< (2 &* UInt64(end.rawValue))) &- 1) / 3
  }
}

extension SignalValue {
  /// A whole header. Out of line: its hash would else be prepared for where no slot asks for it.
  @inline(never)
  fileprivate static func header(
    _ text: ByteRange, in message: Span<UInt8>, foldingCase: Bool
  ) -> SignalValue {
    .string(text, in: message, foldingCase: foldingCase)
  }

  /// A date, a time or a duration from its text; `invalid` for any other, and for numbers as they are.
  @inline(never)
  fileprivate static func point(
    _ text: ByteRange, on scale: SignalScale, in message: Span<UInt8>
  ) -> SignalValue {
    guard let point = scale.point(message, text) else { return .invalid }
    return SignalValue(low: point.bitPattern, text: text)
  }

  /// A context value whose bytes the request reader has checked.
  fileprivate init(
    contextText range: ByteRange, at index: Int, of schema: SchemaView, in message: Span<UInt8>
  ) {
    switch schema.slots[index].type {
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
      self = .string(range, in: message, foldingCase: schema.slots[index].foldsCase)
    }
  }
}

extension DecisionRequest {
  /// A registered field.
  @inline(__always)
  fileprivate func fieldValue(
    at index: Int, of schema: SchemaView, in message: Span<UInt8>
  ) -> SignalValue {
    guard let range = value(ofRegistered: Int(schema.slots[index].key)) else { return .absent }
    return SignalValue(contextText: range, at: index, of: schema, in: message)
  }

  /// A deployment's own signal; `invalid` when it came with another type than declared.
  @inline(never)
  fileprivate func customValue(
    at index: Int, of schema: SchemaView, in message: Span<UInt8>
  ) -> SignalValue {
    let name = schema.slots[index].name
    for place in 0..<customCount {
      let field = custom(at: place)
      guard sameText(message, field.name, schema.names, name, foldingCase: false) else { continue }
      switch (schema.slots[index].type, field.type) {
      case (.number, .number) where schema.slots[index].scale == .plain,
        (.string, .string), (.boolean, .boolean), (.list, .list), (.address, .address):
        return SignalValue(contextText: field.value, at: index, of: schema, in: message)
      case (.number, .string): return .point(field.value, on: schema.slots[index].scale, in: message)
      default: return .invalid
      }
    }
    return .absent
  }
}
