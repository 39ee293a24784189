#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Seconds since 1970, as this machine knows them. They may be set back.
func wallClockSeconds() -> UInt64 {
  var time = timespec()
  // SAFETY: `time` is ours, and the call writes nothing else.
  unsafe clock_gettime(CLOCK_REALTIME, &time)
  return UInt64(max(time.tv_sec, 0))
}
