import Signals
import Wire

/// A table's front matter, typed. What is `nil` was missing or wrong, and has been reported.
struct TableSettings {
  var name: String
  var trigger: String?
  var tenant = ""
  var order = Table.orderDefault
  var hitPolicy: HitPolicy?
  var mode: Mode?
  var onLate = Table.onLateDefault
  /// The built-in signals and those that the table declares.
  var registry = SignalRegistry()
}
