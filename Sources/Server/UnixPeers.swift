import NIOCore
import Sockets

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
struct PeerCredentials {
  let process: Int32
  let user: UInt32
  let group: UInt32

  /// Asks the kernel; `nil` where it does not say.
  init?(of channel: any Channel) {
    guard let peer = (channel as? SocketChannel)?.peerCredentials else { return nil }
    (process, user, group) = peer
  }
}
