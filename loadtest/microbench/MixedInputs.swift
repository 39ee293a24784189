import Signals
import Tables
import Wire

/// Values for the columns of a `MixedTable`: half of the inputs are made to match some rule of it,
/// the rest are random; one value in ten is absent.
struct MixedInputs {
  static let count = 256

  /// The bytes that texts lie in.
  private(set) var message: [UInt8] = Array("..".utf8)
  /// `MixedTable.columnCount` a input, one input behind the other.
  private(set) var values: [SignalValue] = []
  /// By column of lists: one with as many members as a printed worst case counts, which cells name.
  private(set) var longLists: [(column: Int, value: SignalValue)] = []

  init(_ table: MixedTable, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for index in 0..<Self.count {
      let rule = index % 2 == 0 ? random.below(table.ruleCount) : nil
      for column in table.cells.indices {
        let cell = rule.flatMap { table.cells[column][$0] }
        if cell == nil, random.happens(10) {
          values.append(SignalValue(.absent))
        } else {
          append(cell, MixedTable.signals[column], table.partitions[column], &random)
        }
      }
    }
    for column in table.cells.indices {
      guard case .list(let members, _) = table.partitions[column] else { continue }
      let named = Array(members.suffix(TableCost.listMemberCount))
      longLists.append((column, list(named, MixedTable.signals[column])))
    }
  }

  /// One more input, equal to another, and its number.
  mutating func append(copyOf input: Int) -> Int {
    let first = input * MixedTable.columnCount
    values += values[first..<first + MixedTable.columnCount]
    return values.count / MixedTable.columnCount - 1
  }

  subscript(input: Int, column: Int) -> SignalValue {
    get { values[input * MixedTable.columnCount + column] }
    set { values[input * MixedTable.columnCount + column] = newValue }
  }

  private mutating func append(
    _ cell: MixedTable.Cell, _ signal: Signal, _ partition: Partition,
    _ random: inout SplitMix64
  ) {
    func number(below count: Int) -> Int {
      cell.map { random.pick($0).randomElement(using: &random)! } ?? random.below(count)
    }
    switch partition {
    case .direct(let classes):
      let number = number(below: classes.count)
      values.append(
        signal.type == .number ? .number(Double(number)) : .enumeration(number))
    case .numbers(let boundaries):
      let number = number(below: 2 * boundaries.count + 1)
      values.append(.number(Double(number - 1) / 2))
    case .addresses(let starts, _):
      let number = number(below: starts.count + 1)
      values.append(.address(number == 0 ? 0 : starts[number - 1] + UInt128(random.below(256))))
    case .strings(let members, _):
      let member = cell == nil ? random.below(members.count) : number(below: 1) - 1
      let range = add(Array((member < 0 ? "other" : members[member]).utf8))
      values.append(.string(range, in: message.span, foldingCase: signal.foldsCase))
    case .list(let members, _):
      let chosen = cell == nil ? [] : [members[number(below: 1)]]
      let others = (0..<random.below(3)).map { _ in random.pick(members) }
      values.append(list(chosen + others, signal))
    }
  }

  private mutating func list(_ members: [String], _ signal: Signal) -> SignalValue {
    if case .bot = signal.source {
      return .list(add(Array(members.joined(separator: ",").utf8)), .commas)
    }
    return .list(add(members.flatMap { [UInt8($0.utf8.count), 0] + Array($0.utf8) }), .lengths)
  }

  private mutating func add(_ bytes: [UInt8]) -> ByteRange {
    let range = ByteRange(offset: message.count, count: bytes.count)
    message += bytes + Array("#".utf8)
    return range
  }
}
