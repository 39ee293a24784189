import Foundation
import HTTP2
import HonestClients
import Server
import TestSupport
import Testing

extension ServerTests {
  /// Whoever is honest sees no GOAWAY: each limit's twin. A false alarm is an outage as well.
  @Suite struct HonestTwinTests {
    /// A minute with `POSTERN_THOROUGH=1`.
    private static let isThorough = ProcessInfo.processInfo.environment["POSTERN_THOROUGH"] == "1"

    @Test(arguments: HonestHabit.allCases)
    func `a hundred requests in flight at a time, with a habit, see no GOAWAY`(habit: HonestHabit)
      async throws
    {
      try await TestServer.run { server in
        let load = try HonestLoad(habit, server.address)
        try load.run(until: .now + (Self.isThorough ? .seconds(60) : .milliseconds(700)))
        #expect(try load.client.isUsable())
        #expect(load.client.goAway == nil)
        #expect(load.failureCount == 0)
        #expect(load.answerCount > 0)
        #expect((load.cancelCount > 0) == habit.givesRequestsUp)
        Self.expectNoOffence(server, "\(load.answerCount) answers")
      }
    }

    @Test func `all habits at once, those of slow lines too, see no GOAWAY`() async throws {
      try await TestServer.run { server in try await Self.runAll(server.address, server) }
    }

    @Test func `all habits at once, those of slow lines too, see no GOAWAY over TLS`() async throws {
      try await TestTLS.run { tls in
        try await TLSTunnel.run(to: tls) { try await Self.runAll($0.address, tls.server) }
      }
    }

    /// A client of each habit, each on a thread of its own.
    private static func runAll(_ address: RawSocket.Address, _ server: TestServer) async throws {
      let end = ContinuousClock.now + (isThorough ? .seconds(60) : .milliseconds(1500))
      let answers = try await withThrowingTaskGroup(of: Int.self) { group in
        for habit in HonestHabit.allCases {
          group.addTask {
            try await onThread {
              let load = try HonestLoad(habit, address)
              try load.run(until: end)
              #expect(try load.client.isUsable(), "\(habit)")
              #expect(load.client.goAway == nil, "\(habit)")
              #expect(load.failureCount == 0, "\(habit)")
              return load.answerCount
            }
          }
        }
        for habit in SlowHabit.allCases {
          group.addTask { try await onThread { try habit.run(address, until: end) } }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0 > 0 }, "\(answers)")
      expectNoOffence(server, "\(answers.reduce(0, +)) answers")
    }

    /// The clients wait for sockets, which tasks may not.
    private static func onThread(_ body: @escaping @Sendable () throws -> Int) async throws -> Int {
      try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
      }
    }

    @Test func `a hundred and fifty connections that come and go are all answered`() async throws {
      try await TestServer.run { server in
        for _ in 0..<150 {
          let client = try server.connect()
          #expect(try client.isUsable())
          client.socket.close()
        }
        #expect(server.server.metrics().offences.allSatisfy { $0.count == 0 })
      }
    }

    /// The longest header that may come, in as many frames as may be, byte by byte: libnghttp2 alone
    /// refuses one honest CONTINUATION that is cut in its head.
    @Test func `the most continuations allowed may come byte by byte`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let request = RawRequest("GET", "/v1/ping", [HeaderField("x", String(repeating: "a", count: 500))])
        let size = (request.headerBlock.count + 64) / 65
        let frames = request.headerFrames(on: 1, endStream: true, frameByteCount: size)
        #expect((60...65).contains(frames.count))
        for byte in frames.flatMap(\.bytes) { try client.socket.send([byte]) }
        #expect(try client.response(on: 1).status == 200)
        #expect(client.goAway == nil)
      }
    }

    private static func expectNoOffence(_ server: TestServer, _ after: String) {
      let offences = server.server.metrics().offences.filter { $0.count > 0 }
      #expect(offences.isEmpty, "\(offences) after \(after)")
    }
  }
}
