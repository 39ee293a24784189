import Signals
@testable import Tables
import Testing

/// What one loop counts of a chain shares no cache line with what another does.
@Suite struct CountLayoutTests {
  @Test func `rows of counters are two cache lines apart`() throws {
    let chain = try VersionedChain.make(version: 1)
    let count = ChainCounts.counterCount(of: chain.view)
    let counts = ChainCounts(chain, loopCount: 4)
    for loop in 0..<3 {
      let end = unsafe counts.row(ofLoop: loop) + count
      #expect(unsafe counts.row(ofLoop: loop + 1) - end >= 16)
    }
  }
}
