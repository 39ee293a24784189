import RulesOracle
import Testing

@testable import Rules

/// Covers large enough for a guess, against trying every point.
@Suite struct CoverSearchTests {
  private static let all: Box = [ClassSet(0..<6), ClassSet(0..<6), ClassSet(0..<5), ClassSet(0..<4)]

  @Test(arguments: 1...60) func `what is free in a large cover is what trying finds`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    // With `-` often, the cover holds all; seldom, much is free.
    let anyPercent = 20 + random.below(60)
    let cover = (0..<(64 + random.below(300))).map { _ in
      Self.all.map { random.chance(anyPercent) ? $0 : Self.some(of: $0, using: &random) }
    }
    let preferred = [ClassSet(0..<2)] + Self.all.dropFirst()
    let free = Self.points.filter { point in !cover.contains { $0.isSuperset(of: point) } }
    var budget = Budget()
    switch CoverSearch.uncovered(in: Self.all, by: cover, preferring: preferred, &budget) {
    case .covered: #expect(free.isEmpty)
    case .undecided: Issue.record("not decided")
    case .uncovered(let box):
      #expect(box.hasInputs && !cover.contains { $0.intersects(box) })
      let isPreferred = free.contains { $0.intersects(preferred) }
      #expect(box.intersects(preferred) == isPreferred)
    }
  }

  @Test func `a guess takes fewer steps than one class after another`() {
    // All but one value, of a hundred, on each axis: no class of an axis is held by fewer than others.
    let all = Box(repeating: ClassSet(0..<100), count: 3)
    let cover = (0..<300).map { index in
      var box = all
      box[index % 3] = ClassSet([0..<(index / 3), (index / 3 + 1)..<100])
      box[(index + 1) % 3] = ClassSet(0..<50)
      return box
    }
    var budget = Budget()
    guard case .uncovered = CoverSearch.uncovered(in: all, by: cover, &budget) else {
      Issue.record("something is free")
      return
    }
    #expect(budget.stepCount < 10_000)
  }

  private static func some(of set: ClassSet, using random: inout SeededGenerator) -> ClassSet {
    let classes = set.ranges.joined().filter { _ in random.chance(50) }
    return ClassSet((classes.isEmpty ? [set.first] : Array(classes)).map { $0..<($0 + 1) })
  }

  private static var points: [Box] {
    all.reduce([[]]) { boxes, set in
      boxes.flatMap { box in set.ranges.joined().map { box + [ClassSet($0..<($0 + 1))] } }
    }
  }
}
