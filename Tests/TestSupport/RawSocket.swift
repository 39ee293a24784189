import Foundation

/// A blocking stream socket that a test drives byte by byte.
public final class RawSocket {
  public enum Address: Sendable {
    case tcp(port: Int)
    case unix(path: String)
  }

  public struct Failure: Error, CustomStringConvertible {
    public var call: String
    public var code: Int32
    public var description: String { unsafe "\(call): \(String(cString: strerror(code)))" }
  }

  private var descriptor: Int32

  /// Connects, over TCP from 127.0.0.`host` where that is given. Reads and writes that take longer than
  /// `timeoutSeconds` fail.
  public init(_ address: Address, from host: UInt8? = nil, timeoutSeconds: Int = 20) throws {
    switch address {
    case .tcp: descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    case .unix: descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    }
    guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    let timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
    set(SO_RCVTIMEO, timeout)
    set(SO_SNDTIMEO, timeout)
    do {
      if let host { try bind(to: host) }
      try connect(to: address)
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  private func bind(to host: UInt8) throws {
    var source = sockaddr_in()
    source.sin_family = sa_family_t(AF_INET)
    source.sin_addr.s_addr = in_addr_t(0x7F00_0000 + UInt32(host)).bigEndian
    let status = unsafe withUnsafeBytes(of: source) {
      // SAFETY: a socket address of this size lies at the pointer.
      unsafe Foundation.bind(
        descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    guard status == 0 else { throw Failure(call: "bind", code: errno) }
  }

  private func connect(to address: Address) throws {
    let status: Int32
    switch address {
    case .tcp(let port):
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = in_port_t(port).bigEndian
      target.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      status = Self.connect(descriptor, to: target)
      var one: Int32 = 1
      unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    case .unix(let path):
      var target = sockaddr_un()
      target.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
      status = Self.connect(descriptor, to: target)
    }
    guard status == 0 else { throw Failure(call: "connect", code: errno) }
  }

  private static func connect<Target: BitwiseCopyable>(_ descriptor: Int32, to target: Target)
    -> Int32
  {
    unsafe withUnsafeBytes(of: target) {
      // SAFETY: a socket address of this size lies at the pointer.
      unsafe Foundation.connect(
        descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
  }

  private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) {
    unsafe withUnsafeBytes(of: value) {
      // SAFETY: the kernel copies the option before the call returns.
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, $0.baseAddress!, socklen_t($0.count))
    }
  }

  /// Sends all of the bytes.
  public func send(_ bytes: [UInt8]) throws {
    var offset = 0
    while offset < bytes.count {
      let sent = unsafe bytes.withUnsafeBytes {
        unsafe Foundation.send(
          descriptor, $0.baseAddress! + offset, $0.count - offset, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { throw Failure(call: "send", code: errno) }
      offset += sent
    }
  }

  /// Sends what the socket takes at once. Returns how many bytes that were.
  public func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
    let sent = unsafe bytes.withUnsafeBytes {
      unsafe Foundation.send(
        descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
    if sent < 0, errno != EAGAIN { throw Failure(call: "send", code: errno) }
    return max(sent, 0)
  }

  /// The next bytes; empty when the peer has ended the connection.
  public func receive(upTo count: Int = 65_536) throws -> [UInt8] {
    try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      var received = 0
      // A process that is stopped and goes on finds a read with a time limit interrupted.
      repeat { received = unsafe recv(descriptor, buffer.baseAddress!, count, 0) } while received < 0
        && errno == EINTR
      if received < 0, errno != ECONNRESET { throw Failure(call: "recv", code: errno) }
      initializedCount = max(received, 0)
    }
  }

  /// The bytes that have come; empty when the peer has ended the connection, `nil` when there are none yet.
  public func receiveSome(upTo count: Int = 65_536) throws -> [UInt8]? {
    var received = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      received = unsafe recv(descriptor, buffer.baseAddress!, count, Int32(MSG_DONTWAIT))
      initializedCount = max(received, 0)
    }
    if received < 0, errno == EAGAIN || errno == EINTR { return nil }
    if received < 0, errno != ECONNRESET { throw Failure(call: "recv", code: errno) }
    return bytes
  }

  /// Sends bytes and says that they are the last, in one packet where they fit in one.
  public func sendLast(_ bytes: [UInt8]) throws {
    #if os(Linux)
      var one: Int32 = 1
      // SAFETY: the kernel copies the option before the call returns.
      unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &one, 4)
    #endif
    try send(bytes)
    finishSending()
  }

  /// Says that no more will be sent.
  public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends the connection with a reset: the peer is told nothing else.
  public func abort() {
    guard descriptor >= 0 else { return }
    set(SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    close()
  }

  public func close() {
    guard descriptor >= 0 else { return }
    _ = Foundation.close(descriptor)
    descriptor = -1
  }
}
