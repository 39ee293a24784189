/// Functions of lists. Positions count from 1, or from the end with -1 the last.
extension Builtins {
  static let lists: [String: FeelFunction] = [
    "list contains": function("list, element") { arguments, _ in
      withList(arguments[0]) { list in
        .boolean(list.contains { $0.equals(arguments[1]) == true })
      }
    },
    "count": function("list") { arguments, _ in withList(arguments[0]) { FeelValue($0.count) } },
    "sublist": function("list, start position", "list, start position, length") { arguments, _ in
      withList(arguments[0]) { list in
        guard let start = position(arguments[1], in: list) else { return .null }
        var end = list.count
        if arguments.count == 3, !arguments[2].isNull {
          guard let length = arguments[2].singleInt, length >= 0, length <= list.count - start
          else {
            return .null
          }
          end = start + length
        }
        return .list(Array(list[start..<end]))
      }
    },
    "append": variadic("list, item") { arguments, _ in
      if arguments[0].isNull { return .list(arguments) }
      return .list(arguments[0].elements + arguments.dropFirst())
    },
    "concatenate": variadic("list") { arguments, _ in
      if arguments.contains(where: \.isNull) { return .null }
      return .list(arguments.flatMap(\.elements))
    },
    "insert before": function("list, position, newItem") { arguments, _ in
      withList(arguments[0]) { list in
        guard let index = position(arguments[1], in: list) else { return .null }
        return .list(list[..<index] + [arguments[2]] + list[index...])
      }
    },
    "remove": function("list, position") { arguments, _ in
      withList(arguments[0]) { list in
        guard let index = position(arguments[1], in: list) else { return .null }
        return .list(Array(list[..<index] + list[(index + 1)...]))
      }
    },
    "list replace": function("list, position, newItem", "list, match, newItem") {
      arguments, interpreter in
      withList(arguments[0]) { list in
        if case .function(let match) = arguments[1] {
          var replaced: [FeelValue] = []
          for element in list {
            guard case .boolean(let fits) = interpreter.apply(match, [element, arguments[2]]) else {
              return .null
            }
            replaced.append(fits ? arguments[2] : element)
          }
          return .list(replaced)
        }
        guard let index = position(arguments[1], in: list) else { return .null }
        return .list(list[..<index] + [arguments[2]] + list[(index + 1)...])
      }
    },
    "reverse": function("list") { arguments, _ in
      withList(arguments[0]) { .list($0.reversed()) }
    },
    "index of": function("list, match") { arguments, _ in
      withList(arguments[0]) { list in
        .list(
          list.indices.filter { list[$0].equals(arguments[1]) == true }.map { FeelValue($0 + 1) })
      }
    },
    "union": variadic("list") { arguments, interpreter in
      if arguments.contains(where: \.isNull) { return .null }
      return distinct(arguments.flatMap(\.elements))
    },
    "distinct values": function("list") { arguments, _ in withList(arguments[0], distinct) },
    "flatten": function("list") { arguments, _ in
      withList(arguments[0]) { .list($0.flatMap { flattened($0, depth: 0) }) }
    },
    "sort": function("list", "list, precedes") { arguments, interpreter in
      withList(arguments[0]) { sorted($0, arguments.count > 1 ? arguments[1] : .null, interpreter) }
    },
  ]

  static func withList(_ value: FeelValue, _ body: ([FeelValue]) -> FeelValue) -> FeelValue {
    value.isNull ? .null : body(value.elements)
  }

  /// The index that a position means; nil where it means none.
  private static func position(_ value: FeelValue, in list: [FeelValue]) -> Int? {
    guard let position = value.singleInt, position != 0, position.magnitude <= list.count else {
      return nil
    }
    return position > 0 ? position - 1 : list.count + position
  }

  private static func distinct(_ list: [FeelValue]) -> FeelValue {
    var kept: [FeelValue] = []
    for element in list where !kept.contains(where: { $0.equals(element) == true }) {
      kept.append(element)
    }
    return .list(kept)
  }

  private static func flattened(_ value: FeelValue, depth: Int) -> [FeelValue] {
    guard case .list(let elements) = value, depth < DMNLimits.elementDepthMax else {
      return [value]
    }
    return elements.flatMap { flattened($0, depth: depth + 1) }
  }

  /// Sorted by a function that says whether the first comes before the second, or by their order. Stable.
  private static func sorted(
    _ list: [FeelValue], _ precedes: FeelValue, _ interpreter: Interpreter
  ) -> FeelValue {
    if case .function(let function) = precedes {
      return .list(list.sorted { interpreter.apply(function, [$0, $1]).isTrue })
    }
    guard precedes.isNull, let first = list.first else {
      return precedes.isNull ? .list(list) : .null
    }
    guard list.allSatisfy({ $0.order(against: first) != nil }) else { return .null }
    return .list(list.sorted { ($0.order(against: $1) ?? 0) < 0 })
  }
}
