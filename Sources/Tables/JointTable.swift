import Wire

/// Clustered tables as one: each different conjunction of cells is one of its rules, whichever have it. A
/// candidate is mostly another version of the table that it is beside, so most rules are in all of them.
struct JointTable {
  /// Its rules say nothing but what they match.
  let plan: TablePlan
  /// By rule: which rule of each table it is, and what that says.
  let rules: [JointGroup.LaneRules]

  /// `nil` where they have more rules, bits or columns than there is room for, or divide signals differently.
  /// O(changes of the columns' rows + rules × tables).
  init?(_ members: [(lane: Int, table: TablePlan)]) {
    var columns: [(slot: Int, partition: Partition, members: [MemberColumn?])] = []
    for (number, member) in members.enumerated() {
      for column in member.table.columns {
        let own = MemberColumn(column, ruleCount: member.table.rules.count)
        guard let place = columns.firstIndex(where: { $0.slot == column.slot }) else {
          columns.append((column.slot, column.partition, members.map { _ in nil }))
          columns[columns.count - 1].members[number] = own
          continue
        }
        guard columns[place].members[number] == nil, columns[place].partition.isSame(as: column.partition)
        else { return nil }
        columns[place].members[number] = own
      }
    }
    guard columns.count <= TablePlan.columnCountMax,
      let shared = SharedRules(members, columns.map(\.members))
    else { return nil }
    rules = shared.rules
    plan = TablePlan(
      name: "", version: 1, mode: .audit,
      columns: columns.map { column in
        var row = JointRow(
          isList: column.partition.isList, columns: column.members, ruleCount: shared.rules.count)
        var stateRows: [ColumnPlan.Row] = []
        var classes = RowSequence(wordCount: row.wordCount)
        for index in 0..<InputRecord.stateRowCount + column.partition.rowCount {
          let words = row.next(index, shared)
          if index < InputRecord.stateRowCount { stateRows.append(words) } else { classes.append(words) }
        }
        return ColumnPlan(
          slot: column.slot, partition: column.partition, stateRows: stateRows, classes: classes)
      },
      rules: Array(
        repeating: RulePlan(name: "", number: 0, verdict: .allow, outputs: []), count: shared.rules.count))
    guard rules.count * ClusterOrder.runCountMax <= ClusterOrder.bitCountMax
        || ClusterOrder(plan).ranks.count <= ClusterOrder.bitCountMax
    else { return nil }
  }
}

extension Partition {
  var isList: Bool {
    if case .list = self { return true }
    return false
  }
}

extension InputRecord {
  /// Whether a row of a column, states first, has all rules of a table without that column.
  static func allowsAll(row: Int, isList: Bool) -> Bool { !isList || row <= stateRowCount }
}

/// Where the rows of one table's column begin or cease to differ from those that allow everything.
private struct MemberColumn {
  /// By row: the rules of which that is so.
  private var rules: [UInt32] = []
  private var ends: [Int] = []

  init(_ column: ColumnPlan, ruleCount: Int) {
    let isList = column.partition.isList
    let wordCount = column.classes.wordCount
    var row = ColumnPlan.Row(repeating: 0, count: wordCount)
    var differing = row
    var isAllowing = false
    func compare(_ word: Int, _ rules: inout [UInt32]) {
      let all = isAllowing ? LaneGroup.allRules(inWord: word, ruleCount: ruleCount) : 0
      var toggled = (row[word] ^ all) ^ differing[word]
      differing[word] ^= toggled
      while toggled != 0 {
        rules.append(UInt32(64 * word + toggled.trailingZeroBitCount))
        toggled &= toggled - 1
      }
    }
    func end(_ words: some Sequence<Int>) {
      let wasAllowing = isAllowing
      isAllowing = InputRecord.allowsAll(row: ends.count, isList: isList)
      if isAllowing == wasAllowing {
        for word in words { compare(word, &rules) }
      } else {
        for word in 0..<wordCount { compare(word, &rules) }
      }
      ends.append(rules.count)
    }
    for state in column.stateRows {
      row = state
      end(0..<wordCount)
    }
    var isFirst = true
    column.classes.forEachRow { changes in
      if isFirst { row = ColumnPlan.Row(repeating: 0, count: wordCount) }
      for change in changes { row[change.word] = change.bits }
      if isFirst { end(0..<wordCount) } else { end(changes.lazy.map(\.word)) }
      isFirst = false
    }
  }

