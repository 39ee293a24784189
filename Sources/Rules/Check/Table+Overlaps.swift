/// Two rules that match the same input.
struct Overlap {
  /// Indexes in the table's rules; the first is the smaller.
  let first: Int
  let second: Int
  /// By input of the table.
  let input: [PlainSignal]
}

extension Table {
  /// For each rule, the next later one that matches an input of it, with such an input.
  ///
  /// O(rules × columns × words of a row), and for each column what its different cells and the
  /// samples of its values make.
  func overlaps() -> [Overlap] {
    let columns = self.columns
    let samples = columns.map { ColumnSamples($0).samples }
    // By column and different cell: the rules whose cells overlap it.
    let overlapping = zip(columns, samples).map { column, samples in
      column.cells.map { cell in
        samples.reduce(into: RuleBits(count: rules.count)) { bits, sample in
          if sample.rules.intersects(cell.rules) { bits.formUnion(sample.rules) }
        }
      }
    }
    return rules.indices.compactMap { index in
      var others = RuleBits(below: rules.count, count: rules.count)
      others.subtract(RuleBits(below: index + 1, count: rules.count))
      for (column, overlapping) in zip(columns, overlapping) {
        others.formIntersection(overlapping[column.cellIndexes[index]])
      }
      guard let other = others.first else { return nil }
      let input = samples.map { samples in
        samples.first { $0.rules[index] && $0.rules[other] }!.signal
      }
      return Overlap(first: index, second: other, input: input)
    }
  }
}
