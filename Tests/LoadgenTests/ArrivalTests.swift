import Foundation
import LoadGenerator
import Testing

@Suite struct ArrivalTests {
  private func gaps(of kind: ArrivalKind, perSecond: Double, count: Int, seed: UInt64) -> [Double] {
    var arrivals = Arrivals(kind, perSecond: perSecond, start: 0, seed: seed)
    var last = Double(arrivals.next)
    return (0..<count).map { _ in
      arrivals.advance()
      defer { last = Double(arrivals.next) }
      return Double(arrivals.next) - last
    }
  }

  @Test(arguments: ArrivalKind.allCases, [10.0, 25_000])
  func `arrivals keep their rate`(kind: ArrivalKind, perSecond: Double) {
    let gaps = gaps(of: kind, perSecond: perSecond, count: 100_000, seed: 1)
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    #expect(abs(mean * perSecond / 1e9 - 1) < 0.02)
  }

  @Test(arguments: UInt64(1)...5)
  func `gaps of Poisson arrivals are exponentially distributed`(seed: UInt64) {
    let mean = 1e6
    let gaps = gaps(of: .poisson, perSecond: 1e9 / mean, count: 50_000, seed: seed)
    for multiple in [0.1, 0.5, 1, 2, 3] {
      let share = Double(gaps.count { $0 > multiple * mean }) / Double(gaps.count)
      #expect(abs(share - exp(-multiple)) < 0.01, "seed \(seed), \(multiple) gaps")
    }
  }

  @Test func `gaps of constant arrivals are equal`() {
    let gaps = gaps(of: .constant, perSecond: 8000, count: 1000, seed: 1)
    #expect(gaps.allSatisfy { $0 == 125_000 })
  }

  @Test func `constant arrivals of two threads fall between each other`() {
    let first = Arrivals(.constant, perSecond: 1000, start: 5_000_000, phase: 0, seed: 1)
    let second = Arrivals(.constant, perSecond: 1000, start: 5_000_000, phase: 0.5, seed: 1)
    #expect(second.next - first.next == 500_000)
  }
}
