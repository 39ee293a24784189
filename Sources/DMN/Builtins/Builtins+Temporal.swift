import Foundation

/// Functions of dates.
extension Builtins {
  static let temporals: [String: FeelFunction] = [
    "now": FeelFunction(signatures: [[]]) { _, _ in
      let nanosecond = Int128(Date().timeIntervalSince1970 * 1_000_000) * 1000
      return FeelDateTime(localNanosecond: nanosecond, zone: .offset(0)).map { .dateTime($0) }
        ?? .null
    },
    "today": FeelFunction(signatures: [[]]) { _, _ in
      FeelDate(dayNumber: Int(Date().timeIntervalSince1970) / 86_400).map { .date($0) } ?? .null
    },
    "day of year": ofDay { FeelValue($0.dayOfYear) },
    "day of week": ofDay { .string(weekdays[$0.weekday - 1]) },
    "month of year": ofDay { .string(months[$0.month - 1]) },
    "week of year": ofDay { FeelValue($0.weekOfYear) },
  ]

  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October",
    "November", "December",
  ]

  private static func ofDay(_ body: @escaping @Sendable (FeelDate) -> FeelValue) -> FeelFunction {
    function("date") { arguments, _ in arguments[0].single.day.map(body) ?? .null }
  }
}
