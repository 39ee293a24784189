/// How long calls took, in microseconds: exact below 2,048, to a thousandth above.
struct Latencies: Sendable {
  /// LIMIT: 2^31 microseconds; what takes longer counts as that.
  private static let largest = 1 << 31
  private static let exactCount = 2048

  private var buckets = [Int](repeating: 0, count: Latencies.bucket(of: Latencies.largest) + 1)
  private(set) var count = 0

  mutating func add(_ duration: Duration) {
    buckets[Self.bucket(of: min(max(0, Int(duration / .microseconds(1))), Self.largest))] += 1
    count += 1
  }

  mutating func add(_ other: Latencies) {
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
  }

  /// In microseconds.
  func percentile(_ percent: Double) -> Int {
    var left = Int((Double(count) * percent / 100).rounded(.up))
    for (index, bucket) in buckets.enumerated() {
      left -= bucket
      if left <= 0 { return Self.microseconds(ofBucket: index) }
    }
    return Self.largest
  }

  /// Above the exact ones, 1,024 buckets for each further bit of the number.
  private static func bucket(of microseconds: Int) -> Int {
    if microseconds < exactCount { return microseconds }
    let shift = Int.bitWidth - microseconds.leadingZeroBitCount - 11
    return shift * 1024 + (microseconds >> shift)
  }

  private static func microseconds(ofBucket index: Int) -> Int {
    if index < exactCount { return index }
    let shift = index / 1024 - 1
    return (index - shift * 1024) << shift
  }
}
