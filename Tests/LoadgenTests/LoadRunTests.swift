import Foundation
import HTTP2
@testable import LoadGenerator
import PosternClient
import Testing
import Wire

/// Runs against a server of our own, over real sockets.
@Suite(.serialized) struct LoadRunTests {
  private func scenario(_ verdict: Verdict = .allow, header: String = "status=0;score=1") throws -> Scenario {
    try ScenarioReader.read(
      """
      requests:
        - name: the only one
          trigger: post-login
          headers: {Akamai-User-Risk: \(header)}
          expect: {verdict: \(verdict.name)}
      """, file: "s.yaml")
  }

  private func run(
    _ server: FakePostern, _ scenario: Scenario, batch: Int = 1, _ change: (inout LoadPlan) -> Void
  ) throws -> LoadResult {
    var plan = LoadPlan(endpoint: server.endpoint)
    plan.warmUpSeconds = 0.05
    plan.seconds = 0.3
    change(&plan)
    let pool = try MessagePool(scenario, batch: batch, seed: 1)
    return try LoadRun(plan, scenario, pool: pool, server: getpid()).run()
  }

  @Test func `a closed loop counts replies and what the server has used`() throws {
    let server = try FakePostern()
    defer { try? server.stop() }
    let result = try run(server, try scenario()) { $0.connections = 2 }
    #expect(result.replies > 0 && result.latency.count == UInt64(result.replies))
    #expect(result.keptUp)
    #expect((result.server?.cpuNanosecondsPerRequest ?? 0) > 0)
  }

