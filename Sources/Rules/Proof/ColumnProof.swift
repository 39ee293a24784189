import Signals
import Tables
import Wire

/// Compares one column of an image with the cells of its source, for every input.
///
/// The partition is read back from the image. Together with the boundaries of the cells it cuts the
/// domain into pieces in which neither the image's class nor any cell changes; each piece has a
/// sample, and each sample's row is compared in full with what the interpreter says.
struct ColumnProof {
  private let column: ProofColumn
  private let place: Int
  private let table: String
  private(set) var counts = Certificate.Counts()
  private(set) var split: SplitRules

  /// `place` is the column's in its table.
  init(_ column: ProofColumn, at place: Int, table: String, _ split: SplitRules) {
    self.column = column
    self.place = place
    self.table = table
    self.split = split
    counts.columns = 1
    counts.cells = UInt64(column.groups.count)
  }

  mutating func check(
    _ view: ChainView, _ content: ChainView.ColumnContent
  ) throws(ProofFailure) {
    let empty: [UInt8] = []
    for (index, state) in PlainSignal.states.enumerated() {
      let isList = column.signal.type == .list
      let found = isList ? index : view.rowIndex(of: SignalValue(state.state), content, in: empty.span)
      try compare(found, column.row { $0.matches(state) }, view, content) { state.state.name }
    }
    guard let partition = view.partition(of: content) else {
      throw failure("its lookup is not one that a compiler makes")
    }
    switch (partition, column.signal.type) {
    case (.direct(let classes), .boolean):
      try checkDirect(classes, [.boolean(false), .boolean(true)], view, content)
    case (.direct(let classes), .enumeration):
      let cases = column.signal.cases.indices.map(PlainSignal.enumeration)
      try checkDirect(classes, cases, view, content)
    case (.direct(let classes), .number):
      guard let largest = column.signal.wholeMax else {
        throw failure("a direct lookup of numbers without a largest")
      }
      try checkDirect(classes, (0...largest).map { .number(Double($0)) }, view, content)
    case (.numbers(let boundaries), .number):
      try check(CellSweep(column, .numbers, boundaries: boundaries), view, content) { .number($0) }
    case (.addresses(let starts, _), .address):
      try check(CellSweep(column, .addresses, boundaries: starts), view, content) { .address($0) }
    case (.strings(let members, _), .string): try checkStrings(members, view, content)
    case (.list(let members, _), .list): try checkList(members, view, content)
    default: throw failure("its lookup is for another type")
    }
  }

  private mutating func checkDirect(
    _ classes: [Int], _ samples: [PlainSignal], _ view: ChainView,
    _ content: ChainView.ColumnContent
  ) throws(ProofFailure) {
    guard classes.count == samples.count else {
      throw failure("it knows \(classes.count) values, not \(samples.count)")
    }
    let empty: [UInt8] = []
    for sample in samples {
      let value =
        switch sample {
        case .boolean(let boolean): SignalValue.boolean(boolean)
        case .enumeration(let index): SignalValue.enumeration(index)
        case .number(let number): SignalValue.number(number)
        default: SignalValue.invalid
        }
      let signal = column.signal
      let found = view.rowIndex(of: value, content, in: empty.span)
      try compare(found, column.row { $0.matches(sample) }, view, content) {
        sample.text(for: signal)
      }
    }
  }

  private mutating func check<Value>(
    _ sweep: CellSweep<Value>, _ view: ChainView, _ content: ChainView.ColumnContent,
    _ value: (Value) -> SignalValue
  ) throws(ProofFailure) {
    let empty: [UInt8] = []
    var sweep = sweep
    while let sample = sweep.next() {
      let found = view.rowIndex(of: value(sample), content, in: empty.span)
      try compare(found, sweep.row, view, content) { "\(sample)" }
    }
  }

  /// Texts: those that the cells, their lists or the image name, in capitals too where case does not
  /// matter, the empty one, and one that nobody names. A cell says the same of every text that it does
  /// not name, and of all that the same lists hold and no cell names by itself.
  private mutating func checkStrings(
    _ members: [String], _ view: ChainView, _ content: ChainView.ColumnContent
  ) throws(ProofFailure) {
    let named = NamedTexts(column)
    let texts = named.all.union(members.map(ExactText.init)).union([ExactText("")])
    let beside = ExactText(column.textBeside(texts))
    let base = column.row { $0.matches(.text(beside.string)) }
    var samples = (texts.union([beside])).map { (text: $0, key: $0) }
    if column.signal.foldsCase {
      samples += texts.map { (text: ExactText($0.string.uppercasedASCII), key: $0) }
    }
    var known: [[Int]: RuleBits] = [:]
    for sample in samples {
      let (groups, likeKey) = named.groups(naming: sample.key)
      var row = likeKey.flatMap { known[$0] } ?? base
      if likeKey == nil || known[likeKey!] == nil {
        for index in groups {
          let group = column.groups[index]
          row.set(group.rules, to: group.cell.matches(.text(sample.key.string)))
        }
        if let likeKey { known[likeKey] = row }
      }
      let bytes = Array(sample.text.string.utf8)
      let range = ByteRange(offset: 0, count: bytes.count)
      let value = SignalValue.string(range, in: bytes.span, foldingCase: content.foldsCase)
      let found = view.rowIndex(of: value, content, in: bytes.span)
      try compare(found, row, view, content) { quoted(sample.text.string) }
    }
  }

