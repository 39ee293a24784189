import Foundation

/// What a process has used, from `/proc`.
public struct ServerUsage: Sendable {
  /// CPU time of all of its threads, in nanoseconds.
  public var cpuNanoseconds: UInt64
  /// Memory in use, in bytes.
  public var residentByteCount: Int

  /// CPU time of this process, in nanoseconds. That of threads which have ended is part of it, as it
  /// is not of what `/proc` tells: thousands of connections begin with threads that look up names.
  static func ownCPUNanoseconds() -> UInt64 {
    var time = timespec()
    // SAFETY: `time` is ours, and the call writes nothing else.
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// `nil` where there is no such process, or no `/proc`.
  public init?(of pid: Int32) {
    let tasks = "/proc/\(pid)/task"
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: tasks) else {
      return nil
    }
    cpuNanoseconds = threads.reduce(0) { sum, thread in
      let text = try? String(contentsOfFile: "\(tasks)/\(thread)/schedstat", encoding: .utf8)
      return sum + (text?.split(separator: " ").first.flatMap { UInt64($0) } ?? 0)
    }
    let pages = (try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8))?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) }
    residentByteCount = (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
