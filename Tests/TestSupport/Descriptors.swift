#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs what then can open nothing: no descriptor is free in the whole process.
public func withoutDescriptors<R>(_ body: () throws -> R) rethrows -> R {
  var before = rlimit()
  // SAFETY: both limits are ours, and the calls keep neither.
  unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
  var none = rlimit(rlim_cur: 0, rlim_max: before.rlim_max)
  unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
  defer { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before) }
  return try body()
}
