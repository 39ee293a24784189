import Hummingbird
import Tables
import Wire

/// What an operation is asked of: the parameters of its address.
struct AdminQuery: Sendable {
  /// `nil` for every tenant, where that is possible.
  var tenant: String?
  /// `nil` for every trigger, where that is possible.
  var trigger: String?
  var table: String?
  var serial: UInt64?
}

extension AdminQuery {
  /// Takes the parameters named in `known`; any other is refused, since a misspelt `table` would
  /// otherwise kill the whole trigger.
  init(_ request: Request, known: [String]) throws(AdminProblem) {
    self.init()
    var seen: Set<String> = []
    for (name, value) in request.uri.queryParameters {
      let name = String(name)
      let value = String(value)
      guard known.contains(name) else {
        throw AdminProblem(
          .badRequest,
          "unknown parameter `\(name)`; there are \(known.joined(separator: ", "))")
      }
      guard seen.insert(name).inserted else {
        throw AdminProblem(.badRequest, "`\(name)` is there twice")
      }
      switch name {
      case "tenant": tenant = try Self.name(value, of: name, mayBeEmpty: true)
      case "trigger": trigger = try Self.name(value, of: name)
      case "table": table = try Self.name(value, of: name)
      default: serial = try Self.serial(value)
      }
    }
  }

  /// The one key that is meant; without a tenant the default tenant's.
  var key: TableKey {
    get throws(AdminProblem) {
      guard let trigger else {
        throw AdminProblem(.badRequest, "say which trigger: `trigger=post-login`")
      }
      return TableKey(tenant: tenant ?? "", trigger: trigger)
    }
  }

  func includes(_ key: TableKey) -> Bool {
    (tenant == nil || key.tenant == tenant) && (trigger == nil || key.trigger == trigger)
  }

  private static func name(
    _ value: String, of parameter: String, mayBeEmpty: Bool = false
  ) throws(AdminProblem) -> String {
    guard value.utf8.count <= Limits.nameByteCount, value.utf8.allSatisfy(isNameByte),
      mayBeEmpty || !value.isEmpty
    else {
      throw AdminProblem(
        .badRequest,
        "`\(parameter)` is no name; write 1 to \(Limits.nameByteCount) of A-Z a-z 0-9 . _ -")
    }
    return value
  }

  private static func serial(_ value: String) throws(AdminProblem) -> UInt64 {
    guard let serial = UInt64(value) else {
      throw AdminProblem(.badRequest, "`to` is no serial; write the number that `versions` shows")
    }
    return serial
  }
}
