@testable import Server
import Testing

@Suite struct ServiceTimeScaleTests {
  @Test func `a time lies in the first bucket whose bound is not below it`() {
    var times = Array(UInt64(0)...5000)
    for power in 0..<64 {
      for distance in -2...2 { times.append(UInt64(1) << UInt64(power) &+ UInt64(bitPattern: Int64(distance))) }
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<10_000 { times.append(random.next() >> UInt64.random(in: 27..<64)) }
    let last = ServiceTimeScale.bucketCount - 1
    for time in times {
      let bucket = ServiceTimeScale.bucket(of: time)
      guard time <= ServiceTimeScale.bound(of: last) else {
        #expect(bucket == last, "\(time)")
        continue
      }
      #expect(ServiceTimeScale.bound(of: bucket) >= time, "\(time)")
      if bucket > 0 { #expect(ServiceTimeScale.bound(of: bucket - 1) < time, "\(time)") }
    }
  }

  @Test func `a bound is at most a sixteenth above the times in its bucket`() {
    for bucket in 1..<ServiceTimeScale.bucketCount {
      let least = ServiceTimeScale.bound(of: bucket - 1) + 1
      let most = ServiceTimeScale.bound(of: bucket)
      #expect(most >= least)
      #expect(most - least <= least / 16, "\(bucket)")
    }
  }

  @Test func `every exported bound is the bound of a bucket`() {
    for bound in LoopMetrics.serviceTimeBounds {
      #expect(ServiceTimeScale.bound(of: ServiceTimeScale.bucket(of: bound)) == bound)
    }
    #expect(LoopMetrics.serviceTimeBounds == LoopMetrics.serviceTimeBounds.sorted())
  }

  @Test func `requests are counted when their replies are written, by door and arrival`() {
    let metrics = LoopMetrics(triggerCount: 1)
    var answered = AnsweredRequests()
    answered.count(in: metrics) { fatalError("nobody was answered") }
    for _ in 0..<3 { answered.add(.decide, arrival: 1000) }
    answered.add(.check, arrival: 1000)
    answered.add(.decide, arrival: 2000)
    answered.count(in: metrics) { 4000 }
    answered.count(in: metrics) { 9000 }
    let decisions = MetricsSnapshot.ServiceTime(.decide, [metrics])
    #expect(decisions.cumulative.last == 4)
    #expect(decisions.nanoseconds == 3 * 3000 + 2000)
    #expect(MetricsSnapshot.ServiceTime(.check, [metrics]).nanoseconds == 3000)
    // A clock that is behind counts as no time.
    answered.add(.ping, arrival: 5000)
    answered.count(in: metrics) { 4000 }
    #expect(MetricsSnapshot.ServiceTime(.ping, [metrics]).nanoseconds == 0)
    while !answered.isFull { answered.add(.stream, arrival: UInt64.random(in: 0...UInt64.max)) }
  }

  @Test func `quantiles and sums are those of all loops`() {
    let loops = (0..<3).map { _ in LoopMetrics(triggerCount: 1) }
    for time in UInt64(1)...3000 {
      loops[Int(time) % 3].countWritten(Door.check.rawValue, 1, nanoseconds: time * 100)
    }
    let time = MetricsSnapshot.ServiceTime(.check, loops)
    #expect(time.nanoseconds == 3000 * 3001 / 2 * 100)
    #expect(time.cumulative.last == 3000)
    for (bound, count) in zip(LoopMetrics.serviceTimeBounds, time.cumulative) {
      #expect(count == min(3000, bound / 100))
    }
    for quantile in time.quantiles {
      let exact = (3000 * quantile.part).rounded(.up) * 100
      #expect(Double(quantile.nanoseconds) >= exact)
      #expect(Double(quantile.nanoseconds) <= exact * 1.07)
    }
    #expect(MetricsSnapshot.ServiceTime(.ping, loops).quantiles.isEmpty)
  }
}
