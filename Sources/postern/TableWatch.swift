import Admin
import Logging
import Rules

/// Where a server's tables come from, and what is known of it.
protocol TableFeed: Sendable {
  /// Loads what is there, before the server listens. Returns whether there are tables to serve.
  func start() async -> Bool

  /// Looks once; with `force` it loads whatever is there. Returns whether tables are being served.
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
