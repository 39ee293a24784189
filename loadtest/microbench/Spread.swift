/// The middle of some numbers, and how far the others are from it.
struct Spread: Encodable {
  let median: Double
  let lowest: Double
  let highest: Double

  /// Of one number or more.
  init(_ numbers: [Double]) {
    let sorted = numbers.sorted()
    median = sorted[sorted.count / 2]
    lowest = sorted[0]
    highest = sorted[sorted.count - 1]
  }
}
