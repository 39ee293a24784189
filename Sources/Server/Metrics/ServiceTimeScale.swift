/// How times are sorted into the buckets of a histogram, in nanoseconds: sixteen buckets of one width
/// from a power of two to the next, as HdrHistogram does it, so that a bucket's bound is at most a
/// sixteenth above any time in it.
enum ServiceTimeScale {
  private static let widthBits = 4
  /// LIMIT: 2^36 ns are 69 s, seven times the longest drain; what took longer counts in the last bucket.
  private static let octaveMax = 36
  static let bucketCount = (octaveMax - widthBits + 2) << widthBits

  /// The bucket of a time: the first whose bound is not below it. A count of leading zeros and two shifts.
  @inline(__always)
  static func bucket(of nanoseconds: UInt64) -> Int {
    // Bounds belong to their buckets: powers of two are bounds.
    let time = nanoseconds &- (nanoseconds > 0 ? 1 : 0)
    guard time >> (octaveMax + 1) == 0 else { return bucketCount - 1 }
    guard time >> UInt64(widthBits) > 0 else { return Int(time) }
    let shift = 63 - time.leadingZeroBitCount - widthBits
    return shift << widthBits + Int(time >> UInt64(shift))
  }

  /// The longest time in a bucket.
  static func bound(of bucket: Int) -> UInt64 {
    guard bucket >> widthBits > 0 else { return UInt64(bucket) + 1 }
    let shift = bucket >> widthBits - 1
    return UInt64(bucket - shift << widthBits + 1) << UInt64(shift)
  }
}
