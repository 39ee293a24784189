import Signals
import Wire

/// A signal's value as a test writes it down.
enum Value: Equatable {
  case state(SignalState)
  case number(Double)
  /// A boolean's or an enumeration's.
  case index(Int)
  case text(String)
  case address(UInt128)
  case list([String])
}

/// Values and the message that their texts lie in.
struct Input {
  /// Texts do not start at 0, nor end where the message does.
  private(set) var message: [UInt8] = Array("..".utf8)
  private(set) var values: [SignalValue] = []

  /// Encodes one value a signal.
  init(_ values: [Value], for signals: [Signal]) {
    for (value, signal) in zip(values, signals) { append(value, for: signal) }
  }

  private mutating func append(_ value: Value, for signal: Signal) {
    switch value {
    case .state(let state): values.append(SignalValue(state))
    case .number(let number): values.append(.number(number))
    case .index(let index): values.append(.enumeration(index))
    case .address(let address): values.append(.address(address))
    case .text(let text): append(text: Array(text.utf8), foldingCase: signal.foldsCase)
    case .list(let members): values.append(.list(add(signal.encoded(members)), signal.listFormat))
    }
  }

  mutating func append(text: [UInt8], foldingCase: Bool) {
    let range = add(text)
    values.append(.string(range, in: message.span, foldingCase: foldingCase))
  }

  private mutating func add(_ bytes: [UInt8]) -> ByteRange {
    let range = ByteRange(offset: message.count, count: bytes.count)
    message += bytes + Array("#".utf8)
    return range
  }
}

extension Signal {
  var listFormat: ListFormat {
    switch source {
    case .bot: .commas
    case .userRisk: .items
    default: .lengths
    }
  }

  fileprivate func encoded(_ members: [String]) -> [UInt8] {
    switch listFormat {
    case .commas: Array(members.joined(separator: ", ").utf8)
    case .items: Array(members.map { "\($0):1" }.joined(separator: "|").utf8)
    case .lengths: members.flatMap { [UInt8($0.utf8.count), 0] + Array($0.utf8) }
    }
  }

  /// A registered signal; a test that names another cannot run.
  static func named(_ name: String) -> Signal { SignalRegistry()[name]! }
}
