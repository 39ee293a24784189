import RulesOracle
import Signals
import Wire

extension FuzzTarget {
  /// A date, a time or a duration of a deployment's own: it is read as DMN reads it, or not where that has no
  /// such value, and lies within its scale's limits. The first byte chooses the scale.
  static let temporalSignals = FuzzTarget("temporal-signals", upTo: 80) { input throws(Finding) in
    var cursor = InputCursor(input)
    let scale = scales[Int(cursor.byte()) % scales.count]
    let bytes = cursor.rest()
    let text = String(decoding: bytes, as: UTF8.self)
    let read = scale.point(bytes.span, ByteRange(offset: 0, count: bytes.count))
    let expected = scale.pointByDMN(text)
    try require(read == expected, "`\(text)` is \(read as Any) of \(scale), not \(expected as Any)")
    guard let read else { return }
    try require(scale.limits.contains(read), "`\(text)` is \(read), beyond the limits of \(scale)")
    try require(read != 0 || read.sign == .plus, "`\(text)` is -0 of \(scale)")
  }

  private static let scales = SignalScale.allCases.filter { $0 != .plain }
}
