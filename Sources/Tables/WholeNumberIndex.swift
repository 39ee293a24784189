/// A lookup of numbers whose boundaries are whole and lie close: the class of every whole number from the
/// lowest boundary to the highest, and of what lies between two. It neither searches nor branches.
///
/// Layout, in bytes from this record on: the record, then a `UInt32` class of each of `classCount` stretches:
/// below the lowest boundary, at it, between it and the next whole number, at that one, and so on.
struct WholeNumberIndex: BitwiseCopyable, Equatable {
  /// LIMIT: whole numbers a boundary. With more, a `NumberIndex` takes far less memory.
  private static let numbersPerBoundary = 10
  /// LIMIT: whole numbers between the lowest boundary and the highest.
  static let rangeMax = 1 << 16
  /// LIMIT: what no whole number is above, so that differences of two are exact: 2^52.
  private static let magnitudeMax = 4_503_599_627_370_496.0

  private(set) var lowest = 0.0
  private(set) var highest = 0.0

  /// The index of boundaries that ascend; `nil` where they are not whole or lie too far apart.
  init?(_ boundaries: [Double]) {
    guard let first = boundaries.first, let last = boundaries.last,
      last - first <= Double(min(Self.rangeMax, Self.numbersPerBoundary * boundaries.count)),
      boundaries.allSatisfy({ $0 == $0.rounded() })
    else { return nil }
    lowest = first
    highest = last
    guard isSafe else { return nil }
  }

  /// Whether every number's place lies among `classCount` classes.
  var isSafe: Bool {
    lowest == lowest.rounded() && highest == highest.rounded() && abs(lowest) <= Self.magnitudeMax
      && abs(highest) <= Self.magnitudeMax && highest >= lowest
      && highest - lowest <= Double(Self.rangeMax)
  }

  /// Of a safe index.
  var classCount: Int { 2 * Int(highest - lowest) + 3 }

  /// The place of a number's class: twice the whole numbers from the lowest boundary on that are below it,
  /// and one more where it is the next.
  @inline(__always)
  func place(_ number: Double) -> Int {
    let aboveLowest = number > lowest ? number : lowest
    let between = aboveLowest < highest ? aboveLowest : highest
    // A number from 0 lies in the low bits of its sum with 2^52, rounded up or down: which of the two does
    // not matter.
    let zero = Self.magnitudeMax
    let sum = (between - lowest) + zero
    let nearest = lowest + (sum - zero)
    let steps = Int(truncatingIfNeeded: sum.bitPattern &- zero.bitPattern)
    return 2 &* steps &+ bit(number >= nearest) &+ bit(number > nearest)
  }

  /// The classes of all places.
  func classes(_ boundaries: [Double]) -> [UInt32] {
    var below = 0
    var classes: [UInt32] = [0]
    for step in 0...Int(highest - lowest) {
      let isBoundary = below < boundaries.count && boundaries[below] == lowest + Double(step)
      classes.append(UInt32(2 * below + (isBoundary ? 1 : 0)))
      if isBoundary { below += 1 }
      classes.append(UInt32(2 * below))
    }
    return classes
  }

  /// The boundaries of classes that `classes` made.
  func boundaries(_ classes: [UInt32]) -> [Double] {
    stride(from: 1, to: classes.count, by: 2).compactMap { place in
      classes[place] % 2 == 1 ? lowest + Double(place / 2) : nil
    }
  }
}

extension ChainView {
  /// Twice the boundaries below the number, and one more when it is a boundary itself.
  @inline(__always)
  func wholeNumberClass(of input: InputRecord, _ number: Double) -> Int {
    let base = Int(input.lookupOffset)
    let index: WholeNumberIndex = load(at: base)
    let found: UInt32 = load(
      at: base &+ MemoryLayout<WholeNumberIndex>.stride &+ 4 &* index.place(number))
    return Int(found)
  }
}
