import HTTPTypes
import Rules
import Tables

/// Why the admin port does not do what it was asked.
struct AdminProblem: Error {
  enum Code: String {
    case badRequest, crossSite, notLocal
    case unknownTrigger, unknownTable, unknownSerial
    case nothingOlder, removed, nothingToUndo, stalled, notKept
  }

  var code: Code
  var message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// `keys` are those that are known.
  init(_ failure: TableStore.OperationFailure, _ key: TableKey, known keys: [TableKey]) {
    switch failure {
    case .unknownKey: self = Self.unknown(key, known: keys)
    case .unknownTable(let name, let known):
      self.init(
        .unknownTable,
        "no table `\(name)` in the chain of \(describe(key))"
          + hint(for: name, among: known, otherwise: known.isEmpty ? "" : "; it has \(list(known))"))
    case .unknownSerial(let serial, let kept):
      self.init(
        .unknownSerial,
        "no version \(serial) of \(describe(key)) is kept; kept are \(list(kept.map { "\($0)" }))")
    case .nothingOlder(let served):
      self.init(
        .nothingOlder,
        "no version older than \(served), which is served, is kept of \(describe(key));"
          + " raise `versionsKept` to keep more from now on")
    case .removed(let serial):
      self.init(
        .removed,
        "in version \(serial) the tables of \(describe(key)) were removed; to serve none, kill it")
    case .nothingToUndo:
      self.init(.nothingToUndo, "nothing of the kind was done to \(describe(key)); see the status")
    case .readersStalled:
      self.init(.stalled, "an event loop hangs, and old tables cannot be freed; restart the server")
    }
  }

  private static func unknown(_ key: TableKey, known keys: [TableKey]) -> AdminProblem {
    let tenants = Set(keys.map(\.tenant))
    guard tenants.contains(key.tenant) else {
      let hint = hint(for: key.tenant, among: tenants.sorted(), otherwise: "; see the status")
      return AdminProblem(.unknownTrigger, "no tables were published for tenant `\(key.tenant)`\(hint)")
    }
    let triggers = keys.filter { $0.tenant == key.tenant }.map(\.trigger)
    return AdminProblem(
      .unknownTrigger,
      "no tables were published for \(describe(key))"
        + hint(for: key.trigger, among: triggers, otherwise: "; there are \(list(triggers))"))
  }

  var status: HTTPResponse.Status {
    switch code {
    case .badRequest: .badRequest
    case .crossSite, .notLocal: .forbidden
    case .unknownTrigger, .unknownTable, .unknownSerial: .notFound
    case .nothingOlder, .removed, .nothingToUndo: .conflict
    case .stalled: .serviceUnavailable
    case .notKept: .internalServerError
    }
  }

  var report: AdminReport.Refusal {
    AdminReport.Refusal(error: .init(code: code.rawValue, message: message))
  }
}

/// A key for a person.
func describe(_ key: TableKey) -> String {
  key.tenant.isEmpty ? "`\(key.trigger)`" : "`\(key.trigger)` of tenant `\(key.tenant)`"
}

/// Names for a person, at most ten.
private func list(_ names: [String]) -> String {
  let shown = names.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
  return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
}
