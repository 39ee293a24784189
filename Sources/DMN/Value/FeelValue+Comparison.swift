/// Equality and order, as the standard defines them for values of one kind.
extension FeelValue {
  /// Whether two values are equal; nil where they are of different kinds (null equals only null).
  func equals(_ other: FeelValue) -> Bool? {
    switch (self, other) {
    case (.null, .null): return true
    case (.null, _), (_, .null): return false
    case (.number(let left), .number(let right)): return left == right
    case (.string(let left), .string(let right)):
      return left.unicodeScalars.elementsEqual(right.unicodeScalars)
    case (.boolean(let left), .boolean(let right)): return left == right
    case (.date(let left), .date(let right)): return left == right
    case (.time(let left), .time(let right)): return left.isEqual(to: right)
    case (.dateTime(let left), .dateTime(let right)): return left.isEqual(to: right)
    case (.daysDuration(let left), .daysDuration(let right)): return left == right
    case (.monthsDuration(let left), .monthsDuration(let right)): return left == right
    case (.list(let left), .list(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) == true }
    case (.context(let left), .context(let right)):
      return left.keys.count == right.keys.count
        && left.entries.allSatisfy { right[$0.key]?.equals($0.value) == true }
    case (.range(let left), .range(let right)):
      return left.isLowClosed == right.isLowClosed && left.isHighClosed == right.isHighClosed
        && (left.low ?? .null).equals(right.low ?? .null) == true
        && (left.high ?? .null).equals(right.high ?? .null) == true
    case (.function(let left), .function(let right)): return left === right
    default: return nil
    }
  }

  /// Below zero, zero or above: how this stands to `other`; nil where there is no order.
  func order(against other: FeelValue) -> Int? {
    switch (self, other) {
    case (.number(let left), .number(let right)): Self.order(left, right)
    case (.string(let left), .string(let right)):
      left.unicodeScalars.elementsEqual(right.unicodeScalars)
        ? 0 : (left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars) ? -1 : 1)
    case (.date(let left), .date(let right)): Self.order(left.dayNumber, right.dayNumber)
    case (.time(let left), .time(let right)): left.order(against: right)
    case (.dateTime(let left), .dateTime(let right)): left.order(against: right)
    case (.daysDuration(let left), .daysDuration(let right)): Self.order(left, right)
    case (.monthsDuration(let left), .monthsDuration(let right)): Self.order(left, right)
    default: nil
    }
  }

  static func order<T: Comparable>(_ left: T, _ right: T) -> Int {
    left < right ? -1 : (left == right ? 0 : 1)
  }
}

extension FeelTime {
  /// Nanoseconds since midnight UTC, the offset taken off; nil without a zone.
  var utc: Int? {
    let day = FeelDateTime(date: FeelDate(year: 2000, month: 1, day: 1)!, time: self)
    return day.offset.map { nanosecond - $0 * 1_000_000_000 }
  }

  func isEqual(to other: FeelTime) -> Bool { order(against: other) == 0 }

  /// nil where one has a zone and the other has none.
  func order(against other: FeelTime) -> Int? {
    switch (utc, other.utc) {
    case (nil, nil): FeelValue.order(nanosecond, other.nanosecond)
    case (let left?, let right?): FeelValue.order(left, right)
    default: nil
    }
  }
}

extension FeelDateTime {
  func isEqual(to other: FeelDateTime) -> Bool { order(against: other) == 0 }

  /// nil where one has a zone and the other has none.
  func order(against other: FeelDateTime) -> Int? {
    guard (time.zone == nil) == (other.time.zone == nil) else { return nil }
    return FeelValue.order(instant, other.instant)
  }
}
