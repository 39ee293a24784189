import Dispatch

/// Where tables are read and compiled. Swift's own threads are as many as there are cores: what takes seconds
/// there would keep kills, probes and the watchdog waiting.
struct LoadThread {
  /// Where feeds look, one load after the other.
  static let single = LoadThread(queue: DispatchQueue(label: "postern.load"))
  /// Where large chains are compiled meanwhile.
  static let large = LoadThread(queue: DispatchQueue(label: "postern.load.large"))

  private let queue: DispatchQueue

  func run<Result: Sendable>(_ load: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: load()) }
    }
  }
}
