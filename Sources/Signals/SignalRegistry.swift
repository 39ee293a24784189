import Wire

/// Every signal there is by name: the built-in ones, the open vocabulary of the user-risk items,
/// and those a deployment declares.
public struct SignalRegistry: Sendable {
  /// A deployment's own signals by name.
  public private(set) var customs: [String: Signal] = [:]

  public init() {}

  /// Declares a deployment's own signal. Returns `false` when the name is taken with another type.
  public mutating func declare(
    _ name: String, _ type: SignalType, _ scale: SignalScale = .plain
  ) -> Bool {
    let signal = Signal.custom(name, type, scale)
    if let known = self[name] { return known == signal }
    customs[name] = signal
    return true
  }

  /// The signal of that exact name.
  public subscript(name: String) -> Signal? {
    Self.builtIn[name] ?? Self.item(name) ?? customs[name]
  }

  /// The built-in signals of fixed name, ordered by name.
  public static let all: [Signal] = builtIn.values.sorted { $0.name < $1.name }

  private static let builtIn: [String: Signal] = {
    let signals =
      BotHeader.Part.allCases.map(\.signal) + UserRiskHeader.Part.allCases.map(\.signal)
      + Field.allCases.compactMap(Signal.init(context:))
    return Dictionary(uniqueKeysWithValues: signals.map { ($0.name, $0) })
  }()

  /// `akamaiUserRisk.LIST.CODE` as Auth0 shows it ("ie/M"), and its parts `.value`, `.level` and
  /// `.number`.
  private static func item(_ name: String) -> Signal? {
    let words = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 3 || words.count == 4, words[0] == "akamaiUserRisk",
      let list = UserRiskHeader.Key.lists.first(where: { $0.name == words[1] }),
      UserRiskItem.isCode(words[2])
    else { return nil }
    let partName = words.count == 4 ? words[3] : ""
    guard let part = UserRiskItem.Part.allCases.first(where: { $0.name == partName }),
      (part == .text) == (words.count == 3)
    else { return nil }
    return Signal(
      name, part.type, .item(list: list, code: words[2].lowercased(), part: part),
      foldsCase: true, cases: part == .level ? UserRiskItem.Level.allCases.map(\.name) : [])
  }
}

extension Signal {
  /// The signal that a registered context field carries; `nil` for headers and `custom`.
  init?(context field: Field) {
    let type: SignalType
    switch field.type {
    case .string: type = .string
    case .number: type = .number
    case .boolean: type = .boolean
    case .list: type = .list
    case .address: type = .address
    case .header, nil: return nil
    }
    let foldsCase =
      switch field {
      case .requestCountry, .requestHost, .requestMethod, .userEmail: true
      default: false
      }
    self.init(field.name, type, .field(field), foldsCase: foldsCase)
  }
}
