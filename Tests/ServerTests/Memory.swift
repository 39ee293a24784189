import Foundation

/// Whether memory that is given back leaves this process: a sanitizer keeps it to find late uses.
let givesMemoryBack = unsafe dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil

/// Bytes of this process that are in memory now, without what the allocator only keeps for later.
func residentByteCount() -> Int {
  typealias Trim = @convention(c) (Int) -> Int32
  if let symbol = unsafe dlsym(nil, "malloc_trim") {
    // SAFETY: the signature is glibc's; it may be called at any time from any thread.
    _ = unsafe unsafeBitCast(symbol, to: Trim.self)(0)
  }
  let pages =
    (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
    .split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
