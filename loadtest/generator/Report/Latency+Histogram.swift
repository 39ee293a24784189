import Histogram

extension LoadResult.Latency {
  /// All zero when nothing was recorded.
  init(_ histogram: Histogram<UInt64>) {
    count = histogram.totalCount
    guard count > 0 else {
      (mean, min, p50, p90, p99, p999, p9999, max, points) = (0, 0, 0, 0, 0, 0, 0, 0, [])
      return
    }
    mean = histogram.mean
    min = histogram.min
    p50 = histogram.valueAtPercentile(50)
    p90 = histogram.valueAtPercentile(90)
    p99 = histogram.valueAtPercentile(99)
    p999 = histogram.valueAtPercentile(99.9)
    p9999 = histogram.valueAtPercentile(99.99)
    max = histogram.max
    points = histogram.percentiles(ticksPerHalfDistance: 5).map {
      LoadResult.Point(percentile: $0.percentileLevelIteratedTo, nanoseconds: $0.value)
    }
  }
}
