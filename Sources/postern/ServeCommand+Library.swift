import Foundation
import HTTP2
import Logging
import Server

extension ServeCommand {
  /// Does not start with a libnghttp2 that a peer is known to end the process with, and says once where that
  /// cannot be known.
  func lookAtLibrary(_ logger: Logger) throws(ServerError) {
    let packages = try? String(contentsOfFile: "/var/lib/dpkg/status", encoding: .utf8)
    switch HTTP2Library.standing(packages: packages) {
    case .good: return
    case .unusable(let complaint): throw .unusable(complaint)
    case .unverified(let notice): logger.warning("\(notice)")
    }
  }
}
