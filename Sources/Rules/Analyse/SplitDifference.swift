/// Where two versions of one or more tables answer differently, whatever their hit policies.
///
/// The space is cut until each rule matches all of a part or nothing of it. A part that the same
/// rules of both versions touch is not cut further: so only what lies within rules that one version
/// alone has is ever looked at closely.
struct SplitDifference<Answer: Hashable> {
  /// One table of one version.
  struct Layer {
    /// Equal where tables make the same of the same hits.
    let kind: Int
    /// By rule, in the order in which they decide.
    let boxes: [[Box]]
    /// By rule, equal for those of the same boxes and answer.
    let keys: [Int]
    /// Whether the first rule that matches is the only hit.
    let isFirstOnly: Bool
  }

  struct Part {
    var box: Box
    var before: [[Int]]
    var after: [[Int]]
  }

  private let layers: [[Layer]]
  private let answers: [([[Int]]) -> Answer]
  private(set) var parts: [Part] = []
  /// Whether the parts are all there are.
  private(set) var isComplete = true

  /// Both versions as their tables, and what each answers to hits by table.
  init(
    _ space: Space, _ layers: [[Layer]], answers: [([[Int]]) -> Answer], _ budget: inout Budget
  ) {
    self.layers = layers
    self.answers = answers
    search(space.all, layers.map { $0.map { Array($0.boxes.indices) } }, &budget)
  }

  /// `touching` are the rules to look at, by version and table.
  private mutating func search(_ box: Box, _ touching: [[[Int]]], _ budget: inout Budget) {
    let ruleCount = touching.joined().reduce(0) { $0 + $1.count }
    guard budget.allows(1 + ruleCount * box.count) else {
      isComplete = false
      return
    }
    var hits = touching
    var partial: [(version: Int, table: Int, rule: Int)] = []
    for version in layers.indices {
      for (table, layer) in layers[version].enumerated() {
        let (found, isWhole) = layer.rules(touching[version][table], matchingPartOf: box)
        hits[version][table] = found
        for (rule, isWhole) in zip(found, isWhole) where !isWhole {
          partial.append((version, table, rule))
        }
      }
    }
    if areAlike(hits) { return }
    guard let next = choice(partial, hits) else {
      if answers[0](hits[0]) == answers[1](hits[1]) { return }
      guard parts.count < Difference.regionCountMax else {
        isComplete = false
        return
      }
      parts.append(Part(box: box, before: hits[0], after: hits[1]))
      return
    }
    let boxes = layers[next.version][next.table].boxes[next.rule]
    let cut = boxes.first { $0.intersects(box) }!
    var inner = box
    for axis in box.indices where !cut[axis].isSuperset(of: inner[axis]) {
      var outer = inner
      outer[axis] = inner[axis].subtracting(cut[axis])
      inner[axis] = inner[axis].intersection(cut[axis])
      search(outer, hits, &budget)
      if parts.count >= Difference.regionCountMax && !isComplete { return }
    }
    search(inner, hits, &budget)
  }

  private func areAlike(_ hits: [[[Int]]]) -> Bool {
    guard layers[0].map(\.kind) == layers[1].map(\.kind) else { return false }
    return layers[0].indices.allSatisfy { table in
      hits[0][table].map { layers[0][table].keys[$0] }
        == hits[1][table].map { layers[1][table].keys[$0] }
    }
  }

  /// The rule to cut by: one that only one version has, where there is one.
  private func choice(
    _ partial: [(version: Int, table: Int, rule: Int)], _ hits: [[[Int]]]
  ) -> (version: Int, table: Int, rule: Int)? {
    guard partial.count > 1 else { return partial.first }
    let keys = layers.indices.map { version in
      Set(layers[version].indices.flatMap { table in
        hits[version][table].map { layers[version][table].keys[$0] }
      })
    }
    return partial.first { one in
      !keys[1 - one.version].contains(layers[one.version][one.table].keys[one.rule])
    } ?? partial.first
  }
}

extension SplitDifference.Layer {
  /// Those of some rules that match an input of a box, and whether they match all of them; none
  /// behind one that leaves nothing to the others.
  fileprivate func rules(
    _ rules: [Int], matchingPartOf box: Box
  ) -> (rules: [Int], isWhole: [Bool]) {
    var found: [Int] = []
    var isWhole: [Bool] = []
    for rule in rules {
      let touching = boxes[rule].filter { $0.intersects(box) }
      if touching.isEmpty { continue }
      found.append(rule)
      isWhole.append(touching.contains { $0.isSuperset(of: box) })
      if isFirstOnly, isWhole[isWhole.count - 1] { break }
    }
    return (found, isWhole)
  }
}
