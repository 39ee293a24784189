import Foundation

/// How much of the machine its hypervisor gives to others: what that does to latencies is not our doing.
struct StolenTime {
  private var start = Self.now

  /// The part of all processors' time since the start, 0 to 1; 0 where the kernel does not tell.
  var share: Double {
    guard let start, let now = Self.now, now.all > start.all else { return 0 }
    return (now.stolen - start.stolen) / (now.all - start.all)
  }

  /// Ticks of all processors, from the first line of /proc/stat: the eighth number is stolen time.
  private static var now: (all: Double, stolen: Double)? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
    let ticks = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap { Double($0) }
    guard ticks.count >= 8 else { return nil }
    return (ticks[..<8].reduce(0, +), ticks[7])
  }
}
