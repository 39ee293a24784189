/// How points and ranges lie to one another. A point is a range of one value.
extension Builtins {
  static let intervals: [String: FeelFunction] = [
    "before": relation(["point1, point2", "point, range", "range, point", "range1, range2"]) {
      $0.endsBefore($1)
    },
    "after": relation(["point1, point2", "point, range", "range, point", "range1, range2"]) {
      $1.endsBefore($0)
    },
    "meets": ranges { $0.meets($1) },
    "met by": ranges { $1.meets($0) },
    "overlaps": ranges { first, second in
      both(first.endsBefore(second), second.endsBefore(first)).map { !$0.0 && !$0.1 }
    },
    "overlaps before": ranges { $0.overlapsBefore($1) },
    "overlaps after": ranges { $1.overlapsBefore($0) },
    "finishes": relation(["point, range", "range1, range2"]) { $0.finishes($1) },
    "finished by": relation(["range, point", "range1, range2"]) { $1.finishes($0) },
    "includes": relation(["range, point", "range1, range2"]) { $0.includes($1) },
    "during": relation(["point, range", "range1, range2"]) { $1.includes($0) },
    "starts": relation(["point, range", "range1, range2"]) { $0.starts($1) },
    "started by": relation(["range, point", "range1, range2"]) { $1.starts($0) },
    "coincides": relation(["point1, point2", "range1, range2"]) { first, second in
      both(first.lowOrder(second), first.highOrder(second)).map { $0.0 == 0 && $0.1 == 0 }
    },
  ]

  private static func both<A, B>(_ first: A?, _ second: B?) -> (A, B)? {
    if let first, let second { (first, second) } else { nil }
  }

  private static func ranges(
    _ body: @escaping @Sendable (Interval, Interval) -> Bool?
  ) -> FeelFunction {
    FeelFunction(signatures: [[Parameter(name: "range1"), Parameter(name: "range2")]]) {
      arguments, _ in
      guard case .range = arguments[0], case .range = arguments[1] else { return .null }
      return compare(arguments, body)
    }
  }

  private static func relation(
    _ signatures: [String], _ body: @escaping @Sendable (Interval, Interval) -> Bool?
  ) -> FeelFunction {
    let parameters = signatures.map { signature in
      signature.split(separator: ",").map { Parameter(name: String($0.drop { $0 == " " })) }
    }
    return FeelFunction(signatures: parameters) { arguments, _ in compare(arguments, body) }
  }

  private static func compare(
    _ arguments: [FeelValue], _ body: (Interval, Interval) -> Bool?
  ) -> FeelValue {
    guard let first = Interval(arguments[0]), let second = Interval(arguments[1]) else {
      return .null
    }
    return FeelValue(body(first, second))
  }
}

/// A range, or a point as the range of itself.
private struct Interval: Sendable {
  let range: FeelRange

  init?(_ value: FeelValue) {
    switch value {
    case .null, .list, .context, .function: return nil
    case .range(let range): self.range = range
    default: range = FeelRange(low: value, isLowClosed: true, high: value, isHighClosed: true)
    }
  }

  /// How the lower ends lie: an end that is left out is below every value, an open one just above its own.
  func lowOrder(_ other: Interval) -> Int? {
    switch (range.low, other.range.low) {
    case (nil, nil): return 0
    case (nil, _): return -1
    case (_, nil): return 1
    case (let left?, let right?):
      guard let order = left.order(against: right) else { return nil }
      if order != 0 || range.isLowClosed == other.range.isLowClosed { return order }
      return range.isLowClosed ? -1 : 1
    }
  }

  func highOrder(_ other: Interval) -> Int? {
    switch (range.high, other.range.high) {
    case (nil, nil): return 0
    case (nil, _): return 1
    case (_, nil): return -1
    case (let left?, let right?):
      guard let order = left.order(against: right) else { return nil }
      if order != 0 || range.isHighClosed == other.range.isHighClosed { return order }
      return range.isHighClosed ? 1 : -1
    }
  }

  /// Whether all of this lies below all of the other.
  func endsBefore(_ other: Interval) -> Bool? {
    guard let high = range.high, let low = other.range.low else { return false }
    guard let order = high.order(against: low) else { return nil }
    return order < 0 || (order == 0 && !(range.isHighClosed && other.range.isLowClosed))
  }

  /// Whether this ends where the other starts, both with that value.
  func meets(_ other: Interval) -> Bool? {
    guard let high = range.high, let low = other.range.low else { return false }
    guard let order = high.order(against: low) else { return nil }
    return order == 0 && range.isHighClosed && other.range.isLowClosed
  }

  /// Whether this starts first, and ends inside the other or with it.
  func overlapsBefore(_ other: Interval) -> Bool? {
    guard let starts = lowOrder(other), let ends = highOrder(other), let isApart = endsBefore(other)
    else { return nil }
    return starts < 0 && ends <= 0 && !isApart
  }

  func finishes(_ other: Interval) -> Bool? {
    guard let starts = lowOrder(other), let ends = highOrder(other) else { return nil }
    return ends == 0 && starts >= 0
  }

  func starts(_ other: Interval) -> Bool? {
    guard let starts = lowOrder(other), let ends = highOrder(other) else { return nil }
    return starts == 0 && ends <= 0
  }

  func includes(_ other: Interval) -> Bool? {
    guard let starts = lowOrder(other), let ends = highOrder(other) else { return nil }
    return starts <= 0 && ends >= 0
  }
}
