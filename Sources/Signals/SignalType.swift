/// What a signal's values are.
public enum SignalType: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// A finite binary64.
  case number = 1
  /// Text, compared whole.
  case string = 2
  case boolean = 3
  /// A set of texts.
  case list = 4
  /// An IPv4 or IPv6 address; IPv4 is held as IPv4-mapped IPv6.
  case address = 5
  /// One of a closed set of names.
  case enumeration = 6

  public var name: String {
    switch self {
    case .number: "number"
    case .string: "string"
    case .boolean: "boolean"
    case .list: "list"
    case .address: "address"
    case .enumeration: "enumeration"
    }
  }
}
