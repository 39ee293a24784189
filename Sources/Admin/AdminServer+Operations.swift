import HTTPTypes
import Hummingbird

/// `/v1/admin/`: what an operator may see, by GET, and do, by POST.
extension AdminServer {
  static func addOperations(
    _ operations: AdminOperations, to router: Router<AdminContext>
  ) {
    let chain = ["tenant", "trigger"]
    func get(
      _ name: String, _ body: @escaping @Sendable (AdminQuery) throws(AdminProblem) -> any Encodable
    ) {
      router.get("v1/admin/\(name)") { try answer($0, $1, chain, body) }
    }
    func post(
      _ name: String, _ parameters: [String],
      _ body: @escaping @Sendable (AdminQuery) throws(AdminProblem) -> any Encodable
    ) {
      router.post("v1/admin/\(name)") { try answer($0, $1, parameters, body) }
    }
    get("status") { (query) throws(AdminProblem) in try operations.status(query) }
    get("versions") { (query) throws(AdminProblem) in try operations.versions(query) }
    get("stats") { (query) throws(AdminProblem) in try operations.statistics(query) }
    post("kill", chain + ["table"]) { (query) throws(AdminProblem) in try operations.kill(query) }
    post("unkill", chain + ["table"]) { (query) throws(AdminProblem) in try operations.unkill(query) }
    post("rollback", chain + ["to"]) { (query) throws(AdminProblem) in
      try operations.rollBack(query)
    }
    post("resume", chain) { (query) throws(AdminProblem) in try operations.resume(query) }
  }

  /// The JSON of what was asked for, or of why not.
  private static func answer(
    _ request: Request, _ context: AdminContext, _ parameters: [String],
    _ body: (AdminQuery) throws(AdminProblem) -> any Encodable
  ) throws -> Response {
    let report: any Encodable
    do throws(AdminProblem) {
      try AdminGuard.check(request, context)
      report = try body(AdminQuery(request, known: parameters))
    } catch {
      return try json(error.report, request, context, status: error.status)
    }
    return try json(report, request, context)
  }

  private static func json(
    _ report: some Encodable, _ request: Request, _ context: AdminContext,
    status: HTTPResponse.Status = .ok
  ) throws -> Response {
    var response = try context.responseEncoder.encode(report, from: request, context: context)
    response.status = status
    return response
  }
}
