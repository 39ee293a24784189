import Hummingbird
import NIOCore

/// What is known of a request's connection.
struct AdminContext: RequestContext {
  enum Peer: Sendable {
    case unixSocket, loopback, elsewhere
  }

  var coreContext: CoreRequestContextStorage
  let peer: Peer

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = Self.peer(source.channel)
  }

  private static func peer(_ channel: any Channel) -> Peer {
    if case .unixDomainSocket? = channel.localAddress { return .unixSocket }
    guard let address = channel.remoteAddress?.ipAddress else { return .elsewhere }
    let isLoopback =
      address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    return isLoopback ? .loopback : .elsewhere
  }
}
