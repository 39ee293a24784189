import Signals
import Wire

/// From a signal's value to its class.
///
/// Logins differ in ways that no branch predictor learns, so searches do not branch on a value.
extension ChainView {
  /// The class of the index of a case, or of a boolean.
  @inline(__always)
  func directClass(of input: InputRecord, index: UInt64) -> Int {
    let last = UInt64(input.lookupCount) &- 1
    let number: UInt32 = load(
      at: Int(input.lookupOffset) &+ Int(truncatingIfNeeded: min(index, last)) &* 4)
    return Int(number)
  }

  /// The class of a whole number. Scanners give numbers in range; one out of it is of the last class.
  @inline(__always)
  func directClass(of input: InputRecord, _ number: Double) -> Int {
    // A whole number from 0 lies in the low bits of its sum with 2^52. Every other sum's bits are
    // below those of 2^52 or far above.
    let zero = 4_503_599_627_370_496.0
    return directClass(of: input, index: (number + zero).bitPattern &- zero.bitPattern)
  }

  /// How many of `count` sorted elements, all of them at the front, meet a condition. O(log count).
  ///
  /// It looks at seven elements a step, and how many steps it takes depends on `count` alone.
  /// Counting what meets the condition needs no branch, where halving would be made into one.
  @inline(__always)
  func countLeading(_ count: Int, _ meetsCondition: (Int) -> Bool) -> Int {
    var first = 0
    var rest = count
    while rest > 8 {
      let stride = rest / 8
      var found = 0
      var index = first &- 1
      for _ in 0..<7 {
        index &+= stride
        found &+= bit(meetsCondition(index))
      }
      first &+= found &* stride
      // At least a stride; all of it lies in front of the old end.
      rest &-= 7 &* stride
    }
    var found = first
    for index in 0..<rest { found &+= bit(meetsCondition(first &+ index)) }
    return found
  }

  /// As `countLeading`, for counts that are most often 8 at most and differ from call to call: no branch
  /// depends on such a count. It looks at up to eight elements, there or behind the last.
  @inline(__always)
  func countLeadingOfFew(_ count: Int, _ meetsCondition: (Int) -> Bool) -> Int {
    var first = 0
    var rest = count
    while rest > 8 {
      let half = rest / 2
      first &+= bit(meetsCondition(first &+ half &- 1)) &* half
      rest &-= half
    }
    var found = first
    for index in 0..<8 { found &+= bit(meetsCondition(first &+ index)) & bit(index < rest) }
    return found
  }
}

/// 1 or 0. `condition ? 1 : 0` may become a branch; this does not.
@inline(__always)
func bit(_ condition: Bool) -> Int {
  // SAFETY: a `Bool` is a byte, 1 or 0.
  Int(unsafe unsafeBitCast(condition, to: UInt8.self))
}

/// All bits where `number` is negative, none where it is not. Unlike a comparison, it never becomes a
/// branch.
@inline(__always)
func onesIfNegative(_ number: Int) -> Int { number &>> 63 }
