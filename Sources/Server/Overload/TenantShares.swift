import Wire

/// How much each tenant has asked of a loop while it was busy, lately.
///
/// Counted only while requests wait: whose load it is does not matter before. What was refused counts
/// as well, so that who asks for most does not come back in as soon as it has been turned away.
///
/// A tenant is known by a hash of its name. Two that share one share a count: it decides who waits, not
/// who is let in. Names that nobody serves are one tenant: anybody can make up as many as there are places,
/// and each would make the share of those that are served smaller.
struct TenantShares: ~Copyable {
  struct Tenant: Equatable {
    fileprivate let hash: UInt64

    init(hash: UInt64) { self.hash = hash }

    static var unknown: Tenant { Tenant(hash: 0) }
  }

  /// LIMIT: tenants told apart. A loop on which more are active at once has no one large tenant; those
  /// that find no place are within their share.
  static let countMax = 64
  /// LIMIT: what was asked half a window ago counts half. Long enough to hold several turns of a busy
  /// loop, short enough to forgive a burst.
  private static let windowNanoseconds: UInt64 = 100_000_000
  /// LIMIT: below so many decisions nobody has had too much.
  private static let judgedFrom: UInt64 = 32

  private var hashes = InlineArray<64, UInt64>(repeating: 0)
  private var counts = InlineArray<64, UInt64>(repeating: 0)
  private var activeCount = 0
  private var total: UInt64 = 0
  private var windowStart: UInt64 = 0

  /// Counts what a tenant asks for. Returns whether that is more than an equal share of what all
  /// active ones ask for. O(active tenants).
  mutating func count(_ decisions: Int, of tenant: Tenant, now: UInt64) -> Bool {
    if now &- windowStart > Self.windowNanoseconds { startWindow(at: now) }
    total &+= UInt64(decisions)
    guard let place = place(of: tenant) else { return false }
    counts[place] &+= UInt64(decisions)
    guard activeCount > 1, total >= Self.judgedFrom else { return false }
    return counts[place] > total / UInt64(activeCount)
  }

  /// Counts each decision of a message with the tenant that it names. Returns whether those that ask for more
  /// than their share ask for most of it: the first one's name alone would let a message be counted with
  /// somebody else. O(decisions).
  ///
  /// - Parameters:
  ///   - bytes: decisions from `offset` on, not checked; of those that are cut nothing is known.
  ///   - isServed: whether tables are published for names in `bytes`.
  mutating func count(
    _ decisions: Int, in bytes: Span<UInt8>, at offset: Int, now: UInt64,
    isServed: (_ tenant: ByteRange, _ trigger: ByteRange) -> Bool
  ) -> Bool {
    var excess = 0
    var left = decisions
    var names = RouteNames(in: bytes, at: offset)
    while left > 0 {
      var run = left
      var next: RouteNames?
      if let names {
        // The decisions behind it that name the same.
        run = 1
        next = names.next(in: bytes)
        while run < left, let same = next, names.areEqual(same, in: bytes) {
          run += 1
          next = same.next(in: bytes)
        }
        if next == nil { run = left }
      }
      if count(run, of: names?.tenant(in: bytes, isServed) ?? .unknown, now: now) { excess += run }
      left -= run
      names = next
    }
    return 2 * excess > decisions
  }

  private mutating func place(of tenant: Tenant) -> Int? {
    for index in 0..<activeCount where hashes[index] == tenant.hash { return index }
    guard activeCount < Self.countMax else { return nil }
    hashes[activeCount] = tenant.hash
    counts[activeCount] = 0
    activeCount += 1
    return activeCount - 1
  }

  /// Halves every count; who has none left is active no more.
  private mutating func startWindow(at now: UInt64) {
    windowStart = now
    total = 0
    var kept = 0
    for index in 0..<activeCount {
      let count = counts[index] / 2
      guard count > 0 else { continue }
      hashes[kept] = hashes[index]
      counts[kept] = count
      total &+= count
      kept += 1
    }
    activeCount = kept
  }
}

/// Where a decision lies that has not been checked, with its tenant's name and its trigger's.
private struct RouteNames {
  private let start: Int
  private let byteCount: Int
  private let tenant: ByteRange
  private let trigger: ByteRange

  /// `nil` where the decision's names are not all there.
  init?(in bytes: Span<UInt8>, at start: Int) {
    let names = start + DecisionRequest.fixedByteCount
    guard bytes.count >= names else { return nil }
    tenant = ByteRange(offset: names, count: Int(bytes[start + 20]))
    trigger = ByteRange(offset: tenant.end, count: Int(bytes[start + 21]))
    byteCount = Int(bytes.load(UInt32.self, at: start))
    guard bytes.count >= trigger.end, byteCount >= trigger.end - start else { return nil }
    self.start = start
  }

  /// The next decision's.
  func next(in bytes: Span<UInt8>) -> RouteNames? { RouteNames(in: bytes, at: start + byteCount) }

  func areEqual(_ other: RouteNames, in bytes: Span<UInt8>) -> Bool {
    guard tenant.count == other.tenant.count, trigger.count == other.trigger.count else { return false }
    let names = bytes.extracting(tenant.start..<trigger.end)
    return names.elementsEqual(bytes.extracting(other.tenant.start..<other.trigger.end))
  }

  func tenant(
    in bytes: Span<UInt8>, _ isServed: (ByteRange, ByteRange) -> Bool
  ) -> TenantShares.Tenant {
    guard isServed(tenant, trigger) else { return .unknown }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in tenant.start..<tenant.end {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
    }
    return TenantShares.Tenant(hash: hash)
  }
}
