import Lifecycle
import Logging
import Server

/// Tells the service manager that the service lives, as long as every event loop moves: a stuck one
/// stops the beats, and the service manager ends the process and starts it again.
struct Watchdog {
  let manager: ServiceManager
  let server: PosternServer
  let logger: Logger

  /// Beats until the task is cancelled. Returns at once where nobody listens for beats.
  func run() async {
    guard let interval = manager.watchdogMicroseconds else { return }
    // LIMIT: two beats may be late before the third is missed.
    let pause = Duration.microseconds(Int64(max(interval / 3, 1)))
    var wasStuck: [Int] = []
    while true {
      let stuck = server.stuckLoops()
      if stuck.isEmpty {
        manager.notify(.alive)
      } else if stuck != wasStuck {
        logger.critical(
          "an event loop does not move: no beat for the watchdog", metadata: ["loops": "\(stuck)"])
      }
      wasStuck = stuck
      guard (try? await Task.sleep(for: pause)) != nil else { return }
    }
  }
}
