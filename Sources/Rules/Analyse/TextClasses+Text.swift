/// Joins cells that must all match.
private let bothWord = " and "

extension [NamedList] {
  /// The test of a list. Of two versions of a list, as a difference has them, the name goes on with the
  /// first digits of what it holds: `in blocked@1f0c3a7e`.
  fileprivate func test(_ index: Int) -> String {
    let list = self[index]
    let isAlone = !contains { $0.name == list.name && $0 != list }
    return "\(CellParser.listWord) \(list.name)"
      + (isAlone ? "" : "@\(list.digest.hexadecimal.prefix(8))")
  }
}

extension TextClasses {
  /// Classes as tests of one cell, and the classes for which that takes more: those of texts that are in
  /// a list but not by themselves, where the list holds texts of other classes.
  func tests(_ wanted: Set<Int>) -> (tests: [String], rest: [Int]) {
    var rest = wanted
    var names: [String] = []
    for (list, held) in lists.map({ indexes(of: .list($0)) }).enumerated()
    where !held.isEmpty && wanted.isSuperset(of: held) && !rest.isDisjoint(with: held) {
      // A list that holds only named texts says no more than they do.
      guard held.contains(where: { !classes[$0].isNamed }) else { continue }
      names.append(lists.test(list))
      rest.subtract(held)
    }
    let named = rest.filter { classes[$0].isNamed }.sorted()
    return (
      named.map { quoted(classes[$0].sample) } + names, rest.subtracting(named).sorted()
    )
  }

  /// Classes of a domain, whose class 0 is what no cell names, as cells of which one matches.
  func terms(_ set: ClassSet) -> [String] {
    let (tests, rest) = self.tests(Set(set.ranges.joined().map { $0 - 1 }.filter { $0 >= 0 }))
    var terms = tests.isEmpty ? [] : [tests.joined(separator: ", ")]
    terms += rest.map(cell)
    if set.contains(0) {
      let all = self.tests(Set(classes.indices))
      terms.append("not(\(all.tests.joined(separator: ", ")))")
    }
    return terms
  }

  /// What the texts of one class are: cells that all match.
  func cell(_ index: Int) -> String {
    let own = classes[index]
    if own.isNamed { return quoted(own.sample) }
    let holders = Set(own.lists)
    let near = classes.indices.filter { $0 != index && holders.isSubset(of: classes[$0].lists) }
    let others = Set(near.flatMap { classes[$0].isNamed ? [] : classes[$0].lists })
      .subtracting(holders)
    let texts = near.filter { classes[$0].isNamed && others.isDisjoint(with: classes[$0].lists) }
    let without =
      texts.map { quoted(classes[$0].sample) } + others.sorted().map(lists.test)
    let cells =
      own.lists.map(lists.test)
      + (without.isEmpty ? [] : ["not(\(without.joined(separator: ", ")))"])
    return cells.joined(separator: bothWord)
  }
}

extension AddressClasses {
  /// Classes as tests of one cell, and the classes for which that takes more.
  func tests(_ set: ClassSet) -> (tests: [String], rest: ClassSet) {
    var covered = ClassSet()
    var names: [String] = []
    for index in lists.indices {
      let held = ClassSet(ranges(of: .list(lists[index])))
      guard !held.isEmpty, set.isSuperset(of: held), !covered.isSuperset(of: held) else { continue }
      names.append(lists.test(index))
      covered = covered.union(held)
    }
    let rest = set.subtracting(covered)
    let whole = Set(rest.ranges.joined().map { classes[$0].base }).sorted().filter {
      set.isSuperset(of: ClassSet(classesOfBase[$0]))
    }
    let wholeClasses = ClassSet(whole.map { classesOfBase[$0] })
    return (blocks(whole) + names, rest.subtracting(wholeClasses))
  }

  /// Classes as cells of which one matches.
  func terms(_ set: ClassSet) -> [String] {
    let (tests, rest) = self.tests(set)
    var terms = tests.isEmpty ? [] : [tests.joined(separator: ", ")]
    // What is left, by the lists that hold it: in which stretches.
    var order: [[Int]] = []
    var basesOfLists: [[Int]: [Int]] = [:]
    for index in rest.ranges.joined() {
      let holders = classes[index].lists
      if basesOfLists[holders] == nil { order.append(holders) }
      basesOfLists[holders, default: []].append(classes[index].base)
    }
    for holders in order { terms.append(cell(holders, in: basesOfLists[holders]!)) }
    return terms
  }

  /// The addresses of some stretches that just these lists hold: cells that all match.
  private func cell(_ holders: [Int], in stretches: [Int]) -> String {
    var cells: [String] = []
    if stretches.count < bases.count {
      let mine = blocks(stretches)
      let others = blocks(Array(Set(bases.indices).subtracting(stretches)))
      cells.append(
        mine.count <= max(1, others.count)
          ? mine.joined(separator: ", ") : "not(\(others.joined(separator: ", ")))")
    }
    cells += holders.map(lists.test)
    let others = Set(stretches.flatMap { classesOfBase[$0] }.flatMap { classes[$0].lists })
      .subtracting(holders).sorted().map(lists.test)
    if !others.isEmpty { cells.append("not(\(others.joined(separator: ", ")))") }
    return cells.joined(separator: bothWord)
  }

  /// Stretches as the fewest blocks.
  private func blocks(_ stretches: [Int]) -> [String] {
    ClassSet(stretches.map { $0..<($0 + 1) }).ranges.flatMap { range in
      let last = range.upperBound == bases.count ? UInt128.max : bases[range.upperBound] - 1
      return addressBlocks(bases[range.lowerBound]...last)
    }
  }
}
