import Wire

/// One signal at one decision: its state and, in state `value`, what its type needs. 32 bytes.
///
/// | type | `low` | `high` | `text` |
/// |---|---|---|---|
/// | number | bit pattern of the `Double` | - | where the text of a date or duration lies |
/// | boolean | 0 or 1 | - | - |
/// | enumeration | index of the case | - | - |
/// | string | `stringHash` of the text | - | where the text lies |
/// | address | low half | high half | where the text lies |
/// | list | `ListFormat` | - | where the list lies |
public struct SignalValue: BitwiseCopyable, Equatable, Sendable {
  public var low: UInt64
  public var high: UInt64
  /// In the bytes of the message that the value was read from.
  public var text: ByteRange
  public var state: SignalState

  @inlinable
  public init(low: UInt64 = 0, high: UInt64 = 0, text: ByteRange = .empty) {
    self.low = low
    self.high = high
    self.text = text
    state = .value
  }

  /// No value: only a state.
  @inlinable
  public init(_ state: SignalState) {
    self.init()
    self.state = state
  }

  @inlinable public static var absent: SignalValue { SignalValue(.absent) }
  @inlinable public static var invalid: SignalValue { SignalValue(.invalid) }

  @inlinable
  public static func number(_ number: Double) -> SignalValue { SignalValue(low: number.bitPattern) }

  @inlinable
  public static func boolean(_ boolean: Bool) -> SignalValue { SignalValue(low: boolean ? 1 : 0) }

  @inlinable
  public static func enumeration(_ index: Int) -> SignalValue { SignalValue(low: UInt64(index)) }

  @inlinable
  public static func string(
    _ text: ByteRange, in bytes: Span<UInt8>, foldingCase: Bool
  ) -> SignalValue {
    SignalValue(low: stringHash(bytes, text, foldingCase: foldingCase), text: text)
  }

  @inlinable
  public static func address(_ address: UInt128, text: ByteRange = .empty) -> SignalValue {
    SignalValue(
      low: UInt64(truncatingIfNeeded: address), high: UInt64(truncatingIfNeeded: address >> 64),
      text: text)
  }

  @inlinable
  public static func list(_ text: ByteRange, _ format: ListFormat) -> SignalValue {
    SignalValue(low: UInt64(format.rawValue), text: text)
  }

  @inlinable public var number: Double { Double(bitPattern: low) }
  @inlinable public var address: UInt128 { UInt128(high) << 64 | UInt128(low) }
}
