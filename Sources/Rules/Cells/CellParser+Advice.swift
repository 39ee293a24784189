import Signals

// What a cell that is no test of DMN was meant to say. Advice that is followed to the letter makes a cell
// that means it: a range in two tests, or a text in the wrong quotes, would be valid and mean something else.

extension CellParser {
  private static let joiningAnds = ["and", "&&", "&"]
  private static let joiningOrs = ["or", "||", "|"]

  /// What stands behind a test that began at `start` and should have ended.
  func noComma(behindTestAt start: Int) -> CellError {
    let what = "`\(rest)` after the end of a test"
    if let word = joining(among: Self.joiningOrs) {
      return CellError("\(what); write a comma in place of `\(word)`", at: offset)
    }
    if signal.type == .number {
      if let range = meantRange(from: start) {
        return CellError(
          "\(what); write both bounds as one interval, `\(range)`: tests between commas match where one of"
            + " them does", at: offset)
      }
      if "<>=!".contains(characters[offset]) || characters[offset...].starts(with: "..") {
        return CellError(
          "\(what); two bounds are one interval, like `[40..60]`, and what else matches stands behind a"
            + " comma", at: offset)
      }
    }
    if joining(among: Self.joiningAnds) != nil {
      return CellError(
        "\(what); a cell has no `and`: tests between commas match where one of them does, and those of other"
          + " columns must match too", at: offset)
    }
    return CellError("\(what); separate tests by commas", at: offset)
  }

  /// The word or sign of that meaning that is next, as written.
  private func joining(among names: [String]) -> String? {
    var parser = self
    let word = parser.takeWord() ?? parser.take { "&|".contains($0) }
    return names.contains(word.lowercased()) ? word : nil
  }

  /// The interval that `>= 40 and <= 60`, `>= 40 <= 60` and `40..60` are meant for: their first half began at
  /// `start` and ends here.
  private func meantRange(from start: Int) -> String? {
    var parser = self
    parser.offset = start
    guard let first = try? parser.takeIntervals(), first.count == 1 else { return nil }
    parser.offset = offset
    let scale = signal.numberScale
    if parser.take("..") {
      parser.skipSpaces()
      guard let last = try? parser.takeIntervals(), last.count == 1, first[0].lower == first[0].upper,
        last[0].lower == last[0].upper, first[0].lower < last[0].lower
      else { return nil }
      return "[\(scale.cellText(first[0].lower))..\(scale.cellText(last[0].lower))]"
    }
    if let word = joining(among: Self.joiningAnds) {
      parser.offset += word.count
      parser.skipSpaces()
    }
    guard let last = try? parser.takeIntervals(), last.count == 1 else { return nil }
    let bounds = [first[0], last[0]]
    guard let lower = bounds.first(where: { $0.lower.isFinite && $0.upper == .infinity }),
      let upper = bounds.first(where: { $0.upper.isFinite && $0.lower == -.infinity }),
      lower.lower < upper.upper
    else { return nil }
    return (lower.includesLower ? "[" : "(") + scale.cellText(lower.lower) + ".."
      + scale.cellText(upper.upper) + (upper.includesUpper ? "]" : ")")
  }

  // MARK: Words

  /// How other languages call what never came.
  private static let wordsForAbsent = ["null", "nil", "undefined"]

  /// The state that a word may be meant for.
  func meantState(_ word: String) -> String? {
    if Self.wordsForAbsent.contains(word.lowercased()) { return SignalState.absent.name }
    return suggestion(for: word, among: SignalState.allCases.dropFirst().map(\.name))
  }

  /// The state, or else the name, that a word may be meant for.
  func valueHint(for word: String, among names: [String]) -> String {
    let isAbsent = Self.wordsForAbsent.contains(word.lowercased())
    let states = SignalState.allCases.dropFirst().map(\.name)
    return isAbsent
      ? "; did you mean `\(SignalState.absent.name)`?" : hint(for: word, among: names + states)
  }

  /// A state behind a comparison, where a number should stand.
  func refuseComparedState(_ sign: String) throws(CellError) {
    var parser = self
    guard !sign.isEmpty, let word = parser.takeWord(), let state = meantState(word) else { return }
    let cell = sign == "!=" ? "not(\(state))" : state
    throw CellError("`\(word)` is no number to compare with; write `\(cell)`", at: offset)
  }

