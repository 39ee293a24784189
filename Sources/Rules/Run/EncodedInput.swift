import Signals
import Tables
import Wire

/// A decision's input as an evaluator takes it: the bytes of a real request, and values that stand
/// above what the request says.
public struct EncodedInput: Sendable {
  /// One request message, and behind it the texts of `overrides`.
  public let bytes: [UInt8]
  private let messageByteCount: Int
  private var overrides: [(slot: Int, value: SignalValue)] = []

  /// `signals` are those of the chain's plan, by slot; signals that the chain does not read are
  /// passed over. Context signals of state `value` travel in the message.
  public init(_ input: DecisionInput, for signals: [Signal], of key: TableKey) {
    var writer = RequestWriter()
    let tenant = Array(key.tenant.utf8)
    let trigger = Array(key.trigger.utf8)
    writer.beginDecision(tenant: tenant.span, trigger: trigger.span, correlationID: 0)
    for header in input.headers {
      let value = Array(header.value.utf8)
      writer.append(header.field, bytes: value.span)
    }
    var rest: [DecisionInput.Entry] = []
    for entry in input.signals {
      if !writer.append(entry) { rest.append(entry) }
    }
    writer.endDecision()
    writer.finish()
    var bytes = [UInt8](copying: writer.bytes.span)
    messageByteCount = bytes.count
    for (slot, signal) in signals.enumerated() {
      if let field = signal.headerField, let state = input.headerStates[field] {
        overrides.append((slot, SignalValue(state.state)))
      }
      if let entry = rest.first(where: { $0.signal == signal }) {
        overrides.append((slot, SignalValue(entry.value, of: signal, appendingTo: &bytes)))
      }
    }
    self.bytes = bytes
  }

  /// Reads the request as a door does, then sets the values that stand above it.
  ///
  /// A `WireError` means that the input is beyond what a message may hold.
  public func fill(
    _ vector: inout SignalVector, reading schema: SchemaView
  ) throws(WireError) {
    var request = DecisionRequest()
    var reader = try RequestReader(bytes.span.extracting(0..<messageByteCount))
    _ = try reader.next(into: &request)
    vector.fill(from: &request, in: bytes.span, reading: schema)
    for override in overrides { vector[override.slot] = override.value }
  }
}

extension RequestWriter {
  /// Appends a context signal's value; `false` for what a request's fields cannot say.
  fileprivate mutating func append(_ entry: DecisionInput.Entry) -> Bool {
    guard case .field(let field) = entry.signal.source else { return false }
    switch entry.value {
    case .number(let number): append(field, number: number)
    case .boolean(let boolean): append(field, boolean: boolean)
    case .list(let texts): append(field, list: texts)
    case .text(let text):
      let bytes = Array(text.utf8)
      append(field, bytes: bytes.span)
    case .address(let address):
      let bytes = Array(addressText(address).utf8)
      append(field, bytes: bytes.span)
    case .absent: break
    case .invalid, .unverified, .enumeration: return false
    }
    return true
  }
}

extension Signal {
  /// The raw header that it is read from.
  var headerField: Field? {
    switch source {
    case .bot: .akamaiBot
    case .userRisk, .item: .akamaiUserRisk
    case .field, .custom: nil
    }
  }
}

extension SignalValue {
  /// A plain value as the vector holds it; texts are appended to `bytes`.
  fileprivate init(_ plain: PlainSignal, of signal: Signal, appendingTo bytes: inout [UInt8]) {
    let start = bytes.count
    switch plain {
    case .absent, .invalid, .unverified: self.init(plain.state)
    case .number(let number):
      self = .number(number)
      if let iso = signal.numberScale.inputText(number) {
        bytes += Array(iso.utf8)
        self.text = ByteRange(offset: start, count: bytes.count - start)
      }
    case .boolean(let boolean): self = .boolean(boolean)
    case .enumeration(let index): self = .enumeration(index)
    case .address(let address): self = .address(address)
    case .text(let text):
      bytes += Array(text.utf8)
      let range = ByteRange(offset: start, count: bytes.count - start)
      self = .string(range, in: bytes.span, foldingCase: signal.foldsCase)
    case .list(let texts):
      for text in texts {
        let utf8 = Array(text.utf8)
        bytes += [
          UInt8(truncatingIfNeeded: utf8.count), UInt8(truncatingIfNeeded: utf8.count >> 8),
        ]
        bytes += utf8
      }
      self = .list(ByteRange(offset: start, count: bytes.count - start), .lengths)
    }
  }
}
