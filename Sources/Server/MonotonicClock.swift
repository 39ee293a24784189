#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Nanoseconds of a clock that only moves forward.
@inline(__always)
func monotonicNanoseconds() -> UInt64 {
  #if DEBUG
    if let simulated = SimulatedClock.nanoseconds { return simulated() }
  #endif
  var time = timespec()
  // SAFETY: `time` is ours, and the call writes nothing else.
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

#if DEBUG
  /// The clock of a simulated world, for what runs inside `$nanoseconds.withValue`. It is not there in
  /// a release build: no decision pays for it.
  enum SimulatedClock {
    @TaskLocal static var nanoseconds: (@Sendable () -> UInt64)?
  }
#endif
