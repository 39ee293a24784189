import Wire

/// How much each tenant has asked of a loop while it was busy, lately.
///
/// Counted only while requests wait: whose load it is does not matter before. What was refused counts
/// as well, so that who asks for most does not come back in as soon as it has been turned away.
///
/// A tenant is known by a hash of its name. Two that share one share a count: it decides who waits, not
/// who is let in.
struct TenantShares: ~Copyable {
  struct Tenant: Equatable {
    fileprivate let hash: UInt64

    init(hash: UInt64) { self.hash = hash }
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

extension TenantShares.Tenant {
  /// The tenant of a message's first decision; of a message that is cut, none.
  init(ofMessage message: Span<UInt8>) {
    self.init(ofDecision: message, at: MessageHeader.byteCount)
  }

  /// The tenant of the decision that begins at `offset`; of one that is cut, none.
  init(ofDecision bytes: Span<UInt8>, at offset: Int) {
    let start = offset + DecisionRequest.fixedByteCount
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    if bytes.count >= start {
      let end = start + Int(bytes[offset + 20])
      for index in start..<min(end, bytes.count) {
        hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
      }
    }
    self.init(hash: hash)
  }
}
