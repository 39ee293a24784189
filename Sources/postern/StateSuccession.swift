import Admin
import Bundles
import Logging

/// How a successor comes by the state directory, which is the server's before until that drains.
struct StateSuccession {
  let directory: StateDirectory
  let switches: SwitchKeeper
  let feed: any TableFeed
  let logger: Logger

  /// LIMIT: the server before leaves the directory just before it says that it drains.
  private static let patience = Duration.seconds(2)

  /// Waits for the directory a little. Where that was for nothing, `insist` is to be called.
  func begin() async {
    let end = ContinuousClock.now + Self.patience
    while !take(), ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
    if directory.isOurs { return await feed.settle() }
    logger.error(
      "nothing is kept for a restart until the server before is gone: \(directory.refusal.message)")
  }

  /// Waits for as long as it takes, or until the task is cancelled.
  func insist() async {
    if directory.isOurs { return }
    while !take() {
      guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
    }
    do {
      try switches.save()
      logger.notice("what is killed and rolled back is kept for a restart from now on")
    } catch {
      logger.error("the switches are not kept for a restart: \(error)")
    }
    await feed.settle()
  }

  private func take() -> Bool { (try? directory.take()) ?? false }
}
