import Foundation
import Signals

/// One concrete input: a state or a value for each signal.
public struct Witness: Hashable, Sendable {
  public let signals: [Signal]
  /// By signal.
  public let values: [PlainSignal]

  /// As `postern eval --input` takes it, on one line.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// As cells of a table of examples, by signal's name.
  public var exampleCells: [String: String] {
    Dictionary(
      uniqueKeysWithValues: zip(signals, values).map { ($0.name, $1.exampleText(for: $0)) })
  }

  /// As a person reads it: "`akamaiUserRisk.score` 95, `session.mfaRequired` absent".
  var text: String {
    if signals.isEmpty { return "any input" }
    return zip(signals, values).map { "`\($0.name)` \($1.exampleText(for: $0))" }
      .joined(separator: ", ")
  }
}

extension Witness: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    for (signal, value) in zip(signals, values) {
      let key = AnyKey(signal.name)
      switch value {
      case .absent: try container.encodeNil(forKey: key)
      case .invalid, .unverified: try container.encode(["state": value.state.name], forKey: key)
      case .number(let number): try container.encode(number, forKey: key)
      case .text(let text): try container.encode(text, forKey: key)
      case .boolean(let boolean): try container.encode(boolean, forKey: key)
      case .enumeration(let index): try container.encode(signal.cases[index], forKey: key)
      case .list(let texts): try container.encode(texts, forKey: key)
      case .address(let address): try container.encode(addressText(address), forKey: key)
      }
    }
  }
}

extension PlainSignal {
  /// As a cell of an example says it. A list of nothing cannot be said there.
  func exampleText(for signal: Signal) -> String {
    if case .number(let number) = self { return numberText(number) }
    return text(for: signal)
  }
}
