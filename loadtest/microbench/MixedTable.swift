import Signals
import Tables
import Wire

/// A table of 20 mixed columns, two of five cells of which allow everything: scores, other numbers,
/// booleans, an enumeration, texts, sets and one column of networks.
struct MixedTable {
  /// What a rule's cell in a column allows: stretches of the classes, or members of a list.
  /// `nil`: everything.
  typealias Cell = [Range<Int>]?

  static let columnCount = 20
  static let networks = (0..<(64 * 256)).map {
    0xFFFF_0A00_0000 | UInt128($0) << 8
  }
  static let texts = (0..<40).map { "text-\($0)" }

  /// The signals, and what their cells may tell apart.
  private static let domains: [(signal: Signal, partition: Partition)] = {
    let registry = SignalRegistry()
    let scores = Partition.direct(classes: Array(0...100))
    let flags = Partition.direct(classes: [0, 1])
    let numbers = Partition.numbers(boundaries: (0..<500).map(Double.init))
    let registered: [(String, Partition)] = [
      ("akamaiUserRisk.score", scores), ("akamaiBot.botScore", scores),
      ("akamaiBot.type", .strings(members: texts)), ("session.mfaRequired", flags),
      ("request.country", .strings(members: texts)), ("request.ip", .addresses(starts: networks)),
      ("authentication.methods", .list(members: texts)), ("stats.loginsCount", numbers),
      ("akamaiUserRisk.standing", .direct(classes: [0, 1, 2])),
      ("akamaiBot.botCategory", .list(members: texts)),
      ("request.path", .strings(members: texts)),
    ]
    let customs: [(String, SignalType, Partition)] = [
      ("shop.total", .number, numbers), ("shop.tier", .string, .strings(members: texts)),
      ("shop.isGift", .boolean, flags), ("shop.tags", .list, .list(members: texts)),
      ("shop.age", .number, numbers), ("shop.region", .string, .strings(members: texts)),
      ("shop.isNew", .boolean, flags), ("shop.amount", .number, numbers),
      ("shop.channel", .string, .strings(members: texts)),
    ]
    return registered.map { (registry[$0.0]!, $0.1) } + customs.map { (.custom($0.0, $0.1), $0.2) }
  }()

  static let signals = domains.map(\.signal)

  let ruleCount: Int
  /// By column, then by rule.
  private(set) var cells: [[Cell]] = []
  /// By column: what its cells do tell apart.
  private(set) var partitions: [Partition] = []

  init(ruleCount: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    self.ruleCount = ruleCount
    for domain in Self.domains {
      let all = (0..<ruleCount).map { _ in Self.cell(domain.partition, &random) }
      let (partition, cells) = Self.reduced(domain.partition, all)
      self.cells.append(cells)
      partitions.append(partition)
    }
  }

  private static func cell(_ partition: Partition, _ random: inout SplitMix64) -> Cell {
    if random.happens(40) { return nil }
    switch partition {
    case .direct(let classes) where classes.count <= 3:
      let number = random.below(classes.count)
      return [number..<(number + 1)]
    case .addresses(let starts, _):
      let network = 1 + random.below(starts.count - 1)
      return [network..<(network + 1)]
    case .strings(let members, _), .list(let members, _):
      return (0...random.below(3)).map { _ in
        let number = random.below(members.count)
        return number..<(number + 1)
      }
    default:
      let count = partition.rowCount
      let middle = random.below(count)
      switch random.below(3) {
      case 0: return [middle..<count]
      case 1: return [0..<(middle + 1)]
      default: return [(middle / 2)..<(middle / 2 + count / 2)]
      }
    }
  }

