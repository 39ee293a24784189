import CEpoll
import Glibc
import NIOCore

/// What a call on a socket that does not block comes to.
enum SocketResult {
  case done(Int)
  /// Nothing now: the loop will tell.
  case wouldBlock
  case failed(CInt)
}

/// The system's calls, again where a signal has interrupted them.
enum SocketCalls {
  static func receive(_ descriptor: CInt, into room: UnsafeMutableRawBufferPointer) -> SocketResult {
    // SAFETY: the kernel writes no more bytes than it is told there is room for.
    result { unsafe recv(descriptor, room.baseAddress, room.count, 0) }
  }

  static func send(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> SocketResult {
    // SAFETY: the kernel reads as many bytes as there are.
    result { unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL)) }
  }

  /// A connection's descriptor and its peer's address, `nil` where that is of no kind that we know.
  static func accept(_ listener: CInt, peer: inout SocketAddress?) -> SocketResult {
    var storage = sockaddr_storage()
    var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // SAFETY: the kernel writes no more of the address than it is told there is room for.
    let accepted = result { Int(unsafe postern_accept(listener, &storage, &byteCount)) }
    peer = SocketAddress(storage)
    return accepted
  }

  private static func result(_ call: () -> Int) -> SocketResult {
    while true {
      let count = call()
      if count >= 0 { return .done(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed(errno)
      }
    }
  }

  /// Has what is written to a TCP socket sent at once.
  static func setNoDelay(_ descriptor: CInt) {
    var one: CInt = 1
    // SAFETY: the kernel copies the value before the call returns.
    _ = unsafe setsockopt(
      descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
  }

  /// What has gone wrong with a socket; 0 where nothing has.
  static func error(of descriptor: CInt) -> CInt {
    var error: CInt = 0
    var byteCount = socklen_t(MemoryLayout<CInt>.size)
    // SAFETY: the kernel writes a number of the size that is said.
    let status = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &byteCount)
    return status == 0 ? error : errno
  }

  static func setNonBlocking(_ descriptor: CInt) throws(IOError) {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
      throw IOError(errnoCode: errno, reason: "fcntl")
    }
  }

  static func shutDownOutput(_ descriptor: CInt) throws(IOError) {
    guard shutdown(descriptor, CInt(SHUT_WR)) == 0 else {
      throw IOError(errnoCode: errno, reason: "shutdown")
    }
  }

  static func close(_ descriptor: CInt) { _ = Glibc.close(descriptor) }
}

extension SocketAddress {
  /// The address that a socket is bound to; `nil` when it has none of a kind that we know.
  public init?(boundTo descriptor: CInt) {
    var storage = sockaddr_storage()
    var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = unsafe withUnsafeMutablePointer(to: &storage) {
      // SAFETY: the storage is large enough for every kind of address, and the call is told its size.
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &byteCount)
      }
    }
    guard status == 0 else { return nil }
    self.init(storage)
  }

  fileprivate init?(_ storage: sockaddr_storage) {
    let address = unsafe withUnsafeBytes(of: storage) { bytes -> SocketAddress? in
      // SAFETY: the kind says which address lies there, and the storage is large enough for each.
      switch CInt(storage.ss_family) {
      case AF_INET: SocketAddress(unsafe bytes.load(as: sockaddr_in.self))
      case AF_INET6: SocketAddress(unsafe bytes.load(as: sockaddr_in6.self))
      case AF_UNIX: SocketAddress(unsafe bytes.load(as: sockaddr_un.self))
      default: nil
      }
    }
    guard let address else { return nil }
    self = address
  }
}
