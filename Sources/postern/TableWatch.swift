import Admin
import Logging
import Rules

/// Where a server's tables come from, and what is known of it.
protocol TableFeed: Sendable {
  /// Loads what is there, before the server listens. Returns whether there are tables to serve.
  func start() async -> Bool

  /// Looks once; with `force` it loads whatever is there. Returns whether tables are being served.
  @discardableResult
  func look(force: Bool) async -> Bool

  /// Looks now and then until the task is cancelled.
  func run() async

  /// The state directory is ours by now: what is served is kept there.
  func settle() async

  func status() -> FeedStatus
}

extension TableFeed {
  func settle() async {}
}

/// What readiness and metrics tell of a feed.
struct FeedStatus {
  var isLoaded: Bool
  var loadsPublished: UInt64
  var loadsRefused: UInt64
  /// `nil` where the tables come from a directory.
  var bundle: AdminStatus.Bundle?
}

/// Looks at the table directory now and then, and says in the log what became of it.
struct TableWatch: TableFeed {
  let reloader: TableReloader
  let logger: Logger
  /// How often it looks; 0 is never.
  let seconds: Int

  func start() async -> Bool {
    await look(force: true)
    // What there was no memory or no descriptor for, once more: until the next look its triggers would be
    // answered by the fallback. Of all else this says nothing again.
    let reloader = reloader
    report(await LoadThread.single.run { reloader.reload() })
    return reloader.isLoaded
  }

  func run() async {
    guard seconds > 0 else { return }
    await withDiscardingTaskGroup { group in
      while (try? await Task.sleep(for: .seconds(seconds))) != nil {
        await look(force: false)
        // Beside this loop: what changes meanwhile does not wait for it.
        if reloader.hasLarge { group.addTask { await compileLarge() } }
      }
    }
  }

  func status() -> FeedStatus {
    let counts = reloader.counts
    return FeedStatus(
      isLoaded: reloader.isLoaded, loadsPublished: counts.published, loadsRefused: counts.refused)
  }

  @discardableResult
  func look(force: Bool) async -> Bool {
    let reloader = reloader
    report(
      await LoadThread.single.run {
        force ? reloader.reload(force: true, leavesLarge: true) : reloader.look()
      })
    if force { await compileLarge() }
    return reloader.isLoaded
  }

  private func compileLarge() async {
    let reloader = reloader
    report(await LoadThread.large.run { reloader.compileLarge() })
  }

  private func report(_ outcome: TableReloader.Outcome) {
    switch outcome {
    case .unchanged: break
    case .published(let tables, let chains):
      logger.info("tables published", metadata: ["tables": "\(tables)", "chains": "\(chains)"])
    case .partly(let changed, let diagnostics):
      for diagnostic in diagnostics { logger.error("\(diagnostic)") }
      logger.error(
        "tables refused; of their triggers the last right ones serve, the rest is published",
        metadata: ["changed": "\(changed)"])
    case .refused(let diagnostics):
      for diagnostic in diagnostics { logger.error("\(diagnostic)") }
      logger.error(
        reloader.isLoaded ? "tables refused; the last right ones serve" : "tables refused")
    }
  }
}
