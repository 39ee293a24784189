import DMN
import Signals

extension SignalScale {
  /// Where a text is by DMN's own values, within what a signal may be: its times have no zone, its moments an
  /// offset, and seconds a fraction of microseconds. `nil` for a text that is no such value.
  package func pointByDMN(_ text: String) -> Double? {
    switch self {
    case .plain: return nil
    case .date: return FeelDate(text).flatMap { FeelValue.date($0).point?.value }
    case .time:
      guard let time = FeelTime(text), time.zone == nil else { return nil }
      return FeelValue.time(time).point?.value
    case .dateTime:
      guard let moment = FeelDateTime(text), case .offset? = moment.time.zone else { return nil }
      return Self.point(
        nanoseconds: moment.instant, of: { FeelValue.dateTime(moment).point?.value }, below: 1 << 40)
    case .seconds:
      guard case .daysDuration(let nanoseconds)? = FeelValue(temporal: text) else { return nil }
      let size = Int128(nanoseconds.magnitude)
      let point = Self.point(
        nanoseconds: size, of: { FeelValue.daysDuration(size).point?.value }, below: 1 << 33)
      return point.map { nanoseconds < 0 ? 0 - $0 : $0 }
    case .months:
      guard case .monthsDuration(let months)? = FeelValue(temporal: text) else { return nil }
      return FeelValue.monthsDuration(months).point.map { $0.value + 0 }
    }
  }

  private static func point(
    nanoseconds: Int128, of whole: () -> Double?, below limit: Int128
  ) -> Double? {
    let rest = (nanoseconds % 1_000_000_000 + 1_000_000_000) % 1_000_000_000
    if rest == 0 { return whole() }
    let second = (nanoseconds - rest) / 1_000_000_000
    let microsecond = rest / 1000
    let point = min(Double(second) + Double(microsecond) / 1e6, Double(second + 1).nextDown)
    return point.magnitude <= Double(limit - 1) ? point : nil
  }
}