  /// A partition without what no cell names, and the cells by its classes.
  private static func reduced(
    _ partition: Partition, _ cells: [Cell]
  ) -> (Partition, [Cell]) {
    /// What of the partition's texts, boundaries or starts a bound of a cell is at; `nil` at the ends.
    func element(_ bound: Int) -> Int? {
      guard bound > 0, bound < partition.rowCount else { return nil }
      if case .numbers = partition { return (bound - 1) / 2 }
      return bound - 1
    }
    func elements(_ range: Range<Int>) -> [Int] {
      if case .list = partition { return [range.lowerBound] }
      return [element(range.lowerBound), element(range.upperBound)].compactMap(\.self)
    }
    let used = Set(cells.flatMap { ($0 ?? []).flatMap(elements) }).sorted()
    let reduced: Partition
    switch partition {
    case .direct: return (partition, cells)
    case .numbers(let all): reduced = .numbers(boundaries: used.map { all[$0] })
    case .addresses(let all, _): reduced = .addresses(starts: used.map { all[$0] })
    case .strings(let all, _): reduced = .strings(members: used.map { all[$0] })
    case .list(let all, _): reduced = .list(members: used.map { all[$0] })
    }
    let numbers = Dictionary(uniqueKeysWithValues: zip(used, used.indices))
    func moved(_ bound: Int) -> Int {
      guard let element = element(bound) else { return bound == 0 ? 0 : reduced.rowCount }
      if case .numbers = partition { return bound + 2 * (numbers[element]! - element) }
      return numbers[element]! + 1
    }
    return (
      reduced,
      cells.map { cell in
        cell?.map { range in
          if case .list = partition {
            let member = numbers[range.lowerBound]!
            return member..<(member + 1)
          }
          return moved(range.lowerBound)..<moved(range.upperBound)
        }
      }
    )
  }

  /// The table with the cells of another, as large, in its first columns.
  func edited(columnCount: Int, as other: MixedTable) -> MixedTable {
    var edited = self
    for column in 0..<columnCount {
      edited.cells[column] = other.cells[column]
      edited.partitions[column] = other.partitions[column]
    }
    return edited
  }

  var plan: ChainPlan { plan(beside: 0, editedColumnCount: 0) }

  /// The table, and candidates beside it: the first columns of each are its own, the rest the table's.
  func plan(beside candidateCount: Int, editedColumnCount: Int) -> ChainPlan {
    let candidates = (0..<candidateCount).map { index in
      editedColumnCount == 0
        ? self
        : edited(
          columnCount: editedColumnCount,
          as: MixedTable(ruleCount: ruleCount, seed: UInt64(ruleCount + 1 + index)))
    }
    let rules = (1...ruleCount).map { number in
      RulePlan(
        name: "", number: number, verdict: Verdict.allCases[number % 3],
        outputs: [.init(kind: .reason, value: "reason \(number % 50)")])
    }
    let tables = ([self] + candidates).enumerated().map { index, table in
      let columns = table.cells.indices.map {
        Self.plan(of: table.cells[$0], table.partitions[$0], slot: $0)
      }
      return TablePlan(
        name: "mixed-\(index)", version: 1, mode: .enforce, columns: columns, rules: rules,
        role: index == 0 ? .live : .shadowOfChain)
    }
    return ChainPlan(signals: Self.signals, tables: tables, onLate: .allow)
  }

  private static func plan(
    of cells: [Cell], _ partition: Partition, slot: Int
  ) -> ColumnPlan {
    var row = ColumnPlan.Row(repeating: 0, count: (cells.count + 63) / 64)
    func set(_ rule: Int, _ isSet: Bool) {
      let bit: UInt64 = 1 << UInt64(rule % 64)
      if isSet { row[rule / 64] |= bit } else { row[rule / 64] &= ~bit }
    }
    for (rule, cell) in cells.enumerated() where cell == nil { set(rule, true) }
    let anyRow = row
    var classes = RowSequence(wordCount: row.count)
    if case .list(let members, _) = partition {
      classes.append(anyRow)
      let empty = ColumnPlan.Row(repeating: 0, count: row.count)
      for member in members.indices {
        row = empty
        for (rule, cell) in cells.enumerated() where cell?.contains(member..<(member + 1)) ?? false {
          set(rule, true)
        }
        classes.append(row)
        classes.append(empty)
      }
    } else {
      var changes = [[(rule: Int, isSet: Bool)]](repeating: [], count: partition.rowCount + 1)
      for (rule, cell) in cells.enumerated() {
        for range in cell ?? [] {
          changes[range.upperBound].append((rule, false))
          changes[range.lowerBound].append((rule, true))
        }
      }
      for number in 0..<partition.rowCount {
        for change in changes[number] where !change.isSet { set(change.rule, false) }
        for change in changes[number] where change.isSet { set(change.rule, true) }
        classes.append(row)
      }
    }
    return ColumnPlan(
      slot: slot, partition: partition, stateRows: Array(repeating: anyRow, count: 3),
      classes: classes)
  }
}
