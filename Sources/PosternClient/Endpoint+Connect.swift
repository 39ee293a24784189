import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ClientBootstrap {
  /// Connects to an endpoint. Only a host name needs the resolver; an address does not.
  func connect(to endpoint: Endpoint) -> EventLoopFuture<any Channel> {
    switch endpoint {
    case .unixSocket(let path): connect(unixDomainSocketPath: path)
    case .tcp(let host, let port), .tls(let host, let port):
      if let address = try? SocketAddress(ipAddress: host, port: port) {
        connect(to: address)
      } else {
        connect(host: host, port: port)
      }
    }
  }
}

/// One line that says why a socket failed.
func connectionText(of error: any Error) -> String {
  switch error {
  case let error as NIOConnectionError:
    (error.dnsAError ?? error.dnsAAAAError ?? error.connectionErrors.first?.error)
      .map(connectionText) ?? "no address for `\(error.host)`"
  case let error as IOError:
    switch error.errnoCode {
    case ECONNREFUSED: "connection refused; is a server listening there"
    case ENOENT: "no such socket; is a server listening there"
    case EACCES, EPERM: "permission denied"
    case ECONNRESET, EPIPE: "connection reset by the server"
    case EHOSTUNREACH, ENETUNREACH: "no route to the server"
    case ETIMEDOUT: "the server did not answer in time"
    default: error.description
    }
  case ChannelError.connectTimeout: "the server did not answer in time"
  case let error as SocketAddressError.UnknownHost: "no address for `\(error.host)`"
  default: tlsText(of: error) ?? "\(error)"
  }
}
