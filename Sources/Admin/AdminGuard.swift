import HTTPTypes
import Hummingbird

/// Who may operate: a process on this machine, and no page in a browser on it.
///
/// A page cannot send `postern-admin` to another site without asking first, which is not answered; a
/// page whose name was made to lead here sends an `Origin`, or a `Host` that is a name.
enum AdminGuard {
  /// What a request that changes something has to carry, with any value.
  static let header = HTTPField.Name("postern-admin")!

  static func check(_ request: Request, _ context: AdminContext) throws(AdminProblem) {
    guard context.peer != .elsewhere else {
      throw AdminProblem(
        .notLocal, "only processes on this machine may operate; connect over loopback or a unix socket")
    }
    if request.headers[.origin] != nil {
      throw AdminProblem(.crossSite, "requests of web pages, with an `origin`, are refused")
    }
    if context.peer == .loopback, !isLiteral(request.head.authority ?? "") {
      throw AdminProblem(
        .crossSite, "the host must be `localhost` or an address, so that no page's name leads here")
    }
    if request.method == .post, request.headers[header] == nil {
      throw AdminProblem(
        .crossSite, "send the header `postern-admin: yes`, which a web page cannot")
    }
  }

  /// Whether an authority names no host by a name that somebody else may own.
  private static func isLiteral(_ authority: String) -> Bool {
    if authority.hasPrefix("[") { return true }
    let host = authority.prefix { $0 != ":" }
    if host == "localhost" { return true }
    return !host.isEmpty && host.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
  }
}
