/// Looks for inputs that no box of a cover holds.
///
/// The search cuts a box along one axis after another. On an axis, only the classes that the fewest
/// boxes hold are looked at: where a class is held by a box set that includes another's, whatever
/// it leaves uncovered, the other leaves as well. An axis where one class is below all others is
/// cut without a choice; so most searches never branch. What is covered is remembered.
struct CoverSearch {
  enum Answer {
    case covered
    /// A box of which no part is covered.
    case uncovered(Box)
    /// The budget was spent.
    case undecided
  }

  private struct Visit: Hashable {
    let boxes: [Int]
    let axes: [Int]
  }

  private let cover: [Box]
  private var covered: Set<Visit> = []

  private init(_ cover: [Box]) { self.cover = cover }

  /// A largest box of `box` that the cover leaves free; one with an input of `preferred` where there
  /// is one.
  static func uncovered(
    in box: Box, by cover: [Box], preferring preferred: Box? = nil, _ budget: inout Budget
  ) -> Answer {
    for start in [preferred?.intersection(box), box].compactMap(\.self) where start.hasInputs {
      budget.beginQuestion()
      var search = CoverSearch(cover)
      switch search.search(start, Array(cover.indices), &budget) {
      case .covered: continue
      case .uncovered(let found): return .uncovered(grown(found, within: box, around: cover))
      case .undecided: return .undecided
      }
    }
    return .covered
  }

  /// LIMIT: regions of one answer.
  static let regionCountMax = 16

  /// Regions of a box that a cover leaves free: all of them, where it says so. They may share inputs.
  static func regions(
    in box: Box, by cover: [Box], of space: Space, _ budget: inout Budget
  ) -> (regions: [Box], isComplete: Bool) {
    var regions: [Box] = []
    var cover = cover
    while true {
      switch uncovered(in: box, by: cover, preferring: space.values, &budget) {
      case .covered: return (regions, true)
      case .undecided: return (regions, false)
      case .uncovered(let region):
        if regions.count == regionCountMax { return (regions, false) }
        regions.append(region)
        cover += space.closed(region)
      }
    }
  }

  private mutating func search(
    _ start: Box, _ candidates: [Int], _ budget: inout Budget
  ) -> Answer {
    var box = start
    var alive = candidates
    var choice: AxisChoice
    while true {
      guard budget.take(alive.count * box.count) else { return .undecided }
      alive = alive.filter { cover[$0].intersects(box) }
      if alive.contains(where: { cover[$0].isSuperset(of: box) }) { return .covered }
      if alive.isEmpty { return .uncovered(box) }
      let (best, open) = bestChoice(box, alive, &budget)
      guard let best else { return .undecided }
      choice = best
      guard best.parts.count == 1 else {
        let visit = Visit(boxes: alive, axes: open)
        if covered.contains(visit) { return .covered }
        for part in choice.parts {
          var narrowed = box
          narrowed[choice.axis] = part
          switch search(narrowed, alive, &budget) {
          case .covered: continue
          case let answer: return answer
          }
        }
        covered.insert(visit)
        return .covered
      }
      box[best.axis] = best.parts[0]
    }
  }

  /// The axis with the fewest parts to look at, and every axis where boxes differ; no choice when
  /// the budget is spent.
  private func bestChoice(
    _ box: Box, _ alive: [Int], _ budget: inout Budget
  ) -> (AxisChoice?, open: [Int]) {
    var best: AxisChoice?
    var open: [Int] = []
    for axis in box.indices {
      let partial = alive.indices.filter { !cover[alive[$0]][axis].isSuperset(of: box[axis]) }
      if partial.isEmpty { continue }
      open.append(axis)
      let rows = AxisRows(
        box[axis], partial.map { ($0, cover[alive[$0]][axis]) }, bitCount: alive.count)
      guard let parts = rows.leastHeld(&budget) else { return (nil, open) }
      if parts.count < best?.parts.count ?? .max { best = AxisChoice(axis: axis, parts: parts) }
      if parts.count == 1 { break }
    }
    return (best, open)
  }

  private struct AxisChoice {
    let axis: Int
    let parts: [ClassSet]
  }

  /// The box made as large as it can be without touching the cover: it has then no neighbour on any
  /// axis that is uncovered throughout.
  private static func grown(_ found: Box, within outer: Box, around cover: [Box]) -> Box {
    var box = found
    // On how many axes each box of the cover and this one have nothing in common.
    var apartCounts = cover.map { other in
      box.indices.count { !box[$0].intersects(other[$0]) }
    }
    for axis in box.indices.reversed() where box[axis] != outer[axis] {
      var allowed = outer[axis]
      for (index, other) in cover.enumerated()
      where apartCounts[index] == 1 && !box[axis].intersects(other[axis]) {
        allowed = allowed.subtracting(other[axis])
      }
      for (index, other) in cover.enumerated()
      where !box[axis].intersects(other[axis]) && allowed.intersects(other[axis]) {
        apartCounts[index] -= 1
      }
      box[axis] = allowed
    }
    return box
  }
}
