import Signals

/// A part of the input space: what each axis may be. Empty where an axis has no class.
typealias Box = [ClassSet]

/// Every input of some signals, as axes of numbered classes.
///
/// A signal is one axis of its domain's classes. A list signal is an axis of its states, class 0 for
/// "some list", and an axis for each class of members that cells name, class 1 for lists that have one
/// of it: a cell of a list is about its members one by one, so that no combination is left out.
struct Space {
  struct Axis {
    /// Index of the signal.
    let column: Int
    /// Of a list, the index of the class of members.
    let member: Int?
    let classCount: Int
  }

  let signals: [Signal]
  let domains: [Domain]
  let axes: [Axis]
  /// By signal: the axes it has, one behind the other.
  let axesOfColumn: [Range<Int>]
  /// Every input that there may be.
  let all: Box

  /// `cells` are all that rules say, by signal. `allowed` are the only values that some signals may have, by
  /// the signal's index, not of lists; `scales` say what numbers mean.
  init(
    _ signals: [Signal], cells: [[UnaryTests]], allowed: [Int: UnaryTests] = [:],
    scales: [Int: NumberScale] = [:]
  ) {
    self.signals = signals
    domains = zip(signals, cells).enumerated().map { index, column in
      Domain(
        column.0, cells: column.1 + [allowed[index]].compactMap(\.self), scaleOfModel: scales[index])
    }
    var axes: [Axis] = []
    var axesOfColumn: [Range<Int>] = []
    for (column, domain) in domains.enumerated() {
      let start = axes.count
      axes.append(Axis(column: column, member: nil, classCount: domain.classCount))
      if case .list(let members, _) = domain.values {
        for index in members.classes.indices {
          axes.append(Axis(column: column, member: index, classCount: 2))
        }
      }
      axesOfColumn.append(start..<axes.count)
    }
    self.axes = axes
    self.axesOfColumn = axesOfColumn
    var all = axes.map { ClassSet(0..<$0.classCount) }
    for (column, values) in allowed {
      all[axesOfColumn[column].lowerBound] = domains[column].set(
        of: UnaryTests(states: .all, values: values.values))
    }
    self.all = all
  }

  /// Inputs where every signal has a value.
  var values: Box {
    var box = all
    for (column, domain) in domains.enumerated() {
      let axis = axesOfColumn[column].lowerBound
      box[axis] = all[axis].intersection(domain.allValues)
    }
    return box
  }

  /// What a cell asks of its column's axes: alternatives, each a part of `all` that it narrows.
  func alternatives(_ cell: UnaryTests, column: Int) -> [[(axis: Int, set: ClassSet)]] {
    let domain = domains[column]
    let axis = axesOfColumn[column].lowerBound
    guard case .list = domain.values else {
      return [[(axis, domain.set(of: cell).intersection(all[axis]))]]
    }
    let states = domain.states(cell.states)
    let withValue = ClassSet(0..<1)
    let memberAxes = { (test: UnaryTest) in domain.members(test).map { axis + 1 + $0 } }
    switch cell.values {
    case .any: return [[(axis, withValue.union(states))]]
    case .none: return [[(axis, states)]]
    case .anyOf(let tests):
      let named = Set(tests.flatMap(memberAxes)).sorted()
      return (states.isEmpty ? [] : [[(axis, states)]])
        + named.map { [(axis, withValue), ($0, ClassSet(1..<2))] }
    case .noneOf(let tests):
      let named = Set(tests.flatMap(memberAxes)).sorted()
      return (states.isEmpty ? [] : [[(axis, states)]])
        + [[(axis, withValue)] + named.map { ($0, ClassSet(0..<1)) }]
    }
  }

  /// Boxes of the same inputs as a box, with all the points that stand for one of them: a list signal
  /// without a value is the same input whatever its members' axes say.
  func closed(_ box: Box) -> [Box] {
    var boxes = [box]
    for axes in axesOfColumn where axes.count > 1 {
      boxes += boxes.compactMap { box in
        let state = axes.lowerBound
        let withoutValue = box[state].subtracting(ClassSet(0..<1))
        let members = axes.dropFirst()
        guard !withoutValue.isEmpty, members.contains(where: { box[$0] != all[$0] }) else {
          return nil
        }
        var other = box
        other[state] = withoutValue
        for member in members { other[member] = all[member] }
        return other
      }
    }
    return boxes
  }

  /// One input of a box that is not empty, by signal; with values where it has some.
  func input(in box: Box) -> [PlainSignal] {
    domains.indices.map { column in
      let axes = axesOfColumn[column]
      let domain = domains[column]
      let first = box[axes.lowerBound].first
      guard case .list(let members, _) = domain.values, first < domain.valueCount else {
        return domain.sample(first)
      }
      let classes = members.classes
      let held = classes.indices.filter { !box[axes.lowerBound + 1 + $0].contains(0) }
      return held.isEmpty ? domain.sample(0) : .list(held.map { classes[$0].sample })
    }
  }

  /// A box as cells, by signal.
  func cells(_ box: Box) -> [String] {
    domains.indices.map { column in
      let axes = axesOfColumn[column]
      guard case .list(let members, _) = domains[column].values else {
        let set = box[axes.lowerBound]
        return set == all[axes.lowerBound] ? "-" : domains[column].text(set)
      }
      return listText(domains[column], members, box[axes])
    }
  }

  private func listText(
    _ domain: Domain, _ members: TextClasses, _ sets: ArraySlice<ClassSet>
  ) -> String {
    let kind = sets.first!
    let states = PlainSignal.states.indices.filter { kind.contains(domain.stateClass($0)) }
    let names = states.map { PlainSignal.states[$0].state.name }.joined(separator: ", ")
    guard kind.contains(0) else { return names.isEmpty ? "nothing" : names }
    let sets = Array(sets.dropFirst())
    let classes = members.classes.indices
    let held = classes.filter { !sets[$0].contains(0) }.map { members.cell($0) }
    let (without, rest) = members.tests(Set(classes.filter { !sets[$0].contains(1) }))
    var texts = held
    if !without.isEmpty { texts.append("not(\(without.joined(separator: ", ")))") }
    texts += rest.map { "no member \(members.cell($0))" }
    if texts.isEmpty { return cellText(allValuesAnd: states) }
    if names.isEmpty { return texts.joined(separator: " and ") }
    if texts == held, held.count == 1 { return "\(held[0]), \(names)" }
    return texts.joined(separator: " and ") + eitherWord + names
  }
}

extension Box {
  var hasInputs: Bool { !contains(where: \.isEmpty) }

  func intersects(_ other: Box) -> Bool { zip(self, other).allSatisfy { $0.intersects($1) } }

  func isSuperset(of other: Box) -> Bool { zip(self, other).allSatisfy { $0.isSuperset(of: $1) } }

  func intersection(_ other: Box) -> Box { zip(self, other).map { $0.intersection($1) } }
}
