import Signals
import Wire

/// What was read of one signal, with its bytes: comparable and printable.
package enum Reading: Equatable, CustomStringConvertible {
  case state(SignalState)
  case number(Double)
  case boolean(Bool)
  case enumeration(String)
  case string([UInt8])
  case list([[UInt8]])
  case address(UInt128)

  package static let absent = Reading.state(.absent)
  package static let invalid = Reading.state(.invalid)
  package static let unverified = Reading.state(.unverified)

  package init(_ value: SignalValue, of signal: Signal, in bytes: Span<UInt8>) {
    guard value.state == .value else {
      self = .state(value.state)
      return
    }
    switch signal.type {
    case .number: self = .number(value.number)
    case .boolean: self = .boolean(value.low == 1)
    case .enumeration: self = .enumeration(signal.cases[Int(value.low)])
    case .string: self = .string([UInt8](copying: bytes.extracting(value.text)))
    case .address: self = .address(value.address)
    case .list:
      var members: [[UInt8]] = []
      var cursor = ListCursor(value)
      while let member = cursor.next(in: bytes) {
        members.append([UInt8](copying: bytes.extracting(member)))
      }
      self = .list(members)
    }
  }

  package var description: String {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    return switch self {
    case .state(let state): state.name
    case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .boolean(let boolean): "\(boolean)"
    case .enumeration(let name): name
    case .string(let bytes): "\"\(text(bytes))\""
    case .list(let members): "[\(members.map(text).joined(separator: ", "))]"
    case .address(let address): String(address, radix: 16)
    }
  }
}

/// Reads named signals of one decision by the real path: writer, reader, vector.
package struct Probe {
  package let signals: [Signal]
  package let slots: [SlotDescriptor]
  package let names: [UInt8]

  /// Traps on a name that no signal has.
  package init(_ signalNames: [String], in registry: SignalRegistry = SignalRegistry()) {
    var names: [UInt8] = []
    signals = signalNames.map { registry[$0]! }
    slots = signals.map { SlotDescriptor($0, names: &names) }
    self.names = names
  }

  /// What a request with these fields gives, in the order of the names.
  package func read(
    isUnproven: Bool = false, _ append: (inout RequestWriter) -> Void
  ) throws(WireError) -> [Reading] {
    var writer = RequestWriter()
    let trigger: [UInt8] = Array("post-login".utf8)
    writer.beginDecision(tenant: [UInt8]().span, trigger: trigger.span, correlationID: 1)
    append(&writer)
    writer.endDecision()
    writer.finish()
    return try read(message: writer.bytes.span, isUnproven: isUnproven)
  }

  /// What the first decision of a request gives, in the order of the names.
  package func read(message bytes: Span<UInt8>, isUnproven: Bool = false) throws(WireError) -> [Reading] {
    var request = DecisionRequest()
    var reader = try RequestReader(bytes)
    guard try reader.next(into: &request) else { return [] }
    var vector = SignalVector()
    vector.fill(
      from: &request, in: bytes, reading: SchemaView(slots: slots.span, names: names.span),
      isUnproven: isUnproven)
    return signals.indices.map { Reading(vector[$0], of: signals[$0], in: bytes) }
  }

  /// What one header gives; `nil` for a header that did not come.
  package func read(bot: [UInt8]? = nil, userRisk: [UInt8]? = nil) throws(WireError) -> [Reading] {
    try read { writer in
      if let bot { writer.append(.akamaiBot, bytes: bot.span) }
      if let userRisk { writer.append(.akamaiUserRisk, bytes: userRisk.span) }
    }
  }
}

/// What one header gives for one signal.
package func read(_ name: String, bot: String? = nil, userRisk: String? = nil) throws -> Reading {
  try Probe([name]).read(
    bot: bot.map { Array($0.utf8) }, userRisk: userRisk.map { Array($0.utf8) })[0]
}

extension Reading: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self = .string(Array(text.utf8)) }
}
