/// Service times summed over loops.
extension MetricsSnapshot.ServiceTime {
  init(_ door: Door, _ loops: [LoopMetrics]) {
    let first = door.rawValue * LoopMetrics.serviceTimeStride
    func sum(_ index: Int) -> UInt64 {
      loops.reduce(0) { $0 + $1.serviceTime.value(at: first + index) }
    }
    let counts = (0..<ServiceTimeScale.bucketCount).map(sum)
    var running: UInt64 = 0
    let upTo = counts.map { count in
      running += count
      return running
    }
    self.door = door.name
    cumulative =
      LoopMetrics.serviceTimeBounds.map { upTo[ServiceTimeScale.bucket(of: $0)] } + [running]
    nanoseconds = sum(ServiceTimeScale.bucketCount)
    quantiles = Self.parts.compactMap { part in
      let wanted = UInt64((Double(running) * part).rounded(.up))
      return upTo.firstIndex { $0 >= wanted && $0 > 0 }
        .map { (part, ServiceTimeScale.bound(of: $0)) }
    }
  }
}
