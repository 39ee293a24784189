import Admin
import Rules
import Synchronization

/// Whether this process should be sent requests.
final class Readiness: Sendable {
  private let reloader: TableReloader
  private let isStopping = Atomic(false)

  init(_ reloader: TableReloader) { self.reloader = reloader }

  func stop() { isStopping.store(true, ordering: .relaxed) }

  func status() -> AdminStatus {
    let counts = reloader.counts
    let isLoaded = reloader.isLoaded
    let isStopping = isStopping.load(ordering: .relaxed)
    return AdminStatus(
      isReady: isLoaded && !isStopping,
      reason: isStopping ? "stopping" : isLoaded ? "ready" : "no tables loaded",
      loadsPublished: counts.published, loadsRefused: counts.refused)
  }
}
