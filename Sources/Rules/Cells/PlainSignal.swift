import Signals

/// A signal at one decision in plain terms: a state without a value, or a value of its type.
public enum PlainSignal: Hashable, Sendable {
  case absent
  case invalid
  case unverified
  case number(Double)
  case text(String)
  case boolean(Bool)
  /// Index of an enumeration's case.
  case enumeration(Int)
  /// A set of texts.
  case list([String])
  /// IPv4 as IPv4-mapped IPv6.
  case address(UInt128)

  public var state: SignalState {
    switch self {
    case .absent: .absent
    case .invalid: .invalid
    case .unverified: .unverified
    default: .value
    }
  }

  /// A state that is not `value`.
  init?(_ state: SignalState) {
    switch state {
    case .value: return nil
    case .absent: self = .absent
    case .invalid: self = .invalid
    case .unverified: self = .unverified
    }
  }

  /// The states without a value, in the order of a plan's rows.
  static let states: [PlainSignal] = [.absent, .invalid, .unverified]

  /// As an example's cell would say it.
  func text(for signal: Signal) -> String {
    switch self {
    case .absent, .invalid, .unverified: state.name
    case .number(let number): numberText(number)
    case .text(let text): quoted(text)
    case .boolean(let boolean): boolean ? "true" : "false"
    case .enumeration(let index): signal.cases[index]
    case .list(let texts):
      texts.isEmpty ? "an empty list" : texts.map(quoted).joined(separator: ", ")
    case .address(let address): addressText(address)
    }
  }
}

/// A number without the ".0" of a whole one.
func numberText(_ number: Double) -> String {
  if let whole = Int(exactly: number) { return String(whole) }
  return String(number)
}

/// A DMN string literal.
func quoted(_ text: String) -> String {
  var literal = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": literal += "\\\""
    case "\\": literal += "\\\\"
    case "\n": literal += "\\n"
    case "\r": literal += "\\r"
    case "\t": literal += "\\t"
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}

/// The text with ASCII capitals made small: how signals that fold case compare.
func foldedASCII(_ text: String) -> String {
  String(decoding: text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
}
