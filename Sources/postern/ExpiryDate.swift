import Foundation

/// When a bundle expires, as people write it: `2027-01-31` (its first second in UTC) or, by RFC 3339,
/// `2027-01-31T12:00:00Z`.
///
/// Foundation reads as much of a text as looks like a date, ignores the rest and takes 25 o'clock and
/// the 30th of February for the day after, so form and day are compared with the text.
enum ExpiryDate {
  /// Seconds since 1970; `nil` for anything else than these two forms and for days there are not.
  static func seconds(_ text: String) -> Int64? {
    let form = #/
      ([0-9]{4}-[0-9]{2}-[0-9]{2})
      (T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:\.[0-9]{1,9})?
      (?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?
      /#
    guard let match = text.wholeMatch(of: form) else { return nil }
    let dayStyle = Date.ISO8601FormatStyle().year().month().day()
    guard let day = try? Date(String(match.1), strategy: dayStyle),
      day.formatted(dayStyle) == match.1
    else { return nil }
    if match.2 == nil { return Int64(day.timeIntervalSince1970) }
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
    guard let date = try? Date(text, strategy: style) else { return nil }
    return Int64(date.timeIntervalSince1970)
  }
}
