/// Finds cells of a decision table that are null, or hold never or always, whatever the inputs are: of a name
/// that nothing has, or of another kind than their column. The standard lets them be; who wrote them meant
/// something else.
struct CellCheck {
  struct Fault {
    var severity: DMNProblem.Severity
    var message: String
    /// The name that nothing has, where that is why.
    var undeclared: String?
  }

  private let sight: Sight
  private let types: ItemTypes
  /// By column; nil where any value may come.
  private var kinds: [FeelType.Basic?] = []

  init(_ inputs: [CompiledTable.Input], _ sight: Sight, _ types: ItemTypes) {
    var sight = sight
    self.types = types
    // What a column tests has a value from somewhere, and cells may compare with it.
    for input in inputs {
      for name in input.expression.names where !sight.sees(name) { sight.insert(name) }
    }
    self.sight = sight
    kinds = inputs.map(kind)
  }

  /// Values are made to fit what is required, so its type counts; a column's own where that says nothing.
  private func kind(of input: CompiledTable.Input) -> FeelType.Basic? {
    let own = kind(named: input.typeRef)
    guard case .name(let name) = input.expression, let required = sight.typeRef(of: name) else { return own }
    let kind = kind(named: required)
    return own == nil || kind == nil || own == kind ? kind ?? own : nil
  }

  private func kind(named typeRef: String?) -> FeelType.Basic? {
    guard let name = types.type(typeRef).name, case .basic(let kind) = FeelType(name: name) else {
      return nil
    }
    return kind
  }

  /// What is wrong with a cell of tests.
  func fault(in cell: FeelExpression, ofColumn column: Int) -> Fault? {
    guard case .tests(let tests, let isNegated) = cell else { return nil }
    let all = tests.map { finding(against: $0, kinds[column]) }
    let found = all.compactMap(\.self)
    func reason(_ outcome: Outcome) -> Reason? { found.first { $0.outcome == outcome }?.reason }
    let isWhole = found.count == all.count
    if isNegated {
      if let reason = reason(.unknown) ?? reason(.holds) {
        return fault(reason, "never holds", isWhole: true)
      }
      return reason(.fails).map {
        fault($0, isWhole ? Self.always : "holds for more than it says", isWhole: isWhole)
      }
    }
    if let reason = reason(.holds) { return fault(reason, Self.always, isWhole: true) }
    return found.first.map {
      fault($0.reason, isWhole ? "never holds" : "holds for less than it says", isWhole: isWhole)
    }
  }

  private static let always = "holds for every value but null"

  /// Why a table of one output is always null: of another kind than its output, whose count alone is a number
  /// whatever it is.
  func fault(ofTable table: CompiledTable, typed typeRef: String) -> String? {
    guard let typeOfOutput = table.outputs[0].typeRef, table.aggregation != .count,
      let own = kind(named: typeRef), let given = kind(named: typeOfOutput), own != given,
      // A date becomes its midnight.
      given != .date || own != .dateTime
    else { return nil }
    return "is always null: its output is a `\(typeOfOutput)`, and its own type `\(typeRef)`"
  }

  /// What is wrong with a cell of a value.
  func fault(inValue expression: FeelExpression) -> Fault? {
    guard case .null(let reason) = value(of: expression, tested: nil) else { return nil }
    return fault(reason, "is always null", isWhole: true)
  }

  private func fault(_ reason: Reason, _ what: String, isWhole: Bool) -> Fault {
    switch reason {
    case .undeclared(let name):
      Fault(
        severity: isWhole ? sight.undeclared ?? .warning : .warning,
        message: "\(what): nothing here is called `\(name)`; require it, or write a text as `\"\(name)\"`",
        undeclared: name)
    case .other(let why): Fault(severity: isWhole ? .error : .warning, message: "\(what): \(why)")
    }
  }

  private enum Reason {
    case undeclared(String)
    case other(String)
  }

  /// What is known of a value before there is any input.
  private enum Value {
    case null(Reason)
    case kind(FeelType.Basic)
    case open
  }

  // MARK: - Tests

  /// What a test gives for every value but null.
  private enum Outcome { case holds, fails, unknown }

  private struct Finding {
    var reason: Reason
    var outcome: Outcome
  }

  /// Why a test gives the same whatever is tested; nil where it may not.
  private func finding(against test: FeelExpression, _ column: FeelType.Basic?) -> Finding? {
    switch test {
    case .comparison(let comparison, let end):
      // No value is null, and none is less or greater.
      let equality: Outcome = comparison == .equal ? .fails : .holds
      return finding(
        against: value(of: end, tested: column), column, isOrder: comparison.isOrder,
        ofNull: comparison.isOrder ? .unknown : equality)
    case .range(let low, _, let high, _):
      let ends = [low, high].compactMap(\.self).map { value(of: $0, tested: column) }
      let why = ends.lazy.compactMap { reason(against: $0, column, isOrder: true) }.first
      return why.map { Finding(reason: $0, outcome: Self.haveNoOrder(ends) ? .fails : .unknown) }
    case .value:
      return finding(against: value(of: test, tested: column), column, isOrder: false, ofNull: .fails)
    default:
      let value = value(of: test, tested: column)
      // A condition, on the tested value or others.
      if case .kind(.boolean) = value { return nil }
      let isCondition = test.usesTested
      return finding(
        against: value, isCondition ? nil : column, isOrder: false, ofNull: isCondition ? .unknown : .fails)
    }
  }

