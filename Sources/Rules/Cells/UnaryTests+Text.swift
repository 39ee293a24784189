import Signals

extension UnaryTests {
  /// The cell that says this, in its one canonical spelling; `nil` for what no cell can say. As FEEL
  /// has no addresses, its cells hold them as texts.
  public func text(for signal: Signal, quotingAddresses: Bool = false) -> String? {
    if isAny { return "-" }
    guard tests.allSatisfy({ $0 != .number(NumberInterval()) }) else { return nil }
    switch values {
    case .any: return "not(\(States.all.subtracting(states).names.joined(separator: ", ")))"
    case .none: return states.isEmpty ? nil : states.names.joined(separator: ", ")
    case .anyOf(let tests):
      if tests.isEmpty { return nil }
      return (Self.texts(tests, signal, quotingAddresses) + states.names).joined(separator: ", ")
    case .noneOf(let tests):
      if tests.isEmpty || !states.isEmpty { return nil }
      return "not(\(Self.texts(tests, signal, quotingAddresses).joined(separator: ", ")))"
    }
  }

  private static func texts(
    _ tests: [UnaryTest], _ signal: Signal, _ quotingAddresses: Bool
  ) -> [String] {
    var texts: [String] = []
    var index = 0
    while index < tests.count {
      // `!= 42` makes the two intervals that leave out 42.
      if case .number(let below) = tests[index], index + 1 < tests.count,
        case .number(let above) = tests[index + 1],
        below == NumberInterval(upper: below.upper), above == NumberInterval(lower: below.upper)
      {
        texts.append("!= \(signal.numberScale.cellText(below.upper))")
        index += 2
      } else {
        let text = tests[index].text(for: signal)
        if case .addresses = tests[index], quotingAddresses {
          texts.append(quoted(text))
        } else {
          texts.append(text)
        }
        index += 1
      }
    }
    return texts
  }
}

extension UnaryTests.States {
  /// As a cell names them.
  var names: [String] {
    PlainSignal.states.map(\.state).filter { contains(Self($0)) }.map(\.name)
  }
}

extension UnaryTest {
  /// As a cell says it.
  func text(for signal: Signal) -> String {
    switch self {
    case .number(let interval): interval.text(signal.numberScale)
    case .text(let text): quoted(text.string)
    case .boolean(let boolean): boolean ? "true" : "false"
    case .enumeration(let index): quoted(signal.cases[index])
    case .addresses(let block): blockText(block)
    case .list(let list): "\(CellParser.listWord) \(list.name)"
    }
  }
}

extension NumberInterval {
  /// `42`, `>= 42`, `[40..50)`.
  func text(_ scale: NumberScale) -> String {
    let (from, to) = (scale.cellText(lower), scale.cellText(upper))
    if lower == upper { return from }
    if lower == -.infinity { return (includesUpper ? "<= " : "< ") + to }
    if upper == .infinity { return (includesLower ? ">= " : "> ") + from }
    return (includesLower ? "[" : "(") + "\(from)..\(to)"
      + (includesUpper ? "]" : ")")
  }
}

/// An address, or a block by its first address and the length of its prefix.
func blockText(_ block: ClosedRange<UInt128>) -> String {
  let length = (block.lowerBound ^ block.upperBound).leadingZeroBitCount
  if length == 128 { return addressText(block.lowerBound) }
  // All of IPv4 is a block of 96 bits, and a larger one does not begin with an IPv4 address.
  return addressText(block.lowerBound) + "/\(isIPv4(block.lowerBound) ? length - 96 : length)"
}
