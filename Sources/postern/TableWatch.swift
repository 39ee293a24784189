import Logging
import Rules

/// Looks at the table directory now and then, and says in the log what became of it.
struct TableWatch: Sendable {
  let reloader: TableReloader
  let logger: Logger

  /// Looks every `seconds` until the task is cancelled; 0 is never.
  func run(everySeconds seconds: Int) async {
    guard seconds > 0 else { return }
    while (try? await Task.sleep(for: .seconds(seconds))) != nil { look(force: false) }
  }

  /// Looks once; with `force` it loads whatever is there. Returns whether tables are being served.
  @discardableResult
  func look(force: Bool) -> Bool {
    switch force ? reloader.reload(force: true) : reloader.look() {
    case .unchanged: break
    case .published(let tables, let chains):
      logger.info("tables published", metadata: ["tables": "\(tables)", "chains": "\(chains)"])
    case .refused(let diagnostics):
      for diagnostic in diagnostics { logger.error("\(diagnostic)") }
      logger.error(
        reloader.isLoaded ? "tables refused; the last right ones serve" : "tables refused")
    }
    return reloader.isLoaded
  }
}