  @Test func `messages share a stream, and each reply is its own message's`() throws {
    let server = try FakePostern()
    defer { try? server.stop() }
    for batch in [1, 16] {
      let result = try run(server, try scenario(), batch: batch) {
        $0.path = "/v1/stream"
        $0.connections = 2
        $0.streams = 32
      }
      #expect(result.replies > 100 && result.latency.count == UInt64(result.replies))
      #expect(result.keptUp)
    }
    #expect(throws: LoadFailure.self) {
      try run(server, try scenario(.deny)) { $0.path = "/v1/stream" }
    }
  }

  @Test func `compressed messages are fewer bytes, and the replies to them are read and checked`() throws {
    let server = try FakePostern()
    defer { try? server.stop() }
    func result(_ verdict: Verdict = .allow, compresses: Bool) throws -> LoadResult {
      try run(server, try scenario(verdict), batch: 32) { $0.compresses = compresses }
    }
    let plain = try result(compresses: false)
    let small = try result(compresses: true)
    #expect(small.replies > 0 && small.latency.count == UInt64(small.replies))
    #expect(plain.replyByteCount == Double(24 + 32 * DecisionReply.fixedByteCount))
    #expect(small.requestByteCount < plain.requestByteCount / 2)
    #expect(small.replyByteCount < plain.replyByteCount / 2)
    #expect(TextReport.sample(small).contains(" bytes a message, LZ4; "))
    #expect(!TextReport.sample(plain).contains("LZ4"))

    let wrong = #expect(throws: LoadFailure.self) { try result(.deny, compresses: true) }
    guard case .wrong(let complaint, let sent, let got)? = wrong else {
      Issue.record("\(String(describing: wrong))")
      return
    }
    #expect(complaint.hasPrefix("`the only one`: verdict `allow`, not `deny`"))
    #expect(Double(sent.count) == plain.requestByteCount && Double(got.count) == plain.replyByteCount)
  }

  @Test func `a reply that is no LZ4, and one that nobody wanted compressed, are wrong`() throws {
    let broken = try FakePostern(.init(spoil: { $0.dropLast(8) + [UInt8](repeating: 255, count: 8) }))
    let unasked = try FakePostern(.init(spoil: { reply in
      var bytes = ByteWriter()
      return (try? bytes.compress(reply.span, .reply)).map { [UInt8](copying: bytes.span) } ?? []
    }))
    defer { for server in [broken, unasked] { try? server.stop() } }
    for (server, compresses) in [(broken, true), (unasked, false)] {
      let failure = #expect(throws: LoadFailure.self) {
        try run(server, try scenario(), batch: 32) { $0.compresses = compresses }
      }
      #expect(failure?.summary.hasPrefix("no readable reply: ") == true, "\(String(describing: failure))")
    }
  }

  @Test func `an open loop sends as many as it was told, whoever sends them`() throws {
    let server = try FakePostern()
    defer { try? server.stop() }
    for kind in ArrivalKind.allCases {
      let result = try run(server, try scenario()) {
        $0.pace = .rate(perSecond: 2000, kind)
        $0.loops = 2
      }
      let wanted = 2000 * result.seconds
      #expect(abs(Double(result.latency.count) / wanted - 1) < (kind == .constant ? 0.01 : 0.2))
      #expect(result.keptUp)
    }
  }

  @Test func `an open loop reads replies while it waits for what is due next`() throws {
    var settings = HTTP2Settings()
    settings.concurrentStreams = 1000
    let server = try FakePostern(.init(settings: settings))
    defer { try? server.stop() }
    // Close together, so that it looks at the clock and does not sleep in between.
    let perSecond = 5500.0
    let result = try run(server, try scenario()) {
      $0.connections = 1
      $0.streams = Int(settings.concurrentStreams)
      $0.pace = .rate(perSecond: perSecond, .constant)
    }
    // One that reads only when it has no stream left finds them half that old.
    let secondsUntilFull = Double(settings.concurrentStreams) / perSecond
    #expect(Double(result.latency.p50) < secondsUntilFull / 4 * 1e9, "\(result.latency)")
  }

  @Test func `a server that stalls shows all of its stall`() throws {
    let stall = 0.4
    func result(_ pace: LoadPlan.Pace) throws -> LoadResult {
      let server = try FakePostern(.init(stall: (afterRequests: 400, seconds: stall)))
      defer { try? server.stop() }
      return try run(server, try scenario()) {
        $0.connections = 1
        $0.streams = 4
        $0.warmUpSeconds = 0.001
        $0.seconds = 1
        $0.pace = pace
      }
    }
    let open = try result(.rate(perSecond: 1000, .constant))
    // Four tenths of the requests were due while nothing moved, and waited half of it on average.
    let share = Double(open.latency.points.last { Double($0.nanoseconds) < stall * 2e8 }?.percentile ?? 0)
    #expect(share < 85, "\(open.latency)")
    #expect(Double(open.latency.p90) > stall * 0.4e9)
    #expect(Double(open.latency.max) > stall * 0.9e9)
    #expect(abs(Double(open.latency.count) / 1000 - 1) < 0.01)
    // The closed loop only has its four streams in the stall: what coordinated omission hides.
    let closed = try result(.saturation)
    #expect(Double(closed.latency.p99) < stall * 0.5e9)
    #expect(Double(closed.latency.max) > stall * 0.9e9)
  }

  @Test func `what could not be sent counts with its age`() throws {
    let server = try FakePostern(.init(pauseSeconds: 0.005))
    defer { try? server.stop() }
    let result = try run(server, try scenario()) {
      $0.connections = 1
      $0.streams = 2
      $0.pace = .rate(perSecond: 1000, .constant)
      $0.drainSeconds = 0.2
    }
    #expect(!result.keptUp && result.unsent > 0 && result.replies > 0)
    #expect(abs(Double(result.latency.count) / 300 - 1) < 0.02)
    #expect(TextReport.sample(result).contains("NOT KEPT UP"))
  }

  private static let paces = [LoadPlan.Pace.saturation, .rate(perSecond: 500, .constant)]

  @Test(arguments: paces, [1, Int.max])
  func `replies that never come fail the run`(pace: LoadPlan.Pace, silent: Int) throws {
    // The first request of a connection comes in the warm-up.
    let server = try FakePostern(.init(isSilent: { $0 <= silent }))
    defer { try? server.stop() }
    let failure = #expect(throws: LoadFailure.self) {
      try run(server, try scenario()) {
        $0.connections = 3
        $0.streams = 2
        $0.loops = 2
        $0.pace = pace
        $0.drainSeconds = 0.2
      }
    }
    guard case .missing(let replies, _)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(replies.count == (silent == 1 ? 3 : 6) && replies.connections == 3)
    #expect((500_000_000..<3_000_000_000).contains(replies.oldestNanoseconds))
    #expect(failure?.description.contains("replies are missing, on 3 connections") == true)
  }

  @Test(arguments: paces)
  func `replies that come late pass`(pace: LoadPlan.Pace) throws {
    // Four are open when the measured time ends, and come together.
    let server = try FakePostern(.init(pauseSeconds: 0.05))
    defer { try? server.stop() }
    let result = try run(server, try scenario()) {
      $0.connections = 1
      $0.streams = 4
      $0.pace = pace
      $0.drainSeconds = 1.5
    }
    #expect(result.replies > 0)
  }

  @Test func `streams are those that the server allows, and the report says so`() throws {
    var settings = HTTP2Settings()
    settings.concurrentStreams = 5
    let server = try FakePostern(.init(settings: settings))
    defer { try? server.stop() }
    let few = try run(server, try scenario()) { $0.streams = 5 }
    #expect(few.streams == 5 && !few.warnings.contains { $0.contains("allows") })
    let many = try run(server, try scenario()) { $0.streams = 4096 }
    #expect(many.streams == 5)
    let warning = "the server allows 5 streams on a connection: 5 were used, not 4096"
    #expect(many.warnings.contains(warning))
    #expect(TextReport.sample(many).contains("x 5 streams"))
    #expect(TextReport.sample(many).contains("WARNING     " + warning))
    #expect(HTMLReport(.sample([many])).html().contains(warning))
    // Messages at once on one stream are no streams.
    let shared = try run(server, try scenario()) {
      $0.path = "/v1/stream"
      $0.streams = 32
    }
    #expect(shared.streams == 32)
  }

  @Test func `a request says whether it comes over TLS`() {
    for (isSecure, scheme) in [(false, UInt8(6)), (true, 7)] {
      let block = RequestBlock(authority: "a", path: "/", contentType: "t", isSecure: isSecure)
      #expect(block.first[1] == 0x80 | scheme && block.further[1] == 0x80 | scheme)
    }
  }

  @Test func `a wrong verdict ends the run and shows what was sent and what came`() throws {
    let server = try FakePostern(.init(verdict: .deny))
    defer { try? server.stop() }
    let failure = #expect(throws: LoadFailure.self) {
      try run(server, try scenario(.mfa)) { _ in }
    }
    let text = failure?.description ?? ""
    #expect(text.contains("`the only one`: verdict `deny`, not `mfa`"))
    #expect(text.contains("status=0;score=1") && text.contains("got  56 bytes"))
  }

  @Test func `a status that is not 200 ends the run`() throws {
    let server = try FakePostern(.init(status: 503))
    defer { try? server.stop() }
    for check in [LoadPlan.Check.verdicts, .status] {
      let failure = #expect(throws: LoadFailure.self) {
        try run(server, try scenario()) { $0.check = check }
      }
      #expect(failure?.description.contains("the status was not 200") == true)
    }
  }

  @Test func `messages larger than the server's windows are sent piece by piece`() throws {
    var settings = HTTP2Settings()
    settings.streamWindow = 1000
    settings.connectionWindow = 70_000
    let server = try FakePostern(.init(settings: settings))
    defer { try? server.stop() }
    let header = "status=0;score=1;username=" + String(repeating: "x", count: 400)
    let result = try run(server, try scenario(header: header), batch: 8) {
      $0.connections = 2
      $0.streams = 30
      $0.seconds = 1
    }
    #expect(result.replies > 0)
    #expect(result.decisionsPerSecond == result.repliesPerSecond * 8)
  }

  @Test func `a unix socket and idle connections do as well`() throws {
    let path = "/tmp/postern-loadgen-\(getpid()).sock"
    let server = try FakePostern(unixSocket: path)
    defer { try? server.stop() }
    let result = try run(server, try scenario()) {
      $0.connections = 1
      $0.idleConnections = 150
    }
    #expect(result.replies > 0 && result.idleConnections == 150)
    #expect(result.server?.byteCountPerIdleConnection != nil)
    // Each of the idle ones has asked once, before the load began.
    #expect(server.askedConnections == (once: 151, again: 1))
    #expect(result.latency.count == UInt64(result.replies))
  }

  @Test func `what threads have used counts when they are over`() {
    let start = ServerUsage.ownCPUNanoseconds()
    let isOver = DispatchSemaphore(value: 0)
    Thread {
      while ServerUsage.ownCPUNanoseconds() - start < 50_000_000 {}
      isOver.signal()
    }.start()
    isOver.wait()
    // The thread has yet to leave.
    Thread.sleep(forTimeInterval: 0.05)
    #expect(ServerUsage.ownCPUNanoseconds() - start >= 50_000_000)
  }

  @Test func `nobody listening is another failure than a wrong reply`() throws {
    let server = try FakePostern()
    try server.stop()
    let failure = #expect(throws: LoadFailure.self) { try run(server, try scenario()) { _ in } }
    guard case .unreachable? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }
}
