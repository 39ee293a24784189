/// Decision tables, as the standard's hit policies have them.
extension Interpreter {
  func evaluate(_ table: CompiledTable, _ scope: Scope) -> FeelValue {
    nested {
      var tested: [FeelValue] = []
      for input in table.inputs {
        var value = evaluate(input.expression, scope)
        if let allowed = input.allowedValues, !value.isNull,
          !evaluate(allowed, Scope(tested: value, in: scope)).isTrue
        {
          warn("`\(input.text)` is \(FeelJSON.write(value)), which is not an allowed value; it is null")
          value = .null
        }
        tested.append(value)
      }
      let scopes = tested.map { Scope(tested: $0, in: scope) }
      var hits: [(rule: Int, values: [FeelValue])] = []
      for (index, rule) in table.rules.enumerated() {
        guard zip(rule.tests, scopes).allSatisfy({ evaluate($0, $1).isTrue }) else { continue }
        hits.append((index, outputs(index, of: table, scope)))
        if table.hitPolicy == .first || failure != nil { break }
      }
      return hits.isEmpty ? defaultValue(of: table, scope) : result(of: hits, in: table, scope)
    }
  }

  /// As if these rules matched.
  func answer(of rules: [Int], _ table: CompiledTable) -> FeelValue {
    let scope = Scope()
    let hits = rules.map { (rule: $0, values: outputs($0, of: table, scope)) }
    return hits.isEmpty ? defaultValue(of: table, scope) : result(of: hits, in: table, scope)
  }

  private func outputs(_ rule: Int, of table: CompiledTable, _ scope: Scope) -> [FeelValue] {
    table.outputs.indices.map { output(rule, $0, of: table, scope) }
  }

  /// What an output of a rule is, made to fit its type; null where it is none of its values.
  func output(
    _ rule: Int, _ index: Int, of table: CompiledTable, _ scope: Scope = Scope()
  ) -> FeelValue {
    let (row, output) = (table.rules[rule], table.outputs[index])
    let ownType = row.typeRefs.isEmpty ? nil : row.typeRefs[index]
    var value = evaluate(row.values[index], scope)
    for typeRef in [ownType, output.typeRef] {
      value = coerced(value, to: typeRef, as: "the output \(output.label)of rule \(rule + 1)")
    }
    if let allowed = output.allowedValues, !value.isNull,
      !evaluate(allowed, Scope(tested: value, in: scope)).isTrue
    {
      warn(
        "rule \(rule + 1) gives \(FeelJSON.write(value)), which is not an output value; it is null")
      return .null
    }
    return value
  }

  /// The default of an output, made to fit its type.
  func defaultOutput(_ output: CompiledTable.Output, _ scope: Scope = Scope()) -> FeelValue {
    let value = output.defaultValue.map { evaluate($0, scope) } ?? .null
    return coerced(value, to: output.typeRef, as: "the default \(output.label)of the table")
  }

  /// Where no rule matches.
  private func defaultValue(of table: CompiledTable, _ scope: Scope) -> FeelValue {
    if table.outputs.contains(where: { $0.defaultValue != nil }) {
      return compose(table.outputs.map { defaultOutput($0, scope) }, table)
    }
    if table.hitPolicy == .collect {
      if table.aggregation == .count { return FeelValue(0) }
      // All that is collected, as the DMN TCK has it (level 3, 0039-dt-list-semantics). It has no case of
      // RULE ORDER or OUTPUT ORDER without hits, which are null as every other table is.
      if table.aggregation == nil { return .list([]) }
    }
    warn("no rule of the table matches and it has no default; it is null")
    return .null
  }

  /// One rule's outputs as a value: the only one, or a context of all by name.
  private func compose(_ values: [FeelValue], _ table: CompiledTable) -> FeelValue {
    if table.outputs.count == 1 { return values.first ?? .null }
    return .context(FeelContext(zip(table.outputs, values).map { ($0.name, $1) }))
  }

  private func result(
    of hits: [(rule: Int, values: [FeelValue])], in table: CompiledTable, _ scope: Scope
  ) -> FeelValue {
    let values = hits.map { compose($0.values, table) }
    switch table.hitPolicy {
    case .unique:
      if hits.count > 1 { return violation("UNIQUE", hits.map(\.rule), "match at once") }
      return values[0]
    case .any:
      let isSame = values.allSatisfy { $0.equals(values[0]) == true }
      return isSame ? values[0] : violation("ANY", hits.map(\.rule), "match with different outputs")
    case .first: return values[0]
    case .priority: return compose(byPriority(hits.map(\.values), table, scope)[0], table)
    case .outputOrder:
      return .list(byPriority(hits.map(\.values), table, scope).map { compose($0, table) })
    case .ruleOrder: return .list(values)
    case .collect: return collected(values, table)
    }
  }

  private func violation(_ policy: String, _ rules: [Int], _ what: String) -> FeelValue {
    let shown = rules.prefix(8).map { String($0 + 1) }.joined(separator: ", ")
    let names = rules.count > 8 ? "\(shown) and \(rules.count - 8) more" : shown
    warn("rules \(names) of a \(policy) table \(what); it is null")
    return .null
  }

  private func collected(_ values: [FeelValue], _ table: CompiledTable) -> FeelValue {
    guard let aggregation = table.aggregation else { return .list(values) }
    if aggregation == .count { return FeelValue(values.count) }
    if table.outputs.count > 1 {
      warn("\(aggregation.rawValue) of several outputs is not defined; it is null")
      return .null
    }
    let result: FeelValue =
      switch aggregation {
      case .sum: Builtins.sum(values)
      case .min: Builtins.extreme(values, -1)
      default: Builtins.extreme(values, 1)
      }
    if result.isNull { warn("\(aggregation.rawValue) needs values of one kind; it is null") }
    return result
  }

  /// Rows by the priorities of their outputs, the first output first; rows of one priority in rule order.
  private func byPriority(
    _ rows: [[FeelValue]], _ table: CompiledTable, _ scope: Scope
  ) -> [[FeelValue]] {
    let ranked = rows.map { row in
      (row, zip(row, table.outputs).map { rank(of: $0, in: $1.priorities, scope) })
    }
    return ranked.enumerated().sorted { first, second in
      first.element.1 == second.element.1
        ? first.offset < second.offset : first.element.1.lexicographicallyPrecedes(second.element.1)
    }.map(\.element.0)
  }

  private func rank(of value: FeelValue, in priorities: [FeelExpression], _ scope: Scope) -> Int {
    let inner = Scope(tested: value, in: scope)
    return priorities.firstIndex { anyHolds([$0], inner) == true } ?? priorities.count
  }
}

extension CompiledTable.Output {
  /// For a line that names it, where it has a name.
  fileprivate var label: String { name.isEmpty ? "" : "`\(name)` " }
}
