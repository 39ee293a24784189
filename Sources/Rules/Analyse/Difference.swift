/// Where two lists of rules, each deciding by the first that matches, answer differently.
///
/// An input that no changed rule matches is decided alike by both, since the others stand in both
/// in the same order. So only the boxes of changed rules are looked at: in each, what is left of it
/// by the rules before it, against each rule of the other list that answers something else there.
struct Difference {
  /// LIMIT: regions of one difference, before those that make one box are joined.
  static let regionCountMax = 256

  /// A box of inputs, and the rules that decide there: index in its list, `nil` where none does.
  struct Part {
    var box: Box
    var before: Int?
    var after: Int?
  }

  private let space: Space
  private let all: Box
  private let partCountMax: Int
  private let before: Side
  private let after: Side
  private(set) var parts: [Part] = []
  /// Whether the parts are all there are.
  var isComplete: Bool { isWhole && open.isEmpty }
  private var isWhole = true
  /// What took more steps than one question may.
  private var open: [Question] = []

  /// Where a box is not covered, two rules answer differently.
  private struct Question {
    let box: Box
    let cover: [Box]
    let before: Int?
    let after: Int?
  }

  struct Side {
    /// By rule.
    let boxes: [[Box]]
    let outcomes: [RuleOutcome]
  }

  private struct Key: Hashable {
    let boxes: [Box]
    let outcome: RuleOutcome
  }

  /// Looks for up to `partCountMax` parts. The boxes are of `space`, or of `all`, which then has
  /// further axes behind those of the space.
  init(
    _ space: Space, all: Box? = nil, _ before: Side, _ after: Side,
    partCountMax: Int = Difference.regionCountMax,
    _ budget: inout Budget
  ) {
    self.space = space
    self.all = all ?? space.all
    self.partCountMax = partCountMax
    self.before = before
    self.after = after
    let keys = [before, after].map { zip($0.boxes, $0.outcomes).map(Key.init) }
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in keys[1].difference(from: keys[0]) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    for rule in removed.sorted() {
      compare(rule, Set(after.boxes.indices), isBefore: true, &budget)
    }
    for rule in inserted.sorted() {
      // Pairs of two changed rules were looked at above.
      let others = Set(before.boxes.indices).subtracting(removed)
      compare(rule, others, isBefore: false, &budget)
    }
  }

  /// Goes on with the questions that took more than each may, with all that is left. Last.
  mutating func goOn(_ budget: inout Budget) {
    let questions = open
    open = []
    budget.isLastQuestion = true
    for question in questions { collect(question, &budget) }
  }

  private mutating func compare(
    _ rule: Int, _ wanted: Set<Int>, isBefore: Bool, _ budget: inout Budget
  ) {
    let (own, its) = isBefore ? (before, after) : (after, before)
    let boxes = own.boxes[rule]
    let overlaps = { (others: [Box]) in
      boxes.contains { box in others.contains { box.intersects($0) } }
    }
    guard budget.allows((own.boxes.count + its.boxes.count) * all.count) else {
      isWhole = false
      return
    }
    var cover = own.boxes[..<rule].filter(overlaps).flatMap { $0 }
    for (other, otherBoxes) in its.boxes.enumerated() where overlaps(otherBoxes) {
      if wanted.contains(other), own.outcomes[rule] != its.outcomes[other] {
        for box in boxes {
          for otherBox in otherBoxes {
            let part = box.intersection(otherBox)
            let pair = isBefore ? (rule, other) : (other, rule)
            collect(
              Question(box: part, cover: cover, before: pair.0, after: pair.1), &budget)
          }
        }
      }
      cover += otherBoxes
    }
    for box in boxes {
      let question = Question(
        box: box, cover: cover, before: isBefore ? rule : nil, after: isBefore ? nil : rule)
      collect(question, &budget)
    }
  }

  private mutating func collect(_ question: Question, _ budget: inout Budget) {
    let (box, values) = (question.box, space.values + all.dropFirst(space.all.count))
    var cover = question.cover
    while true {
      switch CoverSearch.uncovered(in: box, by: cover, preferring: values, &budget) {
      case .covered: return
      case .undecided:
        open.append(Question(box: box, cover: cover, before: question.before, after: question.after))
        return
      case .uncovered(let region):
        guard parts.count < partCountMax else {
          isWhole = false
          return
        }
        parts.append(Part(box: region, before: question.before, after: question.after))
        cover += space.closed(region)
      }
    }
  }
}

extension [Box] {
  /// The same inputs in fewer boxes: those within another are left out, and those that differ on one
  /// axis only are joined.
  func merged() -> [Box] {
    var boxes = self
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      var index = 0
      while index < boxes.count {
        var other = index + 1
        while other < boxes.count {
          if boxes[index].isSuperset(of: boxes[other]) {
            boxes.remove(at: other)
          } else if boxes[other].isSuperset(of: boxes[index]) {
            boxes[index] = boxes.remove(at: other)
            hasChanged = true
          } else if let joined = boxes[index].joined(with: boxes[other]) {
            boxes[index] = joined.box
            boxes.remove(at: other)
            hasChanged = true
          } else {
            other += 1
          }
        }
        index += 1
      }
    }
    return boxes
  }
}
