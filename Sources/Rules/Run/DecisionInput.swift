import Signals
import Wire

/// The input of one decision in plain terms: what an example or a command line gives.
public struct DecisionInput: Equatable, Sendable {
  /// A raw header value, to be scanned as if it had come over the wire.
  public struct Header: Hashable, Sendable {
    public var field: Field
    public var value: String

    public init(field: Field, value: String) {
      self.field = field
      self.value = value
    }
  }

  public struct Entry: Hashable, Sendable {
    public var signal: Signal
    public var value: PlainSignal

    public init(signal: Signal, value: PlainSignal) {
      self.signal = signal
      self.value = value
    }
  }

  /// The same header twice is what it is on the wire: `invalid`.
  public var headers: [Header] = []
  /// States that are given to every signal of a header.
  public var headerStates: [Field: PlainSignal] = [:]
  /// Signals by value or state. They stand above what a header says of them.
  public var signals: [Entry] = []

  public init() {}
}
