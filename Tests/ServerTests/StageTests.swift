@testable import Server
import TestSupport
import Testing

extension ServerTests {
  @Suite struct StageTests {
    @Test func `reads and bytes are counted, and some batches are timed stage by stage`() async throws {
      try await TestServer.run { server in
        let client = try server.connect()
        let count = 2 * Stage.sampledBatchStride + 100
        let request = RawRequest.decide(
          message([TestDecision(bot: CapturedHeaders.strictBot, userRisk: CapturedHeaders.noTelemetry)]))
        func counts() -> [LoopActivity: UInt64] {
          let loop = server.server.metrics().loops[0]
          return Dictionary(uniqueKeysWithValues: loop.activities.map { ($0.activity, $0.count) })
        }
        for _ in 0..<count { _ = try client.exchange(request) }
        // Reads that are timed may all be of a window's updates: then some more.
        var expected = UInt64(count)
        while counts()[.timedRequests] == 0 {
          _ = try client.exchange(request)
          expected += 1
        }
        let (metrics, activities) = (server.server.metrics(), counts())
        #expect(activities[.requests] == expected)
        // Window updates come in reads of their own, or with a request.
        #expect((expected...(3 * expected)).contains(activities[.reads] ?? 0))
        #expect((activities[.readBytes] ?? 0) > expected * UInt64(request.body.count))
        #expect((activities[.writtenBytes] ?? 0) > expected * 100)
        let timed = activities[.timedReads] ?? 0
        #expect(timed == (activities[.reads] ?? 0) / UInt64(Stage.sampledBatchStride))
        #expect(timed >= 2)
        #expect((activities[.timedRequests] ?? 0) <= timed)
        let stages = Dictionary(uniqueKeysWithValues: metrics.stages.map { ($0.stage, $0.nanoseconds) })
        for stage in Stage.allCases { #expect((stages[stage] ?? 0) > 0, "\(stage)") }
        let parts = Stage.allCases.filter { $0 != .batch }.reduce(0) { $0 + (stages[$1] ?? 0) }
        #expect(parts <= stages[.batch] ?? 0)
      }
    }
  }
}
