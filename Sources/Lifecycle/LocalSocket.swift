import CDescriptors
import WatchedFiles

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A call of the operating system that failed.
public struct SystemFailure: Error, CustomStringConvertible {
  public var call: String
  public var code: Int32
  /// What to do, where that is known.
  private var remedy = ""

  init(_ call: String) {
    self.call = call
    code = errno
  }

  /// Something that nobody listens on is where a socket is to be.
  init(isNoSocket path: String) {
    call = "`\(path)` is there"
    code = ENOTSOCK
    remedy = "; name another path, or remove what is there"
  }

  // SAFETY: `strerror` returns a C string, which is copied at once.
  public var description: String { unsafe "\(call): \(String(cString: strerror(code)))\(remedy)" }
}

/// A blocking unix socket that keeps messages apart and can carry open descriptors.
final class LocalSocket: Sendable {
  /// LIMIT: bytes of one message: 64 addresses of some hundred bytes.
  static let messageByteCountMax = 16_384

  let descriptor: Int32

  /// Owns `descriptor` from now on.
  private init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  private convenience init() throws(SystemFailure) {
    let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw SystemFailure("socket") }
    self.init(owning: descriptor)
  }

  /// A connection to whoever listens at `path`; `nil` when nobody does.
  static func connect(to path: String) throws(SystemFailure) -> LocalSocket? {
    let socket = try LocalSocket()
    // SAFETY: the address lives for the call.
    let status = try unsafe withAddress(path) { unsafe Glibc.connect(socket.descriptor, $0, $1) }
    if status == 0 { return socket }
    guard errno == ENOENT || errno == ECONNREFUSED else { throw SystemFailure("connect") }
    return nil
  }

  /// A socket that listens at `path`, and its file: only this user may connect. It takes the place of
  /// another socket. Anything else that is there stays, and is a failure: settings, say, were lost.
  static func listen(at path: String) throws(SystemFailure) -> (socket: LocalSocket, file: FileIdentity?) {
    let socket = try LocalSocket()
    // It comes to its place when it listens, so that nobody finds it deaf or open to others.
    let aside = "\(path).\(getpid())"
    unsafe unlink(aside)
    let status = try unsafe withAddress(aside) { unsafe bind(socket.descriptor, $0, $1) }
    guard status == 0 else { throw SystemFailure("bind") }
    do throws(SystemFailure) {
      // SAFETY: paths are C strings for the calls.
      guard unsafe chmod(aside, 0o600) == 0 else { throw SystemFailure("chmod") }
      guard Glibc.listen(socket.descriptor, 4) == 0 else { throw SystemFailure("listen") }
      let file = FileIdentity(aside)
      guard isFreeOrSocket(path) else { throw SystemFailure(isNoSocket: path) }
      guard unsafe rename(aside, path) == 0 else { throw SystemFailure("rename") }
      return (socket, file)
    } catch {
      // SAFETY: as above.
      unsafe unlink(aside)
      throw error
    }
  }

  /// Whether nothing is at `path`, or a socket; a link is neither.
  private static func isFreeOrSocket(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: `status` is ours, and the path is a C string for the call.
    guard unsafe lstat(path, &status) == 0 else { return true }
    return status.st_mode & S_IFMT == S_IFSOCK
  }

  /// LIMIT: as often as ten times a second, so that nothing spins, and a successor hardly waits.
  private static let retryMicroseconds: UInt32 = 100_000

  /// The next connection; `nil` once the socket was ended.
  func accept() -> LocalSocket? {
    while true {
      let accepted = Glibc.accept(descriptor, nil, nil)
      if accepted >= 0 {
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        return LocalSocket(owning: accepted)
      }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EINVAL, EBADF: return nil
      // For want of descriptors or memory: who connects waits meanwhile, and is not to wait for ever.
      default: usleep(Self.retryMicroseconds)
      }
    }
  }

  /// Wakes whoever waits for a connection or a message, from any thread.
  func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// How long `receive` waits, in seconds.
  func setPatience(_ seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    // SAFETY: the kernel copies the value before the call returns.
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Whether the other end is a process of this user, or of root.
  var isOwn: Bool {
    var user = uid_t()
    // SAFETY: `user` is ours, and the call writes nothing else.
    guard unsafe postern_peer_user(descriptor, &user) == 0 else { return false }
    return user == geteuid() || user == 0
  }

  func send(_ text: String, _ descriptors: [Int32] = []) throws(SystemFailure) {
    let bytes = Array(text.utf8)
    // SAFETY: both arrays live until the call returns.
    let sent = unsafe postern_send_descriptors(
      descriptor, bytes, bytes.count, descriptors, descriptors.count)
    guard sent == bytes.count else { throw SystemFailure("sendmsg") }
  }

  /// The next message; an empty text when the other end is gone. The descriptors are the caller's.
  func receive() throws(SystemFailure) -> (text: String, descriptors: [Int32]) {
    var bytes = [UInt8](repeating: 0, count: Self.messageByteCountMax)
    var descriptors = [Int32](repeating: -1, count: Int(POSTERN_DESCRIPTOR_COUNT_MAX))
    var count = 0
    // SAFETY: the buffers have the sizes that the call is told, or that it knows.
    let received = unsafe postern_receive_descriptors(
      descriptor, &bytes, bytes.count, &descriptors, &count)
    // The kernel says so of a connection that nobody had accepted, or that had bytes to be read.
    if received < 0, errno == ECONNRESET { return ("", []) }
    guard received >= 0 else { throw SystemFailure("recvmsg") }
    return (String(decoding: bytes[..<received], as: UTF8.self), Array(descriptors[..<count]))
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SystemFailure) -> Int32 {
    guard let address = LocalAddress(path) else {
      errno = ENAMETOOLONG
      throw SystemFailure("`\(path)`")
    }
    // SAFETY: `body` gets a pointer with its length, and keeps neither.
    return unsafe address.withPointer(body)
  }
}

/// The address of a unix socket: a path, or an abstract name behind a `@`.
struct LocalAddress {
  private var address = sockaddr_un()
  private let byteCount: Int

  /// `nil` when the path is too long.
  init?(_ path: String) {
    var bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard !bytes.isEmpty, bytes.count < room else { return nil }
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    address.sun_family = sa_family_t(AF_UNIX)
    // SAFETY: the bytes fit, by the line above.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let head = MemoryLayout<sockaddr_un>.size - room
    byteCount = bytes[0] == 0 ? head + bytes.count : MemoryLayout<sockaddr_un>.size
  }

  func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    unsafe withUnsafeBytes(of: address) {
      // SAFETY: a socket address of this size lies at the pointer.
      unsafe body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(byteCount))
    }
  }
}
