import Signals
import SignalsOracle

extension FuzzTarget {
  /// A value in both edge headers: the fast scanners say of every signal what the reference says.
  static let signalHeaders = FuzzTarget("signal-headers", upTo: 1024) { input throws(Finding) in
    var cursor = InputCursor(input)
    let probe = probes[Int(cursor.byte()) % probes.count]
    let value = cursor.rest()
    // What no header value may hold never gets here.
    if value.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) { return }
    let reference = ReferenceScanner(value)
    let readings: [Reading]
    do {
      readings = try probe.read(bot: value, userRisk: value)
    } catch {
      return try require(value.count > 8192, "refused with \(error)")
    }
    for (signal, reading) in zip(probe.signals, readings) {
      let expected = reference.reading(signal)
      try require(reading == expected, "\(signal.name) is \(reading), not \(expected)")
    }
  }

  /// Every header signal, and items of every list by some codes.
  private static let probes: [Probe] = ["udfp", "ugp", "unp", "vpn", "aci", "di", "a"].map { code in
    let names = SignalRegistry.all.map(\.name).filter { $0.hasPrefix("akamai") }
    let items = UserRiskHeader.Key.lists.flatMap { list in
      ["", ".value", ".level", ".number"].map { "akamaiUserRisk.\(list.name).\(code)\($0)" }
    }
    return Probe(names + items)
  }
}
