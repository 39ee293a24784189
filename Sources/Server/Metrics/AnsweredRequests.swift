import Wire

/// Requests that are answered and whose replies are about to be written: nearly always those of one read,
/// which came at one time and leave at one.
struct AnsweredRequests: ~Copyable {
  /// Not private: a debug build for AddressSanitizer is no valid code then (Swift 6.3.1).
  struct Group: BitwiseCopyable {
    var door: UInt8
    var count: UInt32
    var arrival: UInt64
  }

  /// LIMIT: groups before they are counted though nothing was written. Requests of one write come by one
  /// door or two, in few reads.
  private static let groupCountMax = 64

  private var groups = ScratchList<Group>(capacity: groupCountMax)

  /// Whether they are to be counted now.
  var isFull: Bool { groups.count == Self.groupCountMax }

  /// Adds one whose last bytes came at `arrival`.
  @inline(__always)
  mutating func add(_ door: Door, arrival: UInt64) {
    let last = groups.count - 1
    if last >= 0, groups[last].arrival == arrival, groups[last].door == UInt8(door.rawValue) {
      groups[last].count += 1
    } else {
      groups.append(Group(door: UInt8(door.rawValue), count: 1, arrival: arrival))
    }
  }

  /// Counts all of them: their replies have been written at `now`.
  mutating func count(in metrics: LoopMetrics, at now: () -> UInt64) {
    guard !groups.isEmpty else { return }
    let time = now()
    for index in groups.indices {
      let group = groups[index]
      metrics.countWritten(
        Int(group.door), UInt64(group.count), nanoseconds: time > group.arrival ? time - group.arrival : 0)
    }
    groups.removeAll()
  }
}
