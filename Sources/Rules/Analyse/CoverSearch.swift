/// Looks for inputs that no box of a cover holds.
///
/// The search cuts a box along one axis after another. On an axis, only the classes that the fewest
/// boxes hold are looked at: where a class is held by a box set that includes another's, whatever
/// it leaves uncovered, the other leaves as well. An axis where one class is below all others is
/// cut without a choice; so most searches never branch. What is covered is remembered.
///
/// Most questions end with an input that is free, and of a large cover a guess finds one in fewer steps: see
/// `probe`. Only where it does not is everything looked at.
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
  /// By box of the cover: the axes on which it does not hold all that is looked at. The others say
  /// nothing about it.
  private var narrow: [[Int]] = []
  /// By box of the cover: further steps that a look at it on these axes takes, for sets of many ranges.
  private var extraSteps: [Int] = []
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
      switch search.run(start, &budget) {
      case .covered: continue
      case .uncovered(let found):
        _ = budget.take(cover.count * (1 + box.count / 8))
        return .uncovered(grown(found, within: box, around: cover))
      case .undecided: return .undecided
      }
    }
    return .covered
  }

  /// LIMIT: regions of one answer.
  static let regionCountMax = 16

  /// Regions of a box that a cover leaves free: all of them, where it says so. They may share inputs. `known`
  /// are those that an earlier call found before the budget's question was spent.
  static func regions(
    in box: Box, by cover: [Box], of space: Space, known: [Box] = [], _ budget: inout Budget
  ) -> (regions: [Box], isComplete: Bool) {
    var regions = known
    var cover = cover + known.flatMap(space.closed)
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

  /// A look at a set of ranges is one at each. Of a few, a step is enough.
  private static func extraSteps(_ set: ClassSet) -> Int { set.ranges.count / 4 }

  private mutating func run(_ box: Box, _ budget: inout Budget) -> Answer {
    guard budget.take(cover.count * (1 + box.count / 8)) else { return .undecided }
    var touching: [Int] = []
    for (index, other) in cover.enumerated() {
      var axes: [Int] = []
      var isApart = false
      for axis in box.indices where !other[axis].isSuperset(of: box[axis]) {
        if !other[axis].intersects(box[axis]) {
          isApart = true
          break
        }
        axes.append(axis)
      }
      narrow.append(axes)
      extraSteps.append(axes.reduce(0) { $0 + Self.extraSteps(other[$1]) })
      if !isApart { touching.append(index) }
    }
    if touching.count >= Self.probedCountMin, let found = probe(box, touching, &budget) {
      return .uncovered(found)
    }
    return search(box, touching, &budget)
  }

  /// LIMIT: boxes of a cover that is worth a guess; a search through fewer is as quick.
  private static let probedCountMin = 64

  /// Narrows a box to the class that the most boxes do not hold, again and again, until none is left; `nil`
  /// where one is left that holds all of it, which says nothing, or the budget is spent.
  private func probe(_ start: Box, _ candidates: [Int], _ budget: inout Budget) -> Box? {
    var box = start
    var alive = candidates
    while !alive.isEmpty {
      guard let (partial, isCovered) = partialBoxes(box, alive, &budget), !isCovered else { return nil }
      var best: (axis: Int, run: Range<Int>, apartCount: Int)?
      for one in partial {
        guard budget.take(one.stepCount) else { return nil }
        let (run, holdingCount) = AxisRows.leastHeldRun(box[one.axis], one.sets.map(\.set))
        let apartCount = one.sets.count - holdingCount
        if apartCount > best?.apartCount ?? 0 { best = (one.axis, run, apartCount) }
      }
      // Each box of `alive` leaves something free on some axis, so that there is a run without it.
      guard let best else { return nil }
      let set = ClassSet(best.run)
      box[best.axis] = set
      alive = alive.filter { !narrow[$0].contains(best.axis) || cover[$0][best.axis].intersects(set) }
    }
    return box
  }

  private mutating func search(
    _ start: Box, _ candidates: [Int], _ budget: inout Budget
  ) -> Answer {
    var box = start
    var alive = candidates
    while true {
      alive = alive.filter { index in
        narrow[index].allSatisfy { cover[index][$0].intersects(box[$0]) }
      }
      if alive.isEmpty { return .uncovered(box) }
      guard let (partial, isCovered) = partialBoxes(box, alive, &budget) else { return .undecided }
      if isCovered { return .covered }
      guard let best = bestChoice(box, partial, bitCount: alive.count, &budget) else {
        return .undecided
      }
      if best.parts.count == 1 {
        box[best.axis] = best.parts[0]
        continue
      }
      let visit = Visit(boxes: alive, axes: partial.map(\.axis))
      if covered.contains(visit) { return .covered }
      for part in best.parts {
        var narrowed = box
        narrowed[best.axis] = part
        switch search(narrowed, alive, &budget) {
        case .covered: continue
        case let answer: return answer
        }
      }
      covered.insert(visit)
      return .covered
    }
  }

  /// By axis on which some box does not hold all of `box`: these boxes, as bits. `isCovered` where
  /// a box holds all of it; `nil` when the budget is spent.
  private func partialBoxes(
    _ box: Box, _ alive: [Int], _ budget: inout Budget
  ) -> (partial: [PartialAxis], isCovered: Bool)? {
    var partial: [PartialAxis] = []
    var places = [Int](repeating: -1, count: box.count)
    for (bit, index) in alive.enumerated() {
      guard budget.take(1 + narrow[index].count + extraSteps[index]) else { return nil }
      var isPartial = false
      for axis in narrow[index] where !cover[index][axis].isSuperset(of: box[axis]) {
        isPartial = true
        if places[axis] < 0 {
          places[axis] = partial.count
          partial.append(PartialAxis(axis: axis))
        }
        partial[places[axis]].sets.append((bit, cover[index][axis]))
      }
      if !isPartial { return (partial, true) }
    }
    return (partial.sorted { $0.axis < $1.axis }, false)
  }

  /// The axis with the fewest parts to look at; `nil` when the budget is spent.
  private func bestChoice(
    _ box: Box, _ partial: [PartialAxis], bitCount: Int, _ budget: inout Budget
  ) -> AxisChoice? {
    var best: AxisChoice?
    for one in partial {
      guard budget.take(one.stepCount) else { return nil }
      let rows = AxisRows(box[one.axis], one.sets, bitCount: bitCount)
      // An axis of as many parts as the best has is no better, whatever else it has.
      guard let parts = rows.leastHeld(atMost: best?.parts.count ?? .max, &budget) else { return nil }
      if parts.count < best?.parts.count ?? .max {
        best = AxisChoice(axis: one.axis, parts: parts)
      }
      if parts.count == 1 { break }
    }
    return best
  }

  private struct PartialAxis {
    let axis: Int
    var sets: [(bit: Int, set: ClassSet)] = []

    /// What a look at each of the sets takes.
    var stepCount: Int { sets.reduce(sets.count) { $0 + CoverSearch.extraSteps($1.set) } }
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
