import Wire

/// One named, typed input of tables.
public struct Signal: Hashable, Sendable {
  /// Where it is read from.
  public enum Source: Hashable, Sendable {
    case bot(BotHeader.Part)
    case userRisk(UserRiskHeader.Part)
    /// One item of `general`, `risk` or `trust`.
    case item(list: UserRiskHeader.Key, code: String, part: UserRiskItem.Part)
    /// A registered context field.
    case field(Field)
    /// A deployment's own.
    case custom
  }

  public let name: String
  public let type: SignalType
  /// What its numbers stand for.
  public let scale: SignalScale
  public let source: Source
  /// Whether texts compare regardless of ASCII case: an EdgeWorker may lower-case a whole header.
  public let foldsCase: Bool
  /// The only values a number can have: whole ones, from 0.
  public let wholeMax: Int?
  /// The names of an enumeration's cases, by index.
  public let cases: [String]

  init(
    _ name: String, _ type: SignalType, _ source: Source, scale: SignalScale = .plain,
    foldsCase: Bool = false, wholeMax: Int? = nil, cases: [String] = []
  ) {
    self.name = name
    self.type = type
    self.scale = scale
    self.source = source
    self.foldsCase = foldsCase
    self.wholeMax = wholeMax
    self.cases = cases
  }

  /// A deployment's own signal. An enumeration cannot be declared, and numbers alone have a scale.
  public static func custom(
    _ name: String, _ type: SignalType, _ scale: SignalScale = .plain
  ) -> Signal {
    precondition(type != .enumeration && (scale == .plain || type == .number))
    return Signal(name, type, .custom, scale: scale)
  }

  /// What a declaration calls its values.
  public var typeName: String { scale == .plain ? type.name : scale.name }
}
