import EdgeProof
import NIOCore
import Synchronization

/// Gives every loop a verifier of its own, and all of them one memory of accepted signatures.
final class EdgeProofControl: Sendable {
  private let loops: [NIOLoopBound<LoopConnections>]
  /// `nil` until settings ask for it. From then on it stays: to forget is to let replays pass.
  private let replays = Mutex<ReplayMemory?>(nil)

  private let used = Atomic<UInt64>(0)
  private let refused = Atomic<UInt64>(0)

  init(_ loops: [NIOLoopBound<LoopConnections>]) { self.loops = loops }

  /// Returns when every loop verifies by the settings, or throws and none does.
  func use(_ settings: EdgeProofSettings) async throws {
    // What one loop would refuse all would.
    _ = try EdgeProofVerifier(settings)
    let memory = replays.withLock { replays in
      guard settings.replayCapacity > 0 else { return ReplayMemory?.none }
      let memory = replays ?? ReplayMemory(capacity: settings.replayCapacity)
      if let window = settings.g2o?.windowSeconds {
        memory.use(windowSeconds: window, now: wallClockSeconds())
      }
      replays = memory
      return memory
    }
    for loop in loops {
      try await loop.eventLoop.submit { try loop.value.use(settings, memory) }.get()
    }
    used.add(1, ordering: .relaxed)
  }

  /// Counts settings that could not even be read.
  func countRefused() { refused.add(1, ordering: .relaxed) }

  /// Adds what it counts itself.
  func report(to snapshot: inout MetricsSnapshot) {
    snapshot.replaysForgotten = replays.withLock { $0?.forgottenCount ?? 0 }
    snapshot.edgeProofLoads = used.load(ordering: .relaxed)
    snapshot.edgeProofLoadsRefused = refused.load(ordering: .relaxed)
  }
}
