import NIOCore
import Testing

@testable import PosternClient

@Suite struct BackOffTests {
  @Test(arguments: UInt64(0)..<20)
  func `waits double up to the bound, half of each by chance`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var backOff = BackOff(least: .milliseconds(50), most: .seconds(5))
    for attempt in 0..<100 {
      let whole = min(Int64(50) << min(Int64(attempt), 20), 5_000)
      let wait = backOff.fail(using: &random)
      #expect(wait <= .milliseconds(whole), "seed \(seed), attempt \(attempt)")
      #expect(wait >= .milliseconds(whole / 2), "seed \(seed), attempt \(attempt)")
    }
    backOff.succeed()
    #expect(backOff.fail(using: &random) <= .milliseconds(50))
  }

  @Test func `a huge bound does not overflow`() {
    var random = SplitMix64(seed: 1)
    var backOff = BackOff(least: .hours(1_000_000), most: .hours(2_000_000))
    for _ in 0..<70 { #expect(backOff.fail(using: &random) <= .hours(2_000_000)) }
  }
}