  /// Whether two ends make no interval, but null.
  private static func haveNoOrder(_ ends: [Value]) -> Bool {
    guard ends.count == 2, case .kind(let low) = ends[0], case .kind(let high) = ends[1] else { return false }
    return low != high || low == .boolean
  }

  private func finding(
    against value: Value, _ column: FeelType.Basic?, isOrder: Bool, ofNull outcome: Outcome
  ) -> Finding? {
    guard let reason = reason(against: value, column, isOrder: isOrder) else { return nil }
    // Values of two kinds are not even different.
    if case .null = value { return Finding(reason: reason, outcome: outcome) }
    return Finding(reason: reason, outcome: .unknown)
  }

  /// Why nothing in a column compares with a value.
  private func reason(against value: Value, _ column: FeelType.Basic?, isOrder: Bool) -> Reason? {
    switch value {
    case .null(let reason): return reason
    case .kind(let kind):
      if isOrder, kind == .boolean { return .other("booleans have no order") }
      guard let column, column != kind else { return nil }
      return .other(
        "its column is of type \(column.rawValue), and it is of type \(kind.rawValue); make them the same")
    case .open: return nil
    }
  }

  // MARK: - Values

  private func value(of expression: FeelExpression, tested: FeelType.Basic?) -> Value {
    switch expression {
    // A null that is written is meant.
    case .value(let value): return FeelType.Basic(rawValue: value.kindName).map { .kind($0) } ?? .open
    case .noTemporal(let text):
      let literal = "`@\(FeelJSON.quoted(text))`"
      return .null(
        .other("\(literal) is no date, time or duration; write for example `@\"2024-01-31\"`"))
    case .tested: return tested.map { .kind($0) } ?? .open
    case .name(let name):
      guard sight.sees(name) else { return undeclared(name) }
      return kind(named: sight.typeRef(of: name)).map { .kind($0) } ?? .open
    case .call(.name(let name), let arguments, _):
      return sight.sees(name) ? temporal(name, arguments) : undeclared(name)
    case .namedCall(.name(let name), _, _): return sight.sees(name) ? .open : undeclared(name)
    case .path(let inner, _):
      if case .null(let reason) = value(of: inner, tested: tested) { return .null(reason) }
      return .open
    case .negate(let inner):
      let inner = value(of: inner, tested: tested)
      if case .kind(let kind) = inner, kind == .string || kind == .boolean {
        return .null(.other("a \(kind.rawValue) has no negative"))
      }
      return inner
    case .binary(let symbol, let left, let right):
      return combined(symbol, value(of: left, tested: tested), value(of: right, tested: tested))
    default: return .open
    }
  }

  /// Texts that each function of dates, times and durations takes.
  private static let temporalTexts = [
    "date": "2024-01-31", "time": "08:30:00", "date and time": "2024-01-31T08:30:00", "duration": "P1D",
  ]

  /// `date("2024-01-31")`, which is a literal as one that begins with `@` is.
  private func temporal(_ name: String, _ arguments: [FeelExpression]) -> Value {
    guard let example = Self.temporalTexts[name], sight.isBuiltin(name), arguments.count == 1,
      case .value(.string(let text)) = arguments[0]
    else { return .open }
    let value = Interpreter().evaluate(.call(.name(name), arguments, at: nil), Scope())
    if let kind = FeelType.Basic(rawValue: value.kindName) { return .kind(kind) }
    let literal = "`\(name)(\(FeelJSON.quoted(text)))`"
    return .null(.other("\(literal) is null; write for example `\(name)(\(FeelJSON.quoted(example)))`"))
  }

  private func undeclared(_ name: String) -> Value {
    sight.undeclared == nil ? .open : .null(.undeclared(name))
  }

  private func combined(_ symbol: FeelExpression.Operator, _ left: Value, _ right: Value) -> Value {
    switch symbol {
    case .and, .or: return .open
    // Null is equal to null, and different from all else.
    case .equal, .notEqual: if case .null = left { return .open } else if case .null = right { return .open }
    default: break
    }
    switch (left, right) {
    case (.null(let reason), _), (_, .null(let reason)): return .null(reason)
    case (.kind(let left), .kind(let right)): return combined(symbol, left, right)
    default: return .open
    }
  }

  private func combined(
    _ symbol: FeelExpression.Operator, _ left: FeelType.Basic, _ right: FeelType.Basic
  ) -> Value {
    let none = Value.null(.other("`\(left.rawValue) \(symbol.rawValue) \(right.rawValue)` has no value"))
    switch symbol {
    case .equal, .notEqual: return left == right ? .kind(.boolean) : none
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return left == right && left != .boolean ? .kind(.boolean) : none
    default:
      // What dates, times and durations have with each other is the interpreter's to know.
      let plain: Set<FeelType.Basic> = [.number, .string, .boolean]
      guard plain.contains(left), plain.contains(right) else { return .open }
      if left == .number, right == .number { return .kind(.number) }
      return left == .string && right == .string && symbol == .add ? .kind(.string) : none
    }
  }
}

extension FeelExpression.Operator {
  fileprivate var isOrder: Bool { [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(self) }
}
