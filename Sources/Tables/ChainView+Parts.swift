import Wire

/// Which tables had a part in a decision, for requests that ask (proto-spec 5.4).
extension ChainView {
  /// Appends one part for each table that had a hit, in the order of the chain. Returns how many.
  /// No allocation; O(hits).
  func writeParts(
    of decision: Decision, _ hits: borrowing ScratchList<Hit>, to out: inout ByteWriter
  ) -> Int {
    var count = 0
    var start = 0
    while start < hits.count {
      var end = start + 1
      while end < hits.count, hits[end].table == hits[start].table { end += 1 }
      let decides = decision.decidingHit.map { start <= $0 && $0 < end } ?? false
      let speaking =
        decides ? decision.decidingHit ?? start : speakingHit(in: start..<end, hits)
      let hit = hits[speaking]
      let table = self.table(Int(hit.table))
      let rule = self.rule(Int(hit.rule), of: table)
      let details = self.details(of: table)
      out.appendPart(
        table: text.extracting(details.name),
        decides ? .decided : hit.isEnforced ? .enforced : .watched, verdict(rule.verdict),
        rule: rule.number, ruleName: text.extracting(rule.name), version: details.version)
      count += 1
      start = end
    }
    return count
  }

  /// The hit that speaks for a table, of those at `places`: an enforced one before one that is
  /// watched, and of several the first with the strongest verdict. A table with one hit has its
  /// first: those before an enforced one are watched rules that hide nothing.
  private func speakingHit(in places: Range<Int>, _ hits: borrowing ScratchList<Hit>) -> Int {
    let table = self.table(Int(hits[places.lowerBound].table))
    var best = places.lowerBound
    for place in places.dropFirst() {
      let (hit, other) = (hits[place], hits[best])
      if hit.isEnforced != other.isEnforced {
        if hit.isEnforced { best = place }
      } else if table.flags.contains(.hitsAll),
        rule(Int(hit.rule), of: table).verdict > rule(Int(other.rule), of: table).verdict
      {
        best = place
      }
    }
    return best
  }
}
