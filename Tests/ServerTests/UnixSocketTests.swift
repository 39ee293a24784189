import Foundation
import Logging
import Server
import Tables
import TestSupport
import Testing

extension ServerTests {
  @Suite struct UnixSocketTests {
    /// A path that nothing else uses, in a directory that is removed behind it.
    private static func withPath(_ body: (String) async throws -> Void) async throws {
      let directory = "/tmp/postern-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(atPath: directory) }
      try await body(directory + "/postern.sock")
    }

    @Test func `a unix socket is served and removed at the end`() async throws {
      try await Self.withPath { path in
        try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { server in
          #expect(server.server.addresses == [.unix(path: path)])
          let client = try server.connect()
          #expect(try client.isUsable())
        }
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }

    @Test func `one server listens on several addresses`() async throws {
      try await Self.withPath { path in
        try await TestServer.run(configure: { $0.listen.append(.unix(path: path)) }) { server in
          let client = try server.connect()
          #expect(try client.isUsable())
          #expect(try RawClient(.unix(path: path)).isUsable())
        }
      }
    }

    @Test func `a socket that a dead server left behind is replaced`() async throws {
      try await Self.withPath { path in
        try Self.leaveSocket(at: path)
        try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { server in
          let client = try server.connect()
          #expect(try client.isUsable())
        }
      }
    }

    @Test func `a socket that a server listens on is not taken from it`() async throws {
      try await Self.withPath { path in
        try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { server in
          let error = await #expect(throws: ServerError.self) {
            try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { _ in }
          }
          #expect(error?.description.hasPrefix("cannot listen on unix:\(path): ") == true)
          let client = try server.connect()
          #expect(try client.isUsable())
        }
      }
    }

    /// A server that is too busy to take a connection is no dead one.
    @Test func `a socket whose queue is full is not taken from its server`() async throws {
      try await Self.withPath { path in
        let listener = try Self.bindSocket(at: path)
        defer { close(listener) }
        #expect(listen(listener, 0) == 0)
        // Nobody accepts: one waits, the next would.
        let waiting = try RawSocket(.unix(path: path))
        await #expect(throws: ServerError.self) {
          try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { _ in }
        }
        #expect(FileManager.default.fileExists(atPath: path))
        waiting.close()
      }
    }

    /// Two servers that start at once: the one has bound, and does not listen yet, when the other looks.
    @Test func `a socket is not taken from a server that is about to listen`() async throws {
      try await Self.withPath { path in
        let directory = unsafe open((path as NSString).deletingLastPathComponent, O_RDONLY)
        #expect(flock(directory, LOCK_EX) == 0)
        let listener = try Self.bindSocket(at: path)
        defer { close(listener) }
        let other = Task {
          try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { _ in }
        }
        try await Task.sleep(for: .milliseconds(300))
        #expect(listen(listener, 8) == 0)
        close(directory)
        await #expect(throws: ServerError.self) { try await other.value }
        // Not a connection to another's.
        let client = try RawSocket(.unix(path: path))
        client.close()
      }
    }

    @Test func `a server that ends leaves the socket that another has put in its place`() async throws {
      try await Self.withPath { path in
        try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { first in
          try FileManager.default.removeItem(atPath: path)
          try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { second in
            await first.stop()
            let client = try second.connect()
            #expect(try client.isUsable())
          }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }

    @Test func `a file that is no socket is not removed`() async throws {
      try await Self.withPath { path in
        try "kept".write(toFile: path, atomically: true, encoding: .utf8)
        await #expect(throws: ServerError.self) {
          try await TestServer.run(configure: { $0.listen = [.unix(path: path)] }) { _ in }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
      }
    }

    @Test func `a port in use is an error that names it`() async throws {
      try await TestServer.run { server in
        let error = await #expect(throws: ServerError.self) {
          try await TestServer.run(configure: { $0.listen = server.server.addresses }) { _ in }
        }
        #expect(error?.description.contains("\(server.server.addresses[0])") == true)
        let client = try server.connect()
        #expect(try client.isUsable())
      }
    }

    @Test(arguments: [0o600, 0o660, 0o666, 0o777] as [UInt32])
    func `a socket has the mode of the setting`(mode: UInt32) async throws {
      try await Self.withPath { path in
        try await TestServer.run {
          $0.listen = [.unix(path: path)]
          $0.unixSocketMode = mode
        } _: { server in
          let attributes = try FileManager.default.attributesOfItem(atPath: path)
          #expect((attributes[.posixPermissions] as? NSNumber)?.uint32Value == mode)
          #expect(try server.connect().isUsable())
        }
        // The process's own mask is as before.
        try "x".write(toFile: path, atomically: false, encoding: .utf8)
        let mask = umask(0o022)
        umask(mask)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.uint32Value == 0o666 & ~mask)
      }
    }

