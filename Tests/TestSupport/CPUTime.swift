import Foundation

/// Processor time of the calling thread and of all others in its process, in nanoseconds.
public struct CPUTime: Sendable {
  public var own: UInt64
  public var others: UInt64

  public static func now() -> CPUTime {
    let own = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    return CPUTime(own: own, others: max(nanoseconds(CLOCK_PROCESS_CPUTIME_ID), own) - own)
  }

  /// What `body` cost this thread, and all others meanwhile.
  public static func spent(_ body: () throws -> Void) rethrows -> CPUTime {
    let before = now()
    try body()
    let after = now()
    return CPUTime(
      own: after.own - before.own, others: max(after.others, before.others) - before.others)
  }

  private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    // SAFETY: `time` is ours, and the call writes nothing else.
    unsafe clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
