import Foundation
import Signals

/// One concrete input: a state or a value for each signal.
public struct Witness: Hashable, Sendable {
  public let signals: [Signal]
  /// By signal.
  public let values: [PlainSignal]
  /// By signal, what a number is that stands for something else; empty where none does.
  let meanings: [NumberMeaning?]

  init(signals: [Signal], values: [PlainSignal], meanings: [NumberMeaning?] = []) {
    self.signals = signals
    self.values = values
    self.meanings = meanings
  }

  private func meaning(_ index: Int) -> NumberMeaning? {
    meanings.indices.contains(index) ? meanings[index] : nil
  }

  /// As `postern eval --input` takes it, on one line, with no apostrophe: it stands between two in a shell.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    // Scalar by scalar: an apostrophe with an accent behind it is one too.
    return json.utf8.contains(UInt8(ascii: "'"))
      ? json.unicodeScalars.map { $0 == "'" ? #"\u0027"# : String($0) }.joined() : json
  }

  /// As cells of a table of examples, by signal's name.
  public var exampleCells: [String: String] {
    Dictionary(
      uniqueKeysWithValues: zip(signals, values).map { ($0.name, $1.text(for: $0)) })
  }

  /// As a person reads it: "`akamaiUserRisk.score` 95, `session.mfaRequired` absent".
  var text: String {
    if signals.isEmpty { return "any input" }
    return signals.indices.map { index in
      let value = meaning(index)?.cellText ?? values[index].text(for: signals[index])
      return "`\(signals[index].name)` \(value)"
    }.joined(separator: ", ")
  }
}

/// A date or a duration, as a cell and as JSON say it.
struct NumberMeaning: Hashable, Sendable {
  let cellText: String
  let inputText: String
}

extension Space {
  /// One input of a part of the space.
  func witness(in box: Box) -> Witness {
    let values = input(in: box)
    let meanings = zip(domains, values).map { domain, value in domain.scale.meaning(of: value) }
    return Witness(signals: signals, values: values, meanings: meanings)
  }
}

extension NumberScale {
  fileprivate func meaning(of value: PlainSignal) -> NumberMeaning? {
    guard case .number(let number) = value, let text = inputText(number) else { return nil }
    return NumberMeaning(cellText: cellText(number), inputText: text)
  }
}

extension Witness: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    for (index, (signal, value)) in zip(signals, values).enumerated() {
      let key = AnyKey(signal.name)
      if let text = meaning(index)?.inputText {
        try container.encode(text, forKey: key)
        continue
      }
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
