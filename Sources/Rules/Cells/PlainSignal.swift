import Signals
import Tables

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
    case .number(let number): signal.numberScale.inputText(number) ?? numberText(number)
    case .text(let text): quoted(text)
    case .boolean(let boolean): boolean ? "true" : "false"
    case .enumeration(let index): signal.cases[index]
    case .list(let texts):
      texts.isEmpty ? "an empty list" : texts.map(quoted).joined(separator: ", ")
    case .address(let address): addressText(address)
    }
  }
}

/// A number as a cell says it: in decimal, without an exponent and without the ".0" of a whole one.
public func numberText(_ number: Double) -> String {
  if let whole = Int(exactly: number) { return String(whole) }
  let text = String(number)
  guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...])
  else { return text }
  let sign = number < 0 ? "-" : ""
  let parts = text[..<mark].drop { $0 == "-" }.split(separator: ".")
  let fraction = parts.count == 2 && parts[1] != "0" ? String(parts[1]) : ""
  let digits = String(parts[0]) + fraction
  // The point stands behind the first digit, and goes `exponent` digits to the right.
  let zeroCount = exponent < 0 ? -exponent : exponent - fraction.count
  let zeros = String(repeating: "0", count: max(0, zeroCount))
  if exponent < 0 { return sign + "0." + zeros.dropFirst() + digits }
  return sign + digits + zeros
}

/// The number that a decimal text says, `nil` for any other text.
func decimalNumber(_ text: String) -> Double? {
  let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
  let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
  guard (1...2).contains(parts.count),
    parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
    let number = Double(text), number.isFinite
  else { return nil }
  return number + 0  // Makes -0 the 0 that it equals.
}

/// A DMN string literal: it has the escapes that JSON has.
func quoted(_ text: String) -> String { jsonString(text) }

/// The text with ASCII capitals made small: how signals that fold case compare.
func foldedASCII(_ text: String) -> String {
  String(decoding: text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
}

/// A decimal text in its shortest spelling, all of its digits kept: `-1.5` for `-01.50`, `0` for `-0.0`.
/// `nil` for what is no decimal number.
func decimalText(_ text: String) -> String? {
  guard decimalNumber(text) != nil else { return nil }
  let parts = text.drop { $0 == "-" }.split(separator: ".")
  let whole = parts[0].drop { $0 == "0" }
  var fraction = parts.count > 1 ? parts[1] : ""
  while fraction.last == "0" { fraction.removeLast() }
  if whole.isEmpty && fraction.isEmpty { return "0" }
  return (text.hasPrefix("-") ? "-" : "") + (whole.isEmpty ? "0" : whole)
    + (fraction.isEmpty ? "" : "." + fraction)
}