    @Test func `only listed users and groups may connect`() async throws {
      let (user, group) = (getuid(), getgid())
      for (users, groups, isAllowed) in [
        ([user], [], true), ([], [group], true), ([user + 1, user], [group + 1], true),
        ([user + 1], [group + 1], false),
      ] as [(Set<UInt32>, Set<UInt32>, Bool)] {
        var peers = UnixPeers()
        (peers.users, peers.groups) = (users, groups)
        let log = TestLog()
        try await Self.withPath { path in
          try await TestServer.run(
            configure: {
              $0.listen = [.unix(path: path)]
              $0.unixPeers = peers
            }, logger: log.logger
          ) { server in
            if isAllowed {
              #expect(try server.connect().isUsable())
              #expect(log.complaints("").isEmpty)
              return
            }
            for _ in 0..<3 {
              let socket = try RawSocket(server.address)
              try? socket.send(Frame.preface)
              #expect(try socket.receive().isEmpty)
            }
            let refusals = server.server.metrics().doors.refusals
            #expect(refusals.first { $0.reason == "unix-peer" }?.count == 3)
            #expect(server.server.metrics().connectionsOpened == 0)
            #expect(log.complaints("uid=\(user)").count == 1, "logged once")
          }
        }
      }
    }

    /// A server that has taken over a socket at `path`, under settings of its own.
    private static func takeOver(
      _ path: String, as address: ListenAddress?, logger: Logger = .quiet,
      configure: (inout ServerConfiguration) -> Void, _ body: (PosternServer) throws -> Void
    ) async throws {
      let descriptor = try bindSocket(at: path)
      #expect(listen(descriptor, 8) == 0)
      let changed = unsafe chmod(path, 0o666)
      #expect(changed == 0)
      let handed = try #require(ListeningSocket(handedOver: descriptor, as: address))
      var configuration = ServerConfiguration()
      configuration.loops = 1
      configuration.listen = [.unix(path: path)]
      configure(&configuration)
      let store = TableStore()
      try TestTables.publish(TestTables.served, to: store)
      let server = try await PosternServer.start(
        configuration, handed: [handed], store: store, logger: logger)
      do { try body(server) } catch {
        await server.stop()
        throw error
      }
      await server.stop()
    }

    private static func mode(of path: String) throws -> UInt32? {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return (attributes[.posixPermissions] as? NSNumber)?.uint32Value
    }

    @Test func `a socket that is taken over has the mode of the new settings`() async throws {
      try await Self.withPath { path in
        try await Self.takeOver(path, as: .unix(path: path), configure: { $0.unixSocketMode = 0o600 }) { _ in
          let mode = try Self.mode(of: path)
          #expect(mode == 0o600)
        }
      }
    }

    @Test func `a service manager's socket keeps its mode, and that is said`() async throws {
      try await Self.withPath { path in
        let log = TestLog()
        try await Self.takeOver(
          path, as: nil, logger: log.logger, configure: { $0.unixSocketMode = 0o600 }
        ) { _ in
          let mode = try Self.mode(of: path)
          #expect(mode == 0o666)
          #expect(log.complaints("unixSocketMode does not hold").count == 1)
        }
        try FileManager.default.removeItem(atPath: path)
        try await Self.takeOver(
          path, as: nil, logger: log.logger, configure: { $0.unixSocketMode = 0o666 }
        ) { _ in
          #expect(log.complaints("unixSocketMode does not hold").count == 1)
        }
      }
    }

    @Test func `the file of a socket that is not listened on any more is removed`() async throws {
      try await Self.withPath { path in
        try await Self.takeOver(
          path, as: .unix(path: path), configure: { $0.listen = [.tcp(host: "127.0.0.1", port: 0)] }
        ) { server in
          // The server before still serves it.
          #expect(FileManager.default.fileExists(atPath: path))
          server.removeFilesLeft()
          #expect(!FileManager.default.fileExists(atPath: path))
        }
      }
    }

    /// Binds a socket and ends without removing its file.
    private static func leaveSocket(at path: String) throws { close(try bindSocket(at: path)) }

    /// The descriptor of a socket that is bound and does not listen.
    private static func bindSocket(at path: String) throws -> Int32 {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
      let status = unsafe withUnsafeBytes(of: address) {
        // SAFETY: a socket address of this size lies at the pointer.
        unsafe bind(
          descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
      #expect(status == 0)
      #expect(FileManager.default.fileExists(atPath: path))
      return descriptor
    }
  }
}
