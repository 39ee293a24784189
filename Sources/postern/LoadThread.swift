import Dispatch

/// Where tables are read and compiled, one load after the other. Swift's own threads are as many as there are
/// cores: what takes seconds there would keep kills, probes and the watchdog waiting.
enum LoadThread {
  private static let queue = DispatchQueue(label: "postern.load")

  static func run<Result: Sendable>(_ load: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: load()) }
    }
  }
}
