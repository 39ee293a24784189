/// The uses of `unsafe` in a source file that no SAFETY comment speaks for.
///
/// One speaks for a use on its line or right above it; right above a declaration that encloses it, or in the
/// innermost of them that is a function, an accessor or the like; and, with the word "below", for all behind
/// it. An INVARIANT of a type speaks for what its `init` and `deinit` do to establish and to end it.
///
/// What encloses what is told by indentation.
struct SafetyReasons {
  private let lines: [Substring]

  init(of text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// Line numbers, from 1.
  var missing: [Int] {
    var speaksBelow = false
    return lines.indices.filter { index in
      speaksBelow = speaksBelow || isReason(lines[index]) && lines[index].contains("below")
      return isUse(index) && !speaksBelow && !hasReason(index)
    }.map { $0 + 1 }
  }

  private func isReason(_ line: Substring) -> Bool { line.contains("SAFETY") }

  private func isComment(_ index: Int) -> Bool { lines[index].trimmed.hasPrefix("//") }

  private func isUse(_ index: Int) -> Bool {
    let code = lines[index].trimmed.prefix { $0 != "/" }
    return !isComment(index)
      && code.split(whereSeparator: { " ([!".contains($0) }).dropLast().contains("unsafe")
  }

  private func hasReason(_ index: Int) -> Bool {
    if isReason(lines[index]) || commentAbove(index).contains(where: isReason) { return true }
    let enclosing = enclosing(index)
    if enclosing.contains(where: { commentAbove($0).contains(where: isReason) }) { return true }
    let members = enclosing.prefix { !Self.isType(lines[$0]) }
    guard let member = members.last else { return false }
    if body(of: member).contains(where: isReason) { return true }
    guard lines[member].contains("init") || lines[member].contains("deinit") else { return false }
    return enclosing.contains { commentAbove($0).contains { $0.contains("INVARIANT") } }
  }

  private static func isType(_ line: Substring) -> Bool {
    let words = line.split { !$0.isLetter }
    return !words.contains("func") && !words.contains("init")
      && words.contains { ["struct", "class", "enum", "extension", "actor"].contains($0) }
  }

  private static func isMember(_ line: Substring) -> Bool {
    let words = line.trimmed.split { !$0.isLetter }
    return words.prefix(5).contains { ["func", "init", "deinit", "var", "subscript"].contains($0) }
      && !line.trimmed.hasPrefix("self.")
  }

  /// Where the declarations and statements begin that enclose a line, innermost first; the line itself among
  /// them where it is a declaration.
  private func enclosing(_ index: Int) -> [Int] {
    var found = Self.isMember(lines[index]) && lines[index].contains("{") ? [index] : []
    var indentation = lines[index].indentation
    var place = index
    while place > 0, indentation > 0 {
      place -= 1
      guard !lines[place].trimmed.isEmpty, !isComment(place), !lines[place].trimmed.hasPrefix("#"),
        lines[place].indentation < indentation
      else { continue }
      indentation = lines[place].indentation
      // A statement over several lines begins where its last line is closed from.
      while let first = lines[place].trimmed.first, ")}>]".contains(first), place > 0 {
        place -= 1
        while place > 0, lines[place].trimmed.isEmpty || lines[place].indentation != indentation { place -= 1 }
      }
      found.append(place)
    }
    return found
  }

  /// The comment right above a line; attributes may stand between.
  private func commentAbove(_ index: Int) -> ReversedCollection<ArraySlice<Substring>>.SubSequence {
    lines[..<index].reversed().prefix { $0.trimmed.hasPrefix("//") || $0.trimmed.hasPrefix("@") }
  }

  private func body(of member: Int) -> ArraySlice<Substring> {
    let indentation = lines[member].indentation
    return lines[(member + 1)...].prefix { line in
      line.trimmed.isEmpty || line.indentation > indentation || line.trimmed.hasPrefix(")")
    }
  }
}

extension Substring {
  fileprivate var indentation: Int { prefix { $0 == " " }.count }
  fileprivate var trimmed: Substring { drop { $0 == " " } }
}
