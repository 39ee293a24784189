import Admin
import Synchronization

/// Whether this process should be sent requests.
final class Readiness: Sendable {
  private let feed: any TableFeed
  private let isStopping = Atomic(false)

  init(_ feed: any TableFeed) { self.feed = feed }

  func stop() { isStopping.store(true, ordering: .relaxed) }

  func status() -> AdminStatus {
    let feed = feed.status()
    let isStopping = isStopping.load(ordering: .relaxed)
    return AdminStatus(
      isReady: feed.isLoaded && !isStopping,
      reason: isStopping ? "stopping" : feed.isLoaded ? "ready" : "no tables loaded",
      loadsPublished: feed.loadsPublished, loadsRefused: feed.loadsRefused, bundle: feed.bundle)
  }
}