  var rowCount: Int { ends.count }

  func rules(ofRow row: Int) -> ArraySlice<UInt32> { rules[(row == 0 ? 0 : ends[row - 1])..<ends[row]] }
}

/// The different rules of several tables.
private struct SharedRules {
  /// What a rule asks for, as a digest, and how many of the same table ask for the same before it. The
  /// proof of the chain would not pass two that only have the same digest.
  private struct Key: Hashable {
    var digest: SIMD2<UInt64>
    var repetition: Int
  }

  private(set) var rules: [JointGroup.LaneRules] = []
  /// By table and rule: the joint rule whose rows are made from it, or that of which another's are.
  private var numbers: [[UInt32]]
  private static let isAnothers = UInt32(1) << 31

  /// `nil` where there are more than there is room for.
  init?(_ members: [(lane: Int, table: TablePlan)], _ columns: [[MemberColumn?]]) {
    var digests = members.map { [SIMD2<UInt64>](repeating: .zero, count: $0.table.rules.count) }
    for (place, column) in columns.enumerated() {
      for (number, column) in column.enumerated() {
        guard let column else { continue }
        for row in 0..<column.rowCount {
          let seed = UInt64(place) << 32 | UInt64(row)
          let part = SIMD2(Self.mixed(seed), Self.mixed(~seed))
          for rule in column.rules(ofRow: row) { digests[number][Int(rule)] &+= part }
        }
      }
    }
    numbers = digests.map { $0.map { _ in 0 } }
    var known: [Key: UInt32] = [:]
    var repetitions = members.map { _ in [SIMD2<UInt64>: Int]() }
    for rule in 0..<(digests.map(\.count).max() ?? 0) {
      for (number, member) in members.enumerated() where rule < digests[number].count {
        let digest = digests[number][rule]
        let entry = LaneRule(rule, verdict: UInt32(member.table.rules[rule].verdict.rawValue)).rawValue
        let repetition = repetitions[number][digest, default: 0]
        repetitions[number][digest] = repetition + 1
        let key = Key(digest: digest, repetition: repetition)
        if let joint = known[key] {
          numbers[number][rule] = joint | Self.isAnothers
          rules[Int(joint)][member.lane] = entry
          continue
        }
        guard rules.count < JointGroup.ruleCountMax else { return nil }
        let joint = UInt32(rules.count)
        known[key] = joint
        numbers[number][rule] = joint
        rules.append(JointGroup.noRules)
        rules[Int(joint)][member.lane] = entry
      }
    }
  }

  /// The joint rule whose rows are made from a table's rule; `nil` where they are made from another's.
  func number(ofRule rule: UInt32, ofMember member: Int) -> Int? {
    let number = numbers[member][Int(rule)]
    return number & Self.isAnothers == 0 ? Int(number) : nil
  }

  /// The finaliser of SplitMix64.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value &+ 1) &* 0x9E37_79B9_7F4A_7C15
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

/// The rows of a joint column, one after the other.
private struct JointRow {
  private let isList: Bool
  private let columns: [MemberColumn?]
  private let ruleCount: Int
  private var differing: ColumnPlan.Row

  init(isList: Bool, columns: [MemberColumn?], ruleCount: Int) {
    self.isList = isList
    self.columns = columns
    self.ruleCount = ruleCount
    differing = ColumnPlan.Row(repeating: 0, count: max(1, (ruleCount + 63) / 64))
  }

  var wordCount: Int { differing.count }

  /// Rows have to be asked for in their order.
  mutating func next(_ index: Int, _ shared: SharedRules) -> ColumnPlan.Row {
    for (member, column) in columns.enumerated() {
      guard let column else { continue }
      for rule in column.rules(ofRow: index) {
        guard let number = shared.number(ofRule: rule, ofMember: member) else { continue }
        differing[number / 64] ^= 1 << UInt64(number % 64)
      }
    }
    if !InputRecord.allowsAll(row: index, isList: isList) { return differing }
    return differing.indices.map {
      differing[$0] ^ LaneGroup.allRules(inWord: $0, ruleCount: ruleCount)
    }
  }
}
