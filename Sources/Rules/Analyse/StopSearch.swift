/// Looks for inputs that get past the tables that run before.
///
/// An input gets past a table that stops where none of its stopping rules match it, or where another rule
/// before them does.
struct StopSearch {
  /// A table that runs before.
  struct Layer {
    /// By rule.
    let boxes: [[Box]]
    /// Whether the rule ends the chain.
    let stops: [Bool]
    /// Whether the rule keeps those behind it from deciding: what is audited shields nothing.
    let shields: [Bool]
    /// The rules in the order in which they decide about a stop.
    let order: [Int]

    /// `boxes`, `stops` and `shields` are by rule of `table`, which has its default rule behind the others.
    init(_ table: Table, boxes: [[Box]], stops: [Bool], shields: [Bool]) {
      (self.boxes, self.stops, self.shields) = (boxes, stops, shields)
      guard table.hitPolicy.style == .all else {
        order = Array(table.rules.indices)
        return
      }
      // The strongest verdict counts: those that stop come first, and the default rule is still the last.
      let isFirst = { (index: Int) in stops[index] && table.rules[index].number != 0 }
      order = table.rules.indices.filter(isFirst) + table.rules.indices.filter { !isFirst($0) }
    }
  }

  /// Inputs of a box, but not of a cover, that get past all of some tables; ones of `preferred` where
  /// what lies past them allows it.
  static func uncovered(
    in box: Box, by cover: [Box], past layers: ArraySlice<Layer>, preferring preferred: Box? = nil,
    _ budget: inout Budget
  ) -> CoverSearch.Answer {
    guard box.hasInputs else { return .covered }
    guard let layer = layers.first else {
      return CoverSearch.uncovered(in: box, by: cover, preferring: preferred, &budget)
    }
    guard budget.allows(layer.boxes.count * box.count) else { return .undecided }
    let touching = layer.order.filter { index in layer.boxes[index].contains { $0.intersects(box) } }
    let rest = layers.dropFirst()
    let stops = touching.filter { layer.stops[$0] }.flatMap { layer.boxes[$0] }
    if stops.isEmpty {
      return uncovered(in: box, by: cover, past: rest, preferring: preferred, &budget)
    }
    var answer = uncovered(in: box, by: cover + stops, past: rest, preferring: preferred, &budget)
    if case .uncovered = answer { return answer }
    var passed: [Box] = []
    for index in touching {
      if layer.stops[index] {
        passed += layer.boxes[index]
        continue
      }
      guard layer.shields[index] else { continue }
      for own in layer.boxes[index] {
        switch uncovered(
          in: box.intersection(own), by: cover + passed, past: rest, preferring: preferred, &budget)
        {
        case .uncovered(let region): return .uncovered(region)
        case .covered: continue
        case .undecided: answer = .undecided
        }
      }
    }
    return answer
  }
}
