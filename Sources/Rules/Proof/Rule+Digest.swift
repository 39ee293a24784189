import Signals
import Wire

extension Table {
  /// The rules, and the default rule behind them where there is one.
  public var allRules: [Rule] { rules + (defaultRule.map { [$0] } ?? []) }

  /// SHA-256 of what each rule says, in the order of the rules and the default rule last: cells by
  /// signal, mode, verdict, outputs.
  ///
  /// A cell that matches everything says nothing, so a new column with `-` in it changes no digest.
  public var ruleDigests: [ContentDigest] {
    var writer = ByteWriter(capacity: 1024)
    return allRules.map { rule in
      writer.removeAll()
      for (signal, cell) in zip(inputs, rule.cells) where !cell.isAny {
        writer.appendCounted(signal.name)
        // What numbers stand for is a part of what a cell says: three bits beside those of the states.
        writer.append(cell.states.rawValue | signal.scale.rawValue << 4)
        writer.append(cell.values)
      }
      writer.append(rule.mode.map(\.rawValue) ?? .max)
      writer.append(UInt32(rule.canary?.basisPoints ?? 0))
      writer.appendCounted(rule.canary?.key.rawValue ?? "")
      writer.append(UInt8(rule.verdict.rawValue))
      for output in rule.outputs {
        writer.append(output.kind.rawValue)
        writer.appendCounted(output.name)
        writer.appendCounted(output.value)
      }
      return ContentDigest(of: writer.span)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func appendCounted(_ text: String) {
    append(UInt32(truncatingIfNeeded: text.utf8.count))
    append(text)
  }

  fileprivate mutating func append(_ values: UnaryTests.Values) {
    switch values {
    case .any: append(UInt8(0))
    case .none: append(UInt8(1))
    case .anyOf(let tests):
      append(UInt8(2))
      append(tests)
    case .noneOf(let tests):
      append(UInt8(3))
      append(tests)
    }
  }

  private mutating func append(_ tests: [UnaryTest]) {
    append(UInt32(truncatingIfNeeded: tests.count))
    for test in tests {
      switch test {
      case .number(let interval):
        append(UInt8(0))
        append(interval.lower.bitPattern)
        append(interval.upper.bitPattern)
        append(UInt8(interval.includesLower ? 1 : 0) | (interval.includesUpper ? 2 : 0))
      case .text(let text):
        append(UInt8(1))
        appendCounted(text.string)
      case .boolean(let boolean): append(UInt16(boolean ? 0x0102 : 0x0002))
      case .enumeration(let index):
        append(UInt8(3))
        append(UInt32(truncatingIfNeeded: index))
      case .addresses(let block):
        append(UInt8(4))
        append(block.lowerBound)
        append(block.upperBound)
      case .list(let list):
        append(UInt8(5))
        appendCounted(list.name)
        append(list.digest.bytes.span)
      }
    }
  }
}
