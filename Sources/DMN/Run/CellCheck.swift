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
  private var columns: [Column] = []

  /// What a column tests.
  private struct Column {
    /// nil where any value may come.
    var kind: FeelType.Basic?
    /// Values are made to fit what is required, and not the type that a column alone says.
    var isSure: Bool

    /// Of the tested value, surely.
    var tested: FeelType.Basic? { isSure ? kind : nil }
  }

  init(_ inputs: [CompiledTable.Input], _ sight: Sight, _ types: ItemTypes) {
    var sight = sight
    self.types = types
    // What a column tests has a value from somewhere, and cells may compare with it.
    for input in inputs {
      for name in input.expression.names where !sight.sees(name) { sight.insert(name) }
    }
    self.sight = sight
    columns = inputs.map(column)
  }

  /// The type of what is required counts; a column's own where that says nothing.
  private func column(of input: CompiledTable.Input) -> Column {
    let own = kind(named: input.typeRef)
    guard case .name(let name) = input.expression, let required = sight.typeRef(of: name),
      let kind = kind(named: required)
    else { return Column(kind: own, isSure: false) }
    return Column(kind: own == nil || own == kind ? kind : nil, isSure: true)
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
    let all = tests.map { finding(against: $0, columns[column]) }
    let found = all.compactMap(\.self)
    func reason(_ outcome: Outcome) -> Reason? { found.first { $0.outcome == outcome }?.reason }
    let isWhole = found.count == all.count
    if isNegated {
      if let reason = reason(.unknown) ?? reason(.holds) {
        let holdsForNull = found.allSatisfy { $0.ofNull == .fails }
        return fault(reason, holdsForNull ? Self.onlyNull : "never holds", isWhole: true)
      }
      return reason(.fails).map {
        fault($0, isWhole ? Self.always : "holds for more than it says", isWhole: isWhole)
      }
    }
    if let reason = reason(.holds) { return fault(reason, Self.always, isWhole: true) }
    let whole = found.contains { $0.ofNull == .holds } ? Self.onlyNull : "never holds"
    return found.first.map {
      fault($0.reason, isWhole ? whole : "holds for less than it says", isWhole: isWhole)
    }
  }

  private static let always = "holds for every value but null"
  private static let onlyNull = "holds for no value but null"

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

  /// A value that is written, also as `date("2024-01-31")` where no other function is called so; nil for what
  /// is to be calculated.
  func literal(_ expression: FeelExpression) -> FeelValue? {
    switch expression {
    case .value(let value): value
    case .call(.name(let name), let arguments, _) where sight.isBuiltin(name):
      Self.temporalLiteral(name, arguments)
    default: nil
    }
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
    case .unlike(let column, let why):
      Fault(
        severity: .warning,
        message: "\(isWhole ? "holds for no \(column.rawValue), the type of its column" : what): \(why)")
    }
  }

  private enum Reason {
    case undeclared(String)
    case other(String)
    /// It is of another type than its column alone says.
    case unlike(FeelType.Basic, String)

    /// The same where it is so whatever the column's values are.
    var ofAnyValue: Reason { if case .unlike(_, let why) = self { .other(why) } else { self } }
  }

  /// What is known of a value before there is any input.
  private enum Value {
    case null(Reason)
    case kind(FeelType.Basic)
    case open
  }

  // MARK: - Tests

  private enum Outcome { case holds, fails, unknown }

  private struct Finding {
    var reason: Reason
    /// What the test gives for every value but null.
    var outcome: Outcome
    /// And for null.
    var ofNull: Outcome
  }

  /// Why a test gives the same whatever is tested; nil where it may not.
  private func finding(against test: FeelExpression, _ column: Column) -> Finding? {
    switch test {
    case .comparison(let comparison, let end):
      let relation: Relation = comparison == .equal ? .equal : comparison == .notEqual ? .different : .order
      return finding(against: value(of: end, tested: column.tested), column, relation)
    case .range(let low, _, let high, _):
      let ends = [low, high].compactMap(\.self).map { value(of: $0, tested: column.tested) }
      let why = ends.lazy.compactMap { reason(against: $0, column, isOrder: true) }.first
      return why.map {
        Self.haveNoOrder(ends)
          ? Finding(reason: $0.ofAnyValue, outcome: .fails, ofNull: .unknown)
          : Finding(reason: $0, outcome: .unknown, ofNull: .unknown)
      }
    case .value: return finding(against: value(of: test, tested: column.tested), column, .equal)
    default:
      let value = value(of: test, tested: column.tested)
      // A condition, on the tested value or others.
      if case .kind(.boolean) = value { return nil }
      let isCondition = test.usesTested
      return finding(
        against: value, isCondition ? Column(kind: nil, isSure: false) : column,
        isCondition ? .order : .equal)
    }
  }

  /// Whether two ends make no interval, but null.
  private static func haveNoOrder(_ ends: [Value]) -> Bool {
    guard ends.count == 2, case .kind(let low) = ends[0], case .kind(let high) = ends[1] else { return false }
    return low != high || low == .boolean
  }

  /// What a test asks of the tested value and its end.
  private enum Relation { case equal, different, order }

  private func finding(against value: Value, _ column: Column, _ relation: Relation) -> Finding? {
    guard let reason = reason(against: value, column, isOrder: relation == .order) else { return nil }
    let isNull = if case .null = value { true } else { false }
    // No value is null, and null is no value. Values of two kinds are not even different.
    let (outcome, ofNull): (Outcome, Outcome) =
      switch relation {
      case .equal: isNull ? (.fails, .holds) : (.unknown, .fails)
      case .different: isNull ? (.holds, .fails) : (.unknown, .holds)
      case .order: (.unknown, .unknown)
      }
    return Finding(reason: reason, outcome: outcome, ofNull: ofNull)
  }

  /// Why nothing in a column compares with a value.
  private func reason(against value: Value, _ column: Column, isOrder: Bool) -> Reason? {
    switch value {
    case .null(let reason): return reason
    case .kind(let kind):
      if isOrder, kind == .boolean { return .other("booleans have no order") }
      guard let own = column.kind, own != kind else { return nil }
      let why =
        "its column is of type \(own.rawValue), and it is of type \(kind.rawValue); make them the same"
      return column.isSure ? .other(why) : .unlike(own, why)
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
    guard sight.isBuiltin(name), let example = Self.temporalTexts[name],
      let value = Self.temporalLiteral(name, arguments), case .value(.string(let text)) = arguments[0]
    else { return .open }
    if let kind = FeelType.Basic(rawValue: value.kindName) { return .kind(kind) }
    let literal = "`\(name)(\(FeelJSON.quoted(text)))`"
    return .null(.other("\(literal) is null; write for example `\(name)(\(FeelJSON.quoted(example)))`"))
  }

  /// What such a call gives; nil for another one.
  private static func temporalLiteral(_ name: String, _ arguments: [FeelExpression]) -> FeelValue? {
    guard temporalTexts[name] != nil, arguments.count == 1, case .value(.string) = arguments[0] else {
      return nil
    }
    return Interpreter().evaluate(.call(.name(name), arguments, at: nil), Scope())
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
