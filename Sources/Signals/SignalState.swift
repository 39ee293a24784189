/// What is known of a signal. Every signal is in exactly one of these states at every decision.
public enum SignalState: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// It has a value of its type.
  case value = 0
  /// It did not come.
  case absent = 1
  /// It came and cannot be read: a duplicate key, a bad number, over a limit.
  case invalid = 2
  /// It came without the proof of origin that the deployment asks for.
  case unverified = 3

  /// Its name in a table's cell; a value has none.
  public var name: String {
    switch self {
    case .value: "value"
    case .absent: "absent"
    case .invalid: "invalid"
    case .unverified: "unverified"
    }
  }
}
