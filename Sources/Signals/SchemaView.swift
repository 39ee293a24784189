import Wire

/// One signal that a chain of tables reads, laid out for the loop that reads it. 16 bytes.
public struct SlotDescriptor: BitwiseCopyable, Sendable {
  public enum Source: UInt8, BitwiseCopyable, Sendable {
    case bot, userRisk, standing, reportedScore, userRiskHeader, item, field, custom
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
  var reserved: (UInt8, UInt8, UInt8) = (0, 0, 0)

  init(_ source: Source, key: UInt8, part: UserRiskItem.Part, name: ByteRange, of signal: Signal) {
    self.source = source
    self.key = key
    self.part = part
    self.name = name
    type = signal.type
    foldsCase = signal.foldsCase
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
      self.init(.bot, key: part.rawValue, part: .text, name: .empty, of: signal)
    case .userRisk(.key(let key)):
      self.init(.userRisk, key: key.rawValue, part: .text, name: .empty, of: signal)
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

/// The signals that a chain of tables reads, in slot order: borrowed from the compiled chain.
public struct SchemaView: ~Escapable {
  /// LIMIT: slots a chain may read; a loop's vector has as many.
  public static let slotCountMax = 128

  public let slots: Span<SlotDescriptor>
  public let names: Span<UInt8>

  @inlinable
  @_lifetime(copy slots, copy names)
  public init(slots: Span<SlotDescriptor>, names: Span<UInt8>) {
    self.slots = slots
    self.names = names
  }
}