  /// Lists: a cell that does not match the empty list matches those with at least one of some
  /// members, and a cell that does, those with none of some. So rows of single members are the whole
  /// truth, when a rule of the first kind is ruled out by no member and one of the second needs none.
  private mutating func checkList(
    _ members: [String], _ view: ChainView, _ content: ChainView.ColumnContent
  ) throws(ProofFailure) {
    let named = NamedTexts(column)
    let texts = named.all.union(members.map(ExactText.init))
    let beside = column.textBeside(texts)
    for group in column.groups where !group.cell.isDecidedByMembers(beside: beside) {
      throw failure("a cell that single members do not decide")
    }
    let base = column.row { $0.matches(.list([])) }
    try compare(view.listBaseRow, base, view, content) { "an empty list" }
    var known: [[Int]: (allowed: RuleBits, forbidden: RuleBits)] = [:]
    for text in texts {
      let (groups, likeKey) = named.groups(naming: text)
      let none = RuleBits(count: column.ruleCount)
      var (allowed, forbidden) = likeKey.flatMap { known[$0] } ?? (none, none)
      if likeKey == nil || known[likeKey!] == nil {
        for index in groups {
          let group = column.groups[index]
          let without = group.cell.matches(.list([]))
          let with = group.cell.matches(.list([text.string]))
          allowed.set(with && !without ? group.rules : [], to: true)
          forbidden.set(without && !with ? group.rules : [], to: true)
        }
        if let likeKey { known[likeKey] = (allowed, forbidden) }
      }
      let bytes = Array(text.string.utf8)
      let range = ByteRange(offset: 0, count: bytes.count)
      guard let rows = view.listRows(ofMember: range, content, in: bytes.span) else {
        guard allowed.isEmpty, forbidden.isEmpty else {
          throw failure("member \(quoted(text.string)) is not in its lookup")
        }
        continue
      }
      try compare(rows.allowing, allowed, view, content) { "member \(quoted(text.string))" }
      try compare(rows.forbidding, forbidden, view, content) { "member \(quoted(text.string))" }
    }
  }

  private mutating func compare(
    _ index: Int, _ expected: RuleBits, _ view: ChainView, _ content: ChainView.ColumnContent,
    _ input: () -> String
  ) throws(ProofFailure) {
    counts.samples += 1
    counts.bits += UInt64(split.ruleCount)
    guard equals(index, expected, view, content) else {
      throw failure("at \(input()) other rules match")
    }
  }

  /// Whether a row of the image says what the interpreter does. Lists have rows that only together are a
  /// cell, so there no rule may have bits that differ.
  private mutating func equals(
    _ index: Int, _ expected: RuleBits, _ view: ChainView, _ content: ChainView.ColumnContent
  ) -> Bool {
    let mayDiffer = column.signal.type != .list
    var isEqual = true
    var differing: [(word: Int, bits: UInt64)] = []
    view.forEachWord(ofRow: index, of: content) { word, bits in
      let isRule = word < expected.words.count
      let difference = isRule ? (bits ^ expected.words[word]) & ~split.others[word] : bits
      if difference == 0 { return }
      if mayDiffer, isRule, difference & ~split.words[word] == 0 {
        differing.append((word, difference))
      } else {
        isEqual = false
      }
    }
    guard isEqual, !differing.isEmpty else { return isEqual }
    var found = [UInt64](repeating: 0, count: view.wordCount(of: content))
    view.forEachWord(ofRow: index, of: content) { found[$0] = $1 }
    return split.accept(found, for: expected, differing: differing, column: place)
  }

  private func failure(_ message: String) -> ProofFailure {
    ProofFailure(table: table, column: column.signal.name, message)
  }
}

/// Which cells of a column name a text, by itself or by a list.
private struct NamedTexts {
  private let byText: [ExactText: [Int]]
  private let byList: [(list: NamedList, groups: [Int])]

  init(_ column: ProofColumn) {
    byText = column.groupsByText
    byList = column.groupsByList
  }

  var all: Set<ExactText> {
    Set(byText.keys).union(byList.flatMap { $0.list.texts.map(ExactText.init) })
  }

  /// The groups whose cells name a text; `like`, for one that no cell names by itself, is equal for
  /// texts that the same lists hold.
  func groups(naming text: ExactText) -> (groups: [Int], like: [Int]?) {
    let holders = byList.indices.filter { byList[$0].list.contains(text) }
    let groups = (byText[text] ?? []) + holders.flatMap { byList[$0].groups }
    return (groups, byText[text] == nil ? holders : nil)
  }
}

extension UnaryTests {
  /// Whether a list is matched by what its members say one by one, tried on the texts that the cell
  /// names, alone, in pairs, and beside one that it does not name.
  fileprivate func isDecidedByMembers(beside: String) -> Bool {
    let without = matches(.list([]))
    guard matches(.list([beside])) == without else { return false }
    let texts = ProofColumn.texts(of: self).map(\.string)
    return zip(texts, texts.dropFirst() + [beside]).allSatisfy { first, second in
      let firstDecides = matches(.list([first])) != without
      let secondDecides = matches(.list([second])) != without
      return (matches(.list([first, second])) != without) == (firstDecides || secondDecides)
        && (matches(.list([first, beside])) != without) == firstDecides
    }
  }
}

extension String {
  fileprivate var uppercasedASCII: String {
    String(decoding: utf8.map { (97...122).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
  }
}
