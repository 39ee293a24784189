#if DEBUG
  import CNghttp2

  #if canImport(Glibc)
    import Glibc
  #else
    import Darwin
  #endif

  /// Lets a test refuse libnghttp2 memory, inside `$isDue.withValue`: asked at each allocation. It is
  /// not there in a release build.
  package enum AllocationFault {
    @TaskLocal package static var isDue: (@Sendable () -> Bool)?

    private static var isDueNow: Bool { isDue?() == true }

    /// The system's memory for a session without lists of its own, unless a test refuses it.
    static var functions: nghttp2_mem {
      // SAFETY: the system's functions, called with what libnghttp2 would give them.
      unsafe nghttp2_mem(
        mem_user_data: nil,
        malloc: { byteCount, _ in AllocationFault.isDueNow ? nil : unsafe malloc(byteCount) },
        free: { object, _ in unsafe free(object) },
        calloc: { count, byteCount, _ in
          AllocationFault.isDueNow ? nil : unsafe calloc(count, byteCount)
        },
        realloc: { object, byteCount, _ in
          AllocationFault.isDueNow ? nil : unsafe realloc(object, byteCount)
        })
    }
  }
#endif
