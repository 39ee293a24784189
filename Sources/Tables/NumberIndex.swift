/// A lookup of numbers: how many boundaries lie below a number, by a table of buckets and a fixed number of
/// comparisons. Neither branches on the number.
///
/// Numbers fall into buckets by the exponent and the upper bits of `number - lowest + unit`, as in a
/// histogram: with a `unit` as wide as all boundaries together, buckets are equally wide; with a small one,
/// they double in width away from the lowest boundary. Layout, in bytes from this record on:
///
/// | part | content |
/// |---|---|
/// | index | this record |
/// | buckets | `UInt32`: how many boundaries lie in the buckets before |
/// | boundaries | `count` of `Double`, ascending, and at least `probeCount` infinities |
struct NumberIndex: BitwiseCopyable, Equatable {
  /// LIMIT: comparisons. Boundaries that lie closer than that in some bucket are searched as a whole.
  static let probeCountMax = 8
  /// LIMIT: buckets a boundary. More bring few comparisons less, and leave the nearest cache.
  private static let bucketsPerBoundary = 8
  private static let bucketCountMax = 1 << 16

  private(set) var lowest = 0.0
  private(set) var unit = 1.0
  private(set) var shift: UInt32 = 0
  private(set) var bucketCount: UInt32 = 1
  /// Most boundaries of a bucket; above `probeCountMax`, the buckets are not used.
  private(set) var probeCount: UInt32 = 0
  private(set) var boundariesOffset: UInt32 = 0

  /// The best index of these boundaries, which are finite and ascend. O(count × bits of a number).
  init(_ boundaries: [Double]) {
    guard let first = boundaries.first, let last = boundaries.last else {
      layOut()
      return
    }
    lowest = first
    let range = min(last - first, .greatestFiniteMagnitude)
    let gaps = zip(boundaries, boundaries.dropFirst()).map { $1 - $0 }
    let smallestGap = max(gaps.min() ?? 1, .leastNormalMagnitude)
    var best = self
    best.probeCount = .max
    var unit = max(min(range, smallestGap), .leastNormalMagnitude)
    while true {
      var candidate = self
      candidate.unit = unit
      candidate.fit(boundaries)
      if (candidate.probeCount, candidate.bucketCount) < (best.probeCount, best.bucketCount) {
        best = candidate
      }
      if unit >= range || !(unit * 4).isFinite { break }
      unit *= 4
    }
    self = best
    layOut()
  }

  /// As many buckets as there may be, and the most boundaries that lie in one.
  private mutating func fit(_ boundaries: [Double]) {
    let largest = key(boundaries[boundaries.count - 1])
    let limit = UInt64(min(Self.bucketCountMax, Self.bucketsPerBoundary * boundaries.count))
    while largest >> UInt64(shift) >= limit { shift += 1 }
    bucketCount = UInt32(largest >> UInt64(shift)) + 1
    var most: UInt32 = 0
    var run: UInt32 = 0
    var last = -1
    for boundary in boundaries {
      let bucket = bucket(boundary)
      run = bucket == last ? run + 1 : 1
      most = max(most, run)
      last = bucket
    }
    probeCount = most
  }

  private mutating func layOut() {
    boundariesOffset = UInt32((MemoryLayout<Self>.stride + 4 * Int(bucketCount) + 7) & ~7)
  }

  func byteCount(count: Int) -> Int {
    Int(boundariesOffset) + 8 * (count + Self.probeCountMax)
  }

  /// Never falls while the number grows, since none of its steps does.
  @inline(__always)
  private func key(_ number: Double) -> UInt64 {
    let distance = number - lowest
    let positive = distance > 0 ? distance : 0
    return (positive + unit).bitPattern &- unit.bitPattern
  }

  @inline(__always)
  func bucket(_ number: Double) -> Int {
    Int(truncatingIfNeeded: min(key(number) &>> UInt64(shift), UInt64(bucketCount) &- 1))
  }

  /// Whether a number's bucket lies in its table, whatever the number, and the boundaries behind that.
  var isSafe: Bool {
    shift < 64 && bucketCount > 0 && Int(bucketCount) <= Self.bucketCountMax
      && boundariesOffset % 8 == 0
      && Int(boundariesOffset) >= MemoryLayout<Self>.stride + 4 * Int(bucketCount)
  }
}

extension ChainView {
  /// Twice the boundaries below the number, and one more when it is a boundary itself.
  @inline(__always)
  func numberClass(of input: InputRecord, _ number: Double) -> Int {
    let base = Int(input.lookupOffset)
    let index: NumberIndex = load(at: base)
    let boundaries = base &+ Int(index.boundariesOffset)
    var below: Int
    if index.probeCount <= UInt32(NumberIndex.probeCountMax) {
      let first: UInt32 = load(
        at: base &+ MemoryLayout<NumberIndex>.stride &+ 4 &* index.bucket(number))
      below = Int(first)
      // A fixed number of comparisons, though fewer would often do: how many differs from input to input.
      let bucket = boundaries &+ 8 &* below
      for probe in 0..<(NumberIndex.probeCountMax / 2) {
        below &+= bit(boundary(at: bucket &+ 8 &* probe) < number)
      }
      if index.probeCount > UInt32(NumberIndex.probeCountMax / 2) {
        for probe in (NumberIndex.probeCountMax / 2)..<NumberIndex.probeCountMax {
          below &+= bit(boundary(at: bucket &+ 8 &* probe) < number)
        }
      }
    } else {
      below = countLeading(Int(input.lookupCount)) { place in
        boundary(at: boundaries &+ 8 &* place) < number
      }
    }
    // Behind the last boundary there is an infinity.
    return 2 &* below &+ bit(boundary(at: boundaries &+ 8 &* below) == number)
  }

  @inline(__always)
  private func boundary(at offset: Int) -> Double { load(at: offset) }
}