  /// What stands in place of a text.
  mutating func noText() -> CellError {
    let start = offset
    if let inner = takeForeignQuotes() {
      let written = String(characters[start..<offset])
      return CellError(
        "`\(written)` is no text; write it in straight double quotes, `\(quoted(inner))`", at: start)
    }
    let word = take { $0 != "," && $0 != ")" }.trimmingSpaces
    let pieces = alternatives(of: word)
    if pieces.count > 1 {
      let texts = pieces.map(quoted).joined(separator: ", ")
      return CellError(
        "`\(word)` is no text; put each in quotes with a comma between them, `\(texts)`, or all of it, where"
          + " it is one text", at: start)
    }
    return CellError(
      "`\(word)` is no text; put it in quotes, `\(quoted(word))`"
        + (meantState(word).map { ", or write the state `\($0)`" } ?? ""), at: start)
  }

  /// What stands in place of a case of an enumeration.
  func noCase(_ word: String, at start: Int) -> CellError {
    let cases = signal.cases.map { "`\($0)`" }.joined(separator: ", ")
    var parser = CellParser(signal: signal, characters: Array(word))
    let pieces = alternatives(of: parser.takeForeignQuotes() ?? word).map {
      signal.index(ofCase: $0).map { signal.cases[$0] }
    }
    let meant = pieces.compactMap(\.self)
    return CellError(
      "`\(signal.name)` is one of \(cases); `\(word)` is not"
        + (meant.count == pieces.count
          ? "; write `\(meant.joined(separator: ", "))`" : valueHint(for: word, among: signal.cases)),
      at: start)
  }

  /// What `or` stands between.
  private func alternatives(of text: String) -> [String] {
    var pieces = [""]
    for word in text.split(separator: " ") {
      if Self.joiningOrs.contains(word.lowercased()) {
        pieces.append("")
      } else {
        pieces[pieces.count - 1] += (pieces.last!.isEmpty ? "" : " ") + word
      }
    }
    return pieces.contains("") ? [text] : pieces
  }

  // MARK: Quotes

  /// Quotes that word processors and other languages write.
  private static let foreignQuotes: [Character: Set<Character>] = [
    "'": ["'"], "\u{2018}": ["\u{2019}", "'"], "\u{2019}": ["\u{2019}"], "\u{201A}": ["\u{2018}", "\u{2019}"],
    "\u{201C}": ["\u{201D}", "\"", "\u{201C}"], "\u{201D}": ["\u{201D}", "\""],
    "\u{201E}": ["\u{201C}", "\u{201D}", "\""], "\u{AB}": ["\u{BB}"], "\u{BB}": ["\u{AB}", "\u{BB}"],
    "\u{2039}": ["\u{203A}"],
  ]

  /// Steps past a text in other quotes than DMN's, if one is next that ends where a text may.
  private mutating func takeForeignQuotes() -> String? {
    guard let first = peek, let ends = Self.foreignQuotes[first] else { return nil }
    let start = offset + 1
    var end = start
    while end < characters.count {
      let behind = characters[(end + 1)...].first { !$0.isWhitespace }
      if ends.contains(characters[end]), behind == nil || ",)".contains(behind!) {
        offset = end + 1
        return String(characters[start..<end])
      }
      end += 1
    }
    return nil
  }

  /// A text that began at `start` and has no end, perhaps because another quote stands there.
  func noEnd(ofTextAt start: Int) -> CellError {
    let quote = characters[(start + 1)...].first { "\u{201C}\u{201D}\u{201E}".contains($0) }
    let cure = quote.map { "write `\"` in place of `\($0)`" } ?? "close it with `\"`"
    return CellError("the text has no end; \(cure)", at: start)
  }

  /// A list that is named behind another spelling of `in`.
  func refuseOtherIn() throws(CellError) {
    var parser = self
    guard let word = parser.takeWord(), word.lowercased() == Self.listWord, word != Self.listWord,
      parser.peek?.isWhitespace == true
    else { return }
    parser.skipSpaces()
    let written = parser.take { !$0.isWhitespace && !",)".contains($0) }
    let bare = written.filter { $0 != "\"" }
    let near = lists.first { $0.lowercased() == bare.lowercased() }
    guard let name = lists.contains(bare) ? bare : near else { return }
    throw CellError("`\(word) \(written)` is no test; write `\(Self.listWord) \(name)`", at: offset)
  }
}
