import NIOEmbedded
import Testing

@testable import Server

@Suite struct LoopTurnsTests {
  private static let millisecond: UInt64 = 1_000_000

  /// A turn from 100 to 110 ms, and one that begins at `start`.
  private static func afterLongTurn(at start: UInt64) -> LoopTurns {
    let loop = EmbeddedEventLoop()
    let turns = LoopTurns(loop)
    _ = turns.start(now: 100 * millisecond, only: false)
    SimulatedClock.$nanoseconds.withValue({ 110 * millisecond }) { loop.run() }
    #expect(turns.start(now: start * millisecond, only: false) == start * millisecond)
    return turns
  }

  /// When that is taken to have come, in milliseconds, which came then and is read `now`.
  private static func arrival(_ turns: LoopTurns, in start: UInt64, now: UInt64, came: UInt64?) -> UInt64 {
    turns.arrival(in: start * millisecond, now: now * millisecond) {
      came.map { (now - $0) * millisecond }
    } / millisecond
  }

  @Test(arguments: [UInt64(110), 111, 115, 140])
  func `what came during the turn before is as old as it is, whenever in this one it is read`(now: UInt64) {
    let turns = Self.afterLongTurn(at: 110)
    for came: UInt64 in [101, 108, 110] {
      #expect(Self.arrival(turns, in: 110, now: now, came: came) == came)
    }
    // Before, the loop had time for it: it came in parts.
    #expect(Self.arrival(turns, in: 110, now: now, came: 50) == 100)
    // On a unix socket it may have come when that turn had just begun.
    #expect(Self.arrival(turns, in: 110, now: now, came: nil) == 100)
  }

  @Test func `what comes during a long turn to be read in it is no older than it is`() {
    let turns = Self.afterLongTurn(at: 200)
    #expect(Self.arrival(turns, in: 200, now: 260, came: 255) == 255)
    #expect(Self.arrival(turns, in: 200, now: 260, came: 150) == 200)
    #expect(Self.arrival(turns, in: 200, now: 260, came: nil) == 200)
    // In a short one nobody asks.
    #expect(Self.arrival(turns, in: 200, now: 202, came: 202) == 200)
  }

  @Test func `who is answered later in a turn has what is left of it, and a little in any case`() {
    let turns = Self.afterLongTurn(at: 200)
    let parts = [200_000, 200_300, 200_600, 207_000].map { (start: UInt64) in
      turns.part(of: Self.millisecond, from: start * 1000) / 1000
    }
    #expect(parts == [1000, 700, 500, 500])
    #expect(turns.part(of: 30_000, from: 207 * Self.millisecond) == 30_000)
    #expect(turns.part(of: .max, from: 207 * Self.millisecond) == .max)
  }

  @Test func `where a connection is the only one all is read as it comes`() {
    let turns = Self.afterLongTurn(at: 110)
    #expect(turns.start(now: 115 * Self.millisecond, only: true) == 115 * Self.millisecond)
    #expect(Self.arrival(turns, in: 115, now: 115, came: 112) == 115)
  }
}
