import Wire

/// One signal that a chain of tables reads, laid out for the loop that reads it. 16 bytes.
public struct SlotDescriptor: BitwiseCopyable, Sendable {
  public enum Source: UInt8, BitwiseCopyable, Sendable {
    case botHeader, botText, botScore, botSegment, botCategories
    case userRiskHeader, userRiskText, userRiskNumber, userRiskScore, standing, reportedScore
    case list, item, field, custom
  }

  /// The item's code or the custom signal's name, in the schema's names.
  public var name: ByteRange
  public var source: Source
  /// Raw value of the bot part, the user-risk key or list, or the field, by `source`.
  public var key: UInt8
  /// The part of an item.
  public var part: UserRiskItem.Part
  public var type: SignalType
  public var foldsCase: Bool
  /// Of a deployment's own numbers: what they stand for.
  public var scale: SignalScale
  var reserved: (UInt8, UInt8) = (0, 0)

  init(_ source: Source, key: UInt8, part: UserRiskItem.Part, name: ByteRange, of signal: Signal) {
    self.source = source
    self.key = key
    self.part = part
    self.name = name
    type = signal.type
    foldsCase = signal.foldsCase
    scale = signal.scale
  }

  /// Describes a signal, adding the name it needs to `names`.
  public init(_ signal: Signal, names: inout [UInt8]) {
    func added(_ name: String) -> ByteRange {
      let range = ByteRange(offset: names.count, count: name.utf8.count)
      names += Array(name.utf8)
      return range
    }
    switch signal.source {
    case .bot(let part):
      self.init(part.source, key: part.rawValue, part: .text, name: .empty, of: signal)
    case .userRisk(.key(let key)):
      self.init(key.source, key: key.rawValue, part: .text, name: .empty, of: signal)
    case .userRisk(.standing):
      self.init(.standing, key: 0, part: .text, name: .empty, of: signal)
    case .userRisk(.reportedScore):
      self.init(.reportedScore, key: 0, part: .text, name: .empty, of: signal)
    case .userRisk(.header):
      self.init(.userRiskHeader, key: 0, part: .text, name: .empty, of: signal)
    case .item(let list, let code, let part):
      self.init(.item, key: list.rawValue, part: part, name: added(code), of: signal)
    case .field(let field):
      self.init(.field, key: UInt8(field.rawValue), part: .text, name: .empty, of: signal)
    case .custom:
      self.init(.custom, key: 0, part: .text, name: added(signal.name), of: signal)
    }
  }
}

extension BotHeader.Part {
  fileprivate var source: SlotDescriptor.Source {
    switch self {
    case .header: .botHeader
    case .type, .botnetID, .action: .botText
    case .categories: .botCategories
    case .score: .botScore
    case .segment: .botSegment
    }
  }
}

extension UserRiskHeader.Key {
  fileprivate var source: SlotDescriptor.Source {
    switch self {
    case .score: .userRiskScore
    case .status, .allow: .userRiskNumber
    case .general, .risk, .trust: .list
    default: .userRiskText
    }
  }
}

/// The signals that a chain of tables reads, in slot order: borrowed from the compiled chain.
public struct SchemaView: ~Escapable {
  /// LIMIT: slots a chain may read; a loop's vector has as many.
  public static let slotCountMax = 128

  /// The headers that signals are read from.
  public struct Headers: OptionSet, BitwiseCopyable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let bot = Headers(rawValue: 1 << 0)
    public static let userRisk = Headers(rawValue: 1 << 1)

    /// Those that some slots need.
    public init(of slots: Span<SlotDescriptor>) {
      self = []
      for index in slots.indices { formUnion(slots[index].source.header) }
    }
  }

  public let slots: Span<SlotDescriptor>
  public let names: Span<UInt8>
  public let headers: Headers

  @inlinable
  @_lifetime(copy slots, copy names)
  public init(slots: Span<SlotDescriptor>, names: Span<UInt8>, headers: Headers) {
    self.slots = slots
    self.names = names
    self.headers = headers
  }

  @_lifetime(copy slots, copy names)
  public init(slots: Span<SlotDescriptor>, names: Span<UInt8>) {
    self.init(slots: slots, names: names, headers: Headers(of: slots))
  }
}

extension SlotDescriptor.Source {
  /// The header that it is a part of; none for a field.
  public var header: SchemaView.Headers {
    switch self {
    case .field, .custom: []
    case .botHeader, .botText, .botScore, .botSegment, .botCategories: .bot
    default: .userRisk
    }
  }
}
