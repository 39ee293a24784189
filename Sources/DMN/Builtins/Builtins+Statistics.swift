/// Functions that make one value of a list, which may also be given as several arguments.
extension Builtins {
  static let statistics: [String: FeelFunction] = [
    "min": ofList { extreme($0, -1) },
    "max": ofList { extreme($0, 1) },
    "sum": ofList { list in list.isEmpty ? .null : sum(list) },
    "product": ofNumbers { numbers in
      numbers.reduce(FeelNumber.one as FeelNumber?) { $0?.multiplied(by: $1) }
    },
    "mean": ofList { list in
      list.isEmpty ? .null : .divide(sum(list), FeelValue(list.count))
    },
    "median": ofNumbers { numbers in
      let sorted = numbers.sorted()
      let middle = sorted.count / 2
      if sorted.count % 2 == 1 { return sorted[middle] }
      return sorted[middle - 1].adding(sorted[middle])?.divided(by: FeelNumber(2))
    },
    "stddev": ofNumbers { numbers in
      guard numbers.count > 1, let mean = mean(numbers) else { return nil }
      let squares = numbers.compactMap { number in
        number.subtracting(mean).flatMap { $0.multiplied(by: $0) }
      }
      let sum = squares.reduce(FeelNumber.zero as FeelNumber?) { $0?.adding($1) }
      return sum?.divided(by: FeelNumber(numbers.count - 1))?.squareRoot
    },
    "mode": ofList { list in
      guard let numbers = numbers(list) else { return .null }
      let counts = Dictionary(numbers.map { ($0, 1) }, uniquingKeysWith: +)
      let most = counts.values.max() ?? 0
      return .list(counts.filter { $0.value == most }.keys.sorted().map { .number($0) })
    },
    "all": ofList { logic($0, decisive: false) },
    "any": ofList { logic($0, decisive: true) },
  ]

  private static func ofList(_ body: @escaping @Sendable ([FeelValue]) -> FeelValue) -> FeelFunction
  {
    variadic("list") { arguments, _ in
      arguments.count == 1 ? withList(arguments[0], body) : body(arguments)
    }
  }

  /// Of a list that is not empty and holds only numbers; null for any other.
  private static func ofNumbers(
    _ body: @escaping @Sendable ([FeelNumber]) -> FeelNumber?
  ) -> FeelFunction {
    ofList { list in
      guard let numbers = numbers(list), !numbers.isEmpty else { return .null }
      return FeelValue(body(numbers))
    }
  }

  private static func numbers(_ list: [FeelValue]) -> [FeelNumber]? {
    let numbers = list.compactMap(\.number)
    return numbers.count == list.count ? numbers : nil
  }

  private static func mean(_ numbers: [FeelNumber]) -> FeelNumber? {
    numbers.reduce(FeelNumber.zero as FeelNumber?) { $0?.adding($1) }?
      .divided(by: FeelNumber(numbers.count))
  }

  /// The sum of numbers, or of durations.
  static func sum(_ list: [FeelValue]) -> FeelValue {
    guard let first = list.first else { return .null }
    switch first {
    case .number, .daysDuration, .monthsDuration: break
    default: return .null
    }
    return list.dropFirst().reduce(first) { .add($0, $1) }
  }

  /// The least (-1) or the greatest (1) of values of one kind.
  static func extreme(_ list: [FeelValue], _ direction: Int) -> FeelValue {
    guard var found = list.first, found.order(against: found) != nil else { return .null }
    for element in list.dropFirst() {
      guard let order = element.order(against: found) else { return .null }
      if order * direction > 0 { found = element }
    }
    return found
  }

  private static func logic(_ list: [FeelValue], decisive: Bool) -> FeelValue {
    var isUnknown = false
    for element in list {
      guard case .boolean(let value) = element else {
        isUnknown = true
        continue
      }
      if value == decisive { return .boolean(decisive) }
    }
    return isUnknown ? .null : .boolean(!decisive)
  }
}
