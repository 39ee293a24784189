import NIOCore
import Sockets
import Testing

@testable import Server

/// How long a connection may be answered, by a loop that counts its turns.
@Suite struct TurnPartsTests {
  private static let millisecond: UInt64 = 1_000_000

  @Test func `each turn of a loop of sockets has its time, the later the less`() async throws {
    let loop = try SocketLoop.start(name: "test loop")
    let parts = try await loop.flatSubmit {
      let turns = NIOLoopBound(LoopTurns(loop), eventLoop: loop)
      let first = [100_000, 100_300, 107_000].map { turns.value.part(of: Self.millisecond, from: $0 * 1000) }
      return loop.scheduleTask(in: .milliseconds(5)) {
        first + [turns.value.part(of: Self.millisecond, from: 108 * Self.millisecond)]
      }.futureResult
    }.get()
    #expect(parts == [1_000_000, 700_000, 500_000, 1_000_000])
    try await loop.shutdownGracefully()
  }
}
