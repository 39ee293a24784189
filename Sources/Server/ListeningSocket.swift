import Glibc
import Logging
import NIOCore
import Sockets
import WatchedFiles

/// A socket that listens: bound here, or handed over by the service manager or by the process before.
///
/// It stays open for a successor when nothing is accepted from it any more.
public struct ListeningSocket: Sendable {
  /// LIMIT: connections that wait to be accepted; the kernel's own limit (`somaxconn`) is 4,096.
  private static let backlog: Int32 = 4096

  /// What `listen` says, port 0 included.
  public let address: ListenAddress
  public let descriptor: CInt
  /// Whether its file, where it is a unix socket, goes when we end: not the service manager's.
  public let ownsFile: Bool
  /// Its file, where it is a unix socket: another one at the same path is another server's.
  private let file: FileIdentity?

  /// A socket that the process before was told to bind to `address`, or any at all that listens.
  /// `nil` when it listens nowhere that can be named.
  public init?(handedOver descriptor: CInt, as address: ListenAddress?) {
    guard let named = address ?? ListenAddress(boundTo: descriptor) else { return nil }
    self.init(address: named, descriptor: descriptor, ownsFile: address != nil)
  }

  private init(address: ListenAddress, descriptor: CInt, ownsFile: Bool) {
    self.address = address
    self.descriptor = descriptor
    self.ownsFile = ownsFile
    file = if case .unix(let path) = address { FileIdentity(path) } else { nil }
  }

  /// One socket for each address of `listen`, in that order. Of the sockets handed over those of the
  /// process before that are not asked for are closed, and are `left`: their files stay for as long as that
  /// process may go on. One of the service manager's is an error.
  static func open(
    _ configuration: ServerConfiguration, handed: [ListeningSocket], _ logger: Logger
  ) async throws -> (sockets: [ListeningSocket], left: [ListeningSocket]) {
    var left = handed
    var sockets: [ListeningSocket] = []
    do {
      for (address, _) in configuration.doors {
        let found = left.firstIndex { $0.address == address } ?? left.firstIndex { $0.serves(address) }
        if let found {
          let handed = left.remove(at: found)
          let socket = ListeningSocket(
            address: address, descriptor: handed.descriptor, ownsFile: handed.ownsFile)
          sockets.append(socket)
          try socket.takeMode(configuration.unixSocketMode, logger)
        } else {
          sockets.append(try await bind(address, configuration))
        }
      }
      for socket in left {
        guard socket.ownsFile else {
          throw ServerError.notAskedFor(socket.address, listen: configuration.doors.map(\.address))
        }
      }
      for socket in left { _ = closeDescriptor(socket.descriptor) }
    } catch {
      for socket in sockets { socket.close(removingFile: false) }
      throw error
    }
    return (sockets, left)
  }

  /// The mode of the settings, for a file that the process before has made; of a service manager's, which
  /// stays as its unit says, a warning where it is another.
  private func takeMode(_ mode: UInt32?, _ logger: Logger) throws {
    guard let mode, case .unix(let path) = address, UnixSocketPath.mode(of: path) != mode else { return }
    guard !ownsFile else {
      do { return try UnixSocketPath.setMode(mode, of: path) } catch {
        throw ServerError.cannotListen(address, reason: reason(of: error))
      }
    }
    logger.warning(
      "unixSocketMode does not hold for a socket of the service manager; set SocketMode= in its unit",
      metadata: ["address": "\(address)"])
  }

  /// Whether this is where `wanted` would be bound.
  private func serves(_ wanted: ListenAddress) -> Bool {
    guard case .tcp(_, let port) = wanted, port > 0, let address = try? wanted.socketAddress() else {
      return false
    }
    return (try? self.address.socketAddress()) == address
  }

  private static func bind(
    _ address: ListenAddress, _ configuration: ServerConfiguration
  ) async throws -> ListeningSocket {
    do {
      var lock: UnixSocketLock?
      if case .unix(let path) = address {
        lock = await UnixSocketLock(ofSocket: path)
        try UnixSocketPath.prepare(path)
      }
      defer { lock?.release() }
      let target = try address.socketAddress()
      let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
      let descriptor = socket(target.protocol == .unix ? AF_UNIX : target.family, kind, 0)
      guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
      do {
        if case .tcp = address {
          set(SO_REUSEADDR, of: descriptor)
          if configuration.reusePort { set(SO_REUSEPORT, of: descriptor) }
        }
        if case .unix(let path) = address {
          try UnixSocketPath.withMode(configuration.unixSocketMode, of: path) {
            try bind(descriptor, to: target)
          }
        } else {
          try bind(descriptor, to: target)
        }
        let socket = ListeningSocket(address: address, descriptor: descriptor, ownsFile: true)
        try socket.setBacklog()
        return socket
      } catch {
        _ = closeDescriptor(descriptor)
        throw error
      }
    } catch {
      throw ServerError.cannotListen(address, reason: reason(of: error))
    }
  }

  private static func bind(_ descriptor: CInt, to target: SocketAddress) throws {
    try unsafe target.withSockAddr { pointer, byteCount in
      // SAFETY: the address lives until the call returns.
      guard unsafe bindDescriptor(descriptor, pointer, socklen_t(byteCount)) == 0 else {
        throw IOError(errnoCode: errno, reason: "bind")
      }
    }
  }

  private static func set(_ option: CInt, of descriptor: CInt) {
    var one: CInt = 1
    // SAFETY: the kernel copies the value before the call returns.
    unsafe setsockopt(descriptor, SOL_SOCKET, option, &one, socklen_t(MemoryLayout<CInt>.size))
  }

  /// Listens, with room for as many as may wait.
  func setBacklog() throws {
    guard listen(descriptor, Self.backlog) == 0 else {
      throw IOError(errnoCode: errno, reason: "listen")
    }
  }

  /// A descriptor of the same socket, for an acceptor to close.
  func copy() throws -> CInt {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
    return copy
  }

  /// Removes its file, where it is ours and still there.
  func removeFile() {
    guard ownsFile, case .unix(let path) = address, file != nil, file == FileIdentity(path) else { return }
    UnixSocketPath.remove(path)
  }

  func close(removingFile: Bool) {
    // Before it is deaf: behind that, another server might put its own socket there.
    if removingFile { removeFile() }
    _ = closeDescriptor(descriptor)
  }
}

extension ListenAddress {
  /// Where this is; a host's name is looked up, which may block.
  fileprivate func socketAddress() throws -> SocketAddress {
    switch self {
    case .tcp(let host, let port): try .makeAddressResolvingHost(host, port: port)
    case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
    }
  }

  /// Where a socket is bound; `nil` when that is no address that a server listens on.
  fileprivate init?(boundTo descriptor: CInt) {
    guard let address = SocketAddress(boundTo: descriptor) else { return nil }
    if let port = address.port, let host = address.ipAddress {
      self = .tcp(host: host, port: port)
    } else if let path = address.pathname, !path.isEmpty {
      self = .unix(path: path)
    } else {
      return nil
    }
  }
}

extension SocketAddress {
  fileprivate var family: CInt {
    switch self {
    case .v4: AF_INET
    case .v6: AF_INET6
    case .unixDomainSocket: AF_UNIX
    }
  }
}

// The system's calls, under names that no method has.
private func closeDescriptor(_ descriptor: CInt) -> CInt { close(descriptor) }

private func bindDescriptor(
  _ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ byteCount: socklen_t
) -> CInt {
  // SAFETY: the caller's address lives for the call.
  unsafe bind(descriptor, address, byteCount)
}
