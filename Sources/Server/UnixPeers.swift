import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which processes may connect to a unix socket, beside what the mode of its file says.
public struct UnixPeers: Equatable, Sendable {
  /// By effective user.
  public var users: Set<UInt32> = []
  /// By effective group; further groups of a process are not asked for.
  public var groups: Set<UInt32> = []

  /// LIMIT: users and groups together; a host has a few that speak to Postern.
  public static let countMax = 256

  public init() {}

  func allows(_ credentials: PeerCredentials) -> Bool {
    users.contains(credentials.user) || groups.contains(credentials.group)
  }
}

/// Who opened a connection, as the kernel saw it then (`SO_PEERCRED`, unix(7)).
struct PeerCredentials: BitwiseCopyable {
  var process: Int32 = 0
  var user: UInt32 = .max
  var group: UInt32 = .max

  /// Asks the kernel. On the channel's event loop the future is there at once.
  static func of(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
    #if os(Linux)
      if let provider = channel as? any SocketOptionProvider {
        // SAFETY: the kernel's `struct ucred` is these three numbers of 32 bits.
        return provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
      }
    #endif
    return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
  }
}
