import Signals
import Synchronization
import Wire

/// Signatures that were accepted and are still in their time window. Shared by all loops, lock-free.
///
/// Each lies in one bucket of eight places, by its hash. Where a bucket is full, the signature that
/// ends first is forgotten for the new one, and counted: the memory bounds itself, and says so.
///
/// | bits of a place | what |
/// |---|---|
/// | 0 to 23 | the second in which it ends, modulo 2^24 |
/// | 24 to 63 | hash, not zero; all zero where the place is free |
///
/// INVARIANT (places-in-bounds): `places` has `8 << bucketBits` initialised places.
@safe
public final class ReplayMemory: Sendable {
  private typealias Place = Atomic<UInt64>
  private static let bucketSize = 8
  private static let secondsMask: UInt64 = 0xFF_FFFF

  // SAFETY: the pointer never changes, and the places are atomic.
  nonisolated(unsafe) private let places: UnsafeMutablePointer<Place>
  private let bucketBits: Int
  private let forgotten = Atomic<UInt64>(0)

  /// LIMIT: 16 million places of eight bytes.
  public static let capacityMax = 1 << 24

  /// Room for at least `capacity` signatures: the rate of logins times twice the window.
  public init(capacity: Int) {
    precondition(capacity > 0 && capacity <= Self.capacityMax)
    var bits = 0
    while Self.bucketSize << bits < capacity { bits += 1 }
    bucketBits = bits
    let count = Self.bucketSize << bits
    unsafe places = .allocate(capacity: count)
    for index in 0..<count { unsafe (places + index).initialize(to: Place(0)) }
  }

  deinit { unsafe places.deallocate() }

  /// Times in headers up to `until` count as in time for `seconds` only: what was accepted of them is
  /// forgotten then.
  struct Narrowing: Equatable {
    var until: UInt64 = 0
    var seconds = UInt64.max
  }

  private let windows = Mutex((seconds: UInt64?.none, narrowing: Narrowing()))

  var narrowing: Narrowing { windows.withLock(\.narrowing) }

  /// Says that signatures are remembered for a window of so many seconds from now on. Where that is more than
  /// before, those that come under the old one stay under it.
  public func use(windowSeconds: UInt64, now: UInt64) {
    windows.withLock { windows in
      if let before = windows.seconds, before < windowSeconds {
        // The clock may have been set back.
        let former = windows.narrowing.until >= now ? windows.narrowing : Narrowing()
        windows.narrowing = Narrowing(
          until: max(former.until, now + before), seconds: min(former.seconds, before))
      }
      windows.seconds = windowSeconds
    }
  }

  /// How many were forgotten before their window ended. Above zero: the memory is too small.
  public var forgottenCount: UInt64 { forgotten.load(ordering: .relaxed) }

  /// Remembers a signature until a second (inclusive); `false` where it is remembered already.
  public func insert(_ signature: Span<UInt8>, until end: UInt64, now: UInt64) -> Bool {
    let (bucket, tag) = bucketAndTag(of: signature)
    let entry = tag | end & Self.secondsMask
    while true {
      var oldest = bucket
      var oldestLeft = UInt64.max
      var oldestEntry: UInt64 = 0
      for place in bucket..<bucket + Self.bucketSize {
        // SAFETY, here and below: (places-in-bounds).
        let known = unsafe places[place].load(ordering: .sequentiallyConsistent)
        let left = Self.secondsLeft(known, now: now)
        if left > 0, known & ~Self.secondsMask == tag { return false }
        if left < oldestLeft { (oldest, oldestLeft, oldestEntry) = (place, left, known) }
      }
      let (isDone, _) = unsafe places[oldest].compareExchange(
        expected: oldestEntry, desired: entry, ordering: .sequentiallyConsistent)
      guard isDone else { continue }
      if oldestLeft > 0 { forgotten.add(1, ordering: .relaxed) }
      // ORDERING (replay-seen): another loop may have put the same signature into another place
      // since that was looked at. Each writes its place before it looks at the others, so at least
      // one of two sees the other's: not both are told that it is new.
      for place in bucket..<bucket + Self.bucketSize where place != oldest {
        let known = unsafe places[place].load(ordering: .sequentiallyConsistent)
        if known & ~Self.secondsMask == tag, Self.secondsLeft(known, now: now) > 0 { return false }
      }
      return true
    }
  }

  /// Whether a signature is remembered.
  func contains(_ signature: Span<UInt8>, now: UInt64) -> Bool {
    let (bucket, tag) = bucketAndTag(of: signature)
    for place in bucket..<bucket + Self.bucketSize {
      // SAFETY: (places-in-bounds).
      let known = unsafe places[place].load(ordering: .sequentiallyConsistent)
      if known & ~Self.secondsMask == tag, Self.secondsLeft(known, now: now) > 0 { return true }
    }
    return false
  }

  /// The first place of a signature's bucket, and the hash that its entry has.
  private func bucketAndTag(of signature: Span<UInt8>) -> (bucket: Int, tag: UInt64) {
    let hash = Self.hash(signature)
    // The bucket's bits and the tag's overlap in no bit as long as there are 2^24 buckets at most.
    let bucket = Int(truncatingIfNeeded: hash & ((1 << UInt64(bucketBits)) - 1)) * Self.bucketSize
    return (bucket, max(hash >> 24, 1) << 24)
  }

  /// Every bit of it depends on every byte.
  private static func hash(_ signature: Span<UInt8>) -> UInt64 {
    let range = ByteRange(offset: 0, count: signature.count)
    let hash = stringHash(signature, range, foldingCase: false)
    let mixed = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
    return mixed ^ mixed >> 29
  }

  /// Seconds until an entry ends, the last one included; 0 for a free place or one that has ended.
  private static func secondsLeft(_ entry: UInt64, now: UInt64) -> UInt64 {
    guard entry != 0 else { return 0 }
    let left = (entry &- now) & secondsMask
    // LIMIT: no window is as long as half the circle, so more than that is in the past.
    return left > secondsMask / 2 ? 0 : left + 1
  }
}
