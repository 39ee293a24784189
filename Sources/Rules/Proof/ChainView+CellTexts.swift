import Signals
import Tables

extension ChainView {
  /// The cells of some of a table's rules, read back from its rows: by rule of the image, by signal, without
  /// those that match everything. Their spelling is the same for all cells that match the same values.
  /// O(rows × words + rules × rows).
  public func cellTexts(ofRules rules: [Int], ofTable index: Int) -> [[String: String]] {
    var cells = [[String: String]](repeating: [:], count: rules.count)
    let known = Dictionary(zip(rules, rules.indices)) { first, _ in first }
    let places = ranks(ofTable: index).map { rank in rank.flatMap { known[$0] } }
    var wanted: [Int: UInt64] = [:]
    for (bit, place) in places.enumerated() where place != nil {
      wanted[bit / 64, default: 0] |= 1 << UInt64(bit % 64)
    }
    for number in 0..<content(ofTable: index).columnCount {
      let column = content(ofColumn: number, ofTable: index)
      guard let partition = partition(of: column) else { continue }
      let rowCount = PlainSignal.states.count + partition.rowCount
      var rows = [[Bool]](repeating: .init(repeating: false, count: rowCount), count: rules.count)
      for row in 0..<rowCount {
        forEachWord(ofRow: row, of: column) { word, bits in
          guard let mask = wanted[word] else { return }
          var rest = bits & mask
          while rest != 0 {
            rows[places[word * 64 + rest.trailingZeroBitCount]!][row] = true
            rest &= rest - 1
          }
        }
      }
      let (name, type, scale) = signal(inSlot: column.slot)
      let words = CompiledCellWords(
        partition: partition, type: type, scale: NumberScale(scale),
        cases: SignalRegistry()[name]?.cases ?? [])
      for place in rules.indices {
        let text = words.text(rows[place])
        if text != "-" { cells[place][name] = text }
      }
    }
    return cells
  }
}

/// Says a set of a compiled column's rows as a cell does.
private struct CompiledCellWords {
  let partition: Partition
  let type: SignalType
  let scale: NumberScale
  let cases: [String]

  /// By row, those of the states first.
  func text(_ rows: [Bool]) -> String {
    let states = PlainSignal.states.indices.filter { rows[$0] }
    let classes = Array(rows[PlainSignal.states.count...])
    let names = states.map { PlainSignal.states[$0].state.name }
    switch values(classes) {
    case .all: return cellText(allValuesAnd: states)
    case .these(let texts):
      let all = texts + names
      return all.isEmpty ? "nothing" : all.joined(separator: ", ")
    case .others(let texts):
      let cell = "not(\(texts.joined(separator: ", ")))"
      return names.isEmpty ? cell : cell + eitherWord + names.joined(separator: ", ")
    }
  }

  private enum Values {
    case all
    case these([String])
    case others([String])
  }

  private func values(_ rows: [Bool]) -> Values {
    if case .list(let members, let classes) = partition {
      let named = { (first: Int) in
        zip(members, classes).filter { rows[first + 2 * $1] }.map { quoted($0.0) }.sorted()
      }
      guard rows[0] else { return .these(named(1)) }
      let forbidden = named(2)
      return forbidden.isEmpty ? .all : .others(forbidden)
    }
    if rows.allSatisfy(\.self) { return .all }
    switch partition {
    case .direct(let classes): return .these(direct(classes.map { rows[$0] }))
    case .numbers(let boundaries): return .these(intervals(boundaries, rows))
    case .strings(let members, let classes):
      let chosen = zip(members, classes).filter { rows[$1] != rows[0] }.map { quoted($0.0) }.sorted()
      return rows[0] ? .others(chosen) : .these(chosen)
    case .addresses(let starts, let classes):
      let these = blocks(starts, classes.map { rows[$0] })
      let others = blocks(starts, classes.map { !rows[$0] })
      return these.count <= max(1, others.count) ? .these(these) : .others(others)
    case .list: return .all
    }
  }

  /// By value: of a boolean, an enumeration or whole numbers from 0.
  private func direct(_ values: [Bool]) -> [String] {
    switch type {
    case .boolean: return values.indices.filter { values[$0] }.map { $0 == 1 ? "true" : "false" }
    case .enumeration:
      return values.indices.filter { values[$0] }.map {
        cases.indices.contains($0) ? quoted(cases[$0]) : "\($0)"
      }
    default:
      return runs(of: values).map { run in
        let (first, last) = (run.lowerBound, run.upperBound - 1)
        return NumberInterval(
          lower: first == 0 && last > 0 ? -.infinity : Double(first), includesLower: true,
          upper: last == values.count - 1 && last > first ? .infinity : Double(last), includesUpper: true
        ).text(scale)
      }
    }
  }

  private func intervals(_ boundaries: [Double], _ rows: [Bool]) -> [String] {
    runs(of: rows).map { run in
      let (first, last) = (run.lowerBound, run.upperBound - 1)
      return NumberInterval(
        lower: first == 0 ? -.infinity : boundaries[(first - 1) / 2], includesLower: first % 2 == 1,
        upper: last == rows.count - 1 ? .infinity : boundaries[last / 2], includesUpper: last % 2 == 1
      ).text(scale)
    }
  }

  /// By stretch: the first begins at the lowest address, each other at its start.
  private func blocks(_ starts: [UInt128], _ stretches: [Bool]) -> [String] {
    runs(of: stretches).flatMap { run in
      addressBlocks(
        (run.lowerBound == 0 ? 0 : starts[run.lowerBound - 1])...(run.upperBound == stretches.count
          ? .max : starts[run.upperBound - 1] - 1))
    }
  }

  private func runs(of values: [Bool]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in values.indices where values[index] {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<(index + 1)
      } else {
        runs.append(index..<(index + 1))
      }
    }
    return runs
  }
}
