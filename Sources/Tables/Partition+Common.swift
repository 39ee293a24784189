extension Partition {
  /// The coarsest partition that tells apart all that any of `partitions` does, and of each of these which of
  /// its rows each row of the common one is, `nil` for a row of zeros. Nothing where they are of different
  /// kinds or domains. O(elements × log elements).
  static func common(of partitions: [Partition]) -> (partition: Partition, rows: [[Int?]])? {
    switch partitions.first {
    case .direct: commonDirect(of: partitions)
    case .numbers: commonNumbers(of: partitions)
    case .addresses: commonAddresses(of: partitions)
    case .strings, .list: commonMembers(of: partitions)
    case nil: nil
    }
  }

  /// Classes that are numbered as they are met, each a class of every partition.
  private struct CommonClasses {
    private var numbers: [[Int]: Int] = [:]
    private(set) var all: [[Int]] = []

    mutating func number(of classes: [Int]) -> Int {
      if let known = numbers[classes] { return known }
      numbers[classes] = all.count
      all.append(classes)
      return all.count - 1
    }

    /// By partition.
    func rows(count: Int) -> [[Int?]] { (0..<count).map { index in all.map { $0[index] } } }
  }

  private static func commonDirect(of partitions: [Partition]) -> (Partition, [[Int?]])? {
    var all: [[Int]] = []
    for case .direct(let classes) in partitions { all.append(classes) }
    guard all.count == partitions.count, Set(all.map(\.count)).count == 1 else { return nil }
    var common = CommonClasses()
    let numbers = all[0].indices.map { value in common.number(of: all.map { $0[value] }) }
    return (.direct(classes: numbers), common.rows(count: all.count))
  }

  private static func commonNumbers(of partitions: [Partition]) -> (Partition, [[Int?]])? {
    var all: [[Double]] = []
    for case .numbers(let boundaries) in partitions { all.append(boundaries) }
    guard all.count == partitions.count else { return nil }
    let common = Set(all.joined()).sorted()
    let rows = all.map { boundaries in
      var rows: [Int?] = [0]
      var below = 0
      for boundary in common {
        let isOwn = below < boundaries.count && boundaries[below] == boundary
        rows.append(isOwn ? 2 * below + 1 : 2 * below)
        if isOwn { below += 1 }
        rows.append(2 * below)
      }
      return rows
    }
    return (.numbers(boundaries: common), rows)
  }

  private static func commonAddresses(of partitions: [Partition]) -> (Partition, [[Int?]])? {
    var all: [(starts: [UInt128], classes: [Int])] = []
    for case .addresses(let starts, let classes) in partitions { all.append((starts, classes)) }
    guard all.count == partitions.count else { return nil }
    let starts = Set(all.map(\.starts).joined()).sorted()
    var common = CommonClasses()
    var places = all.map { _ in 0 }
    var numbers = [common.number(of: all.map { $0.classes[0] })]
    for start in starts {
      for index in all.indices where places[index] < all[index].starts.count {
        if all[index].starts[places[index]] == start { places[index] += 1 }
      }
      numbers.append(common.number(of: all.indices.map { all[$0].classes[places[$0]] }))
    }
    return (.addresses(starts: starts, classes: numbers), common.rows(count: all.count))
  }

  /// Of texts or of lists: a member that one of them has not got is, to it, any other text.
  private static func commonMembers(of partitions: [Partition]) -> (Partition, [[Int?]])? {
    var classes: [[[UInt8]: Int]] = []
    var members: [String] = []
    var seen: Set<[UInt8]> = []
    var listCount = 0
    for partition in partitions {
      var own: [[UInt8]: Int] = [:]
      switch partition {
      case .list(let texts, let numbers), .strings(let texts, let numbers):
        for (text, number) in zip(texts, numbers) {
          // Bytes: texts that only look alike are not the same.
          let bytes = Array(text.utf8)
          own[bytes] = number
          if seen.insert(bytes).inserted { members.append(text) }
        }
      default: return nil
      }
      if case .list = partition { listCount += 1 }
      classes.append(own)
    }
    let isList = listCount > 0
    guard !isList || listCount == partitions.count else { return nil }
    var common = CommonClasses()
    // Class 0 of texts is that of all others.
    if !isList { _ = common.number(of: classes.map { _ in 0 }) }
    let numbers = members.map { member in
      let bytes = Array(member.utf8)
      return common.number(of: classes.map { $0[bytes] ?? (isList ? -1 : 0) })
    }
    if !isList { return (.strings(members: members, classes: numbers), common.rows(count: classes.count)) }
    let rows = classes.indices.map { index in
      common.all.reduce(into: [0] as [Int?]) { rows, all in
        let number = all[index]
        rows += number < 0 ? [nil, nil] : [1 + 2 * number, 2 + 2 * number]
      }
    }
    return (.list(members: members, classes: numbers), rows)
  }
}
