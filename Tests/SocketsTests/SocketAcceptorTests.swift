import Glibc
import NIOCore
import Synchronization
import Testing

@testable import Sockets

@Suite struct SocketAcceptorTests {
  /// What an acceptor asked and told.
  private final class Door: Sendable {
    let isOpen = Atomic(true)
    let pauseCount = Atomic(0)
    let accepted = Mutex<[CInt]>([])

    var handling: SocketAcceptor.Handling {
      SocketAcceptor.Handling {
        self.isOpen.load(ordering: .relaxed)
      } paused: {
        self.pauseCount.add(1, ordering: .relaxed)
      } accepted: { descriptor, peer in
        #expect(peer?.ipAddress == "127.0.0.1")
        self.accepted.withLock { $0.append(descriptor) }
      }
    }

    func wait(for count: Int) async throws {
      for _ in 0..<20_000 where accepted.withLock({ $0.count < count }) {
        try await Task.sleep(for: .milliseconds(1))
      }
      #expect(accepted.withLock(\.count) == count)
    }
  }

  private static func listen() throws -> (descriptor: CInt, port: Int) {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    // SAFETY: the address lives until the call returns.
    let status = unsafe address.withSockAddr { unsafe bind(descriptor, $0, socklen_t($1)) }
    try #require(status == 0 && Glibc.listen(descriptor, 128) == 0)
    return (descriptor, try #require(SocketAddress(boundTo: descriptor)?.port))
  }

  private static func connect(to port: Int) throws -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
    // SAFETY: as above.
    let status = unsafe address.withSockAddr { unsafe Glibc.connect(descriptor, $0, socklen_t($1)) }
    guard status == 0 else {
      close(descriptor)
      throw IOError(errnoCode: errno, reason: "connect")
    }
    return descriptor
  }

  @Test func `connections come, wait while none may, and come behind that`() async throws {
    let loop = try SocketLoop.start(name: "test loop")
    let door = Door()
    let (descriptor, port) = try Self.listen()
    let acceptor = try await SocketAcceptor.start(descriptor, on: loop, door.handling)
    var clients = try (0..<40).map { _ in try Self.connect(to: port) }
    try await door.wait(for: 40)
    #expect(door.pauseCount.load(ordering: .relaxed) == 0)

    door.isOpen.store(false, ordering: .relaxed)
    clients.append(try Self.connect(to: port))
    try await Task.sleep(for: .milliseconds(180))
    #expect(door.accepted.withLock(\.count) == 40)
    // It looks again, and does not spin.
    #expect((2...5).contains(door.pauseCount.load(ordering: .relaxed)))
    door.isOpen.store(true, ordering: .relaxed)
    try await door.wait(for: 41)

    await acceptor.close()
    await acceptor.close()
    #expect(throws: IOError.self) { close(try Self.connect(to: port)) }
    for descriptor in clients + door.accepted.withLock(\.self) { close(descriptor) }
    try await loop.shutdownGracefully()
  }

  @Test func `a socket that somebody else has shut is looked at now and then`() async throws {
    let loop = try SocketLoop.start(name: "test loop")
    let door = Door()
    let (descriptor, _) = try Self.listen()
    let other = dup(descriptor)
    let acceptor = try await SocketAcceptor.start(descriptor, on: loop, door.handling)
    shutdown(other, CInt(SHUT_RDWR))
    try await Task.sleep(for: .milliseconds(180))
    #expect((2...5).contains(door.pauseCount.load(ordering: .relaxed)))
    let timerCount = try await loop.submit { loop.timerCount }.get()
    #expect(timerCount == 1)
    // Until somebody listens again.
    #expect(Glibc.listen(other, 128) == 0)
    let port = try #require(SocketAddress(boundTo: other)?.port)
    let client = try Self.connect(to: port)
    try await door.wait(for: 1)
    await acceptor.close()
    for descriptor in [other, client] + door.accepted.withLock(\.self) { close(descriptor) }
    try await loop.shutdownGracefully()
  }

  @Test func `a loop that ends closes acceptors that rest as well`() async throws {
    let loop = try SocketLoop.start(name: "test loop")
    let door = Door()
    door.isOpen.store(false, ordering: .relaxed)
    let (descriptor, port) = try Self.listen()
    _ = try await SocketAcceptor.start(descriptor, on: loop, door.handling)
    let client = try Self.connect(to: port)
    while door.pauseCount.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(1)) }
    try await loop.shutdownGracefully()
    #expect(throws: IOError.self) { close(try Self.connect(to: port)) }
    close(client)
  }

  @Test func `what is no socket is refused, and closed`() async throws {
    let loop = try SocketLoop.start(name: "test loop")
    let file = unsafe open("/dev/null", O_RDONLY)
    await #expect(throws: IOError.self) {
      try await SocketAcceptor.start(file, on: loop, Door().handling)
    }
    #expect(fcntl(file, F_GETFD) == -1)
    try await loop.shutdownGracefully()
  }
}
