import Logging
import Tables

/// The operating half of the admin port: what is served, which version, which rules hit, and the
/// switches. What changes something is said in the log.
struct AdminOperations: Sendable {
  let store: TableStore
  let logger: Logger
  /// Keeps the switches for a restart; `nil` where a restart ends them.
  var switches: SwitchKeeper?

  func status(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Status {
    let chains = store.reports(where: query.includes)
    if chains.isEmpty { try refuseUnknown(query) }
    let failure = switches?.failure
    return AdminReport.Status(
      chains: chains.prefix(AdminReport.chainCountMax).map { .init($0) },
      omitted: max(0, chains.count - AdminReport.chainCountMax),
      survivesRestart: switches != nil && failure == nil, notKept: failure)
  }

  func versions(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Versions {
    let key = try query.key
    guard let versions = store.versions(of: key) else { throw problem(.unknownKey(key), key) }
    return AdminReport.Versions(chain: chain(key), versions: versions.map { .init($0) })
  }

  func statistics(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Statistics {
    let chains = store.statistics(where: query.includes)
    if chains.isEmpty { try refuseUnknown(query) }
    return AdminReport.Statistics(
      chains: chains.prefix(AdminReport.chainCountMax).map { .init($0) },
      omitted: max(0, chains.count - AdminReport.chainCountMax))
  }

  func kill(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Done {
    try operate(query) { (key) throws(TableStore.OperationFailure) in
      try store.kill(key, table: query.table)
      return "killed \(query.table.map { "table `\($0)` of " } ?? "")\(describe(key))"
    }
  }

  func unkill(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Done {
    try operate(query) { (key) throws(TableStore.OperationFailure) in
      try store.unkill(key, table: query.table)
      return "unkilled \(query.table.map { "table `\($0)` of " } ?? "")\(describe(key))"
    }
  }

  func rollBack(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Done {
    try operate(query) { (key) throws(TableStore.OperationFailure) in
      let serial = try store.rollBack(key, to: query.serial)
      return "version \(serial) of \(describe(key)) is served until it is resumed"
    }
  }

  func resume(_ query: AdminQuery) throws(AdminProblem) -> AdminReport.Done {
    try operate(query) { (key) throws(TableStore.OperationFailure) in
      let serial = try store.resume(key)
      return "version \(serial) of \(describe(key)) is served, and those to come"
    }
  }

  private func operate(
    _ query: AdminQuery, _ body: (TableKey) throws(TableStore.OperationFailure) -> String
  ) throws(AdminProblem) -> AdminReport.Done {
    let key = try query.key
    let done: String
    do throws(TableStore.OperationFailure) {
      done = try body(key)
    } catch {
      // What could not be written down before is tried again, also where it need not be done again.
      if switches?.failure != nil { try keep("what was done before holds") }
      throw problem(error, key)
    }
    logger.notice("\(done)", metadata: ["by": "admin"])
    try keep(done)
    return AdminReport.Done(done: done, chain: chain(key))
  }

  /// What was done holds already; that a restart would undo it is a refusal all the same.
  private func keep(_ done: String) throws(AdminProblem) {
    do {
      try switches?.save()
    } catch {
      logger.error("the switches are not kept for a restart: \(error)")
      throw AdminProblem(
        .notKept, "\(done), until the next restart only: it could not be written down: \(error)")
    }
  }

  private func chain(_ key: TableKey) -> AdminReport.Chain {
    AdminReport.Chain(store.reports { $0 == key }[0])
  }

  private func problem(_ failure: TableStore.OperationFailure, _ key: TableKey) -> AdminProblem {
    AdminProblem(failure, key, known: store.keys)
  }

  /// Nothing to report is a refusal where the names that were asked for are not known.
  private func refuseUnknown(_ query: AdminQuery) throws(AdminProblem) {
    guard query.tenant != nil || query.trigger != nil else { return }
    let keys = store.keys
    guard !keys.contains(where: query.includes) else { return }
    let tenant = query.tenant ?? keys.first?.tenant ?? ""
    let key = TableKey(tenant: tenant, trigger: query.trigger ?? "")
    throw AdminProblem(.unknownKey(key), key, known: keys)
  }
}
