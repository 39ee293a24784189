import Testing
import Wire

@testable import Server

/// What `#expect` can look at: it copies what it is given.
private final class Admitting {
  private var admission = Admission()

  var decisionNanoseconds: UInt64 { admission.decisionNanoseconds }
  var easyNanoseconds: UInt64 { admission.easyNanoseconds }

  func use(latencyBoundMilliseconds bound: Int) {
    admission.use(latencyBoundMilliseconds: bound)
  }

  func measure(_ nanoseconds: UInt64, decisions: Int) {
    admission.measure(nanoseconds, decisions: decisions)
  }

  func refusal(
    of tenant: TenantShares.Tenant, decisions: Int, waited: UInt64, now: UInt64
  ) -> Admission.Refusal? {
    admission.refusal(decisions: decisions, waited: waited) {
      $0.count(decisions, of: tenant, now: now)
    }
  }
}

/// As `Admitting`.
private final class Sharing {
  private var shares = TenantShares()

  func count(_ decisions: Int, of tenant: TenantShares.Tenant, now: UInt64) -> Bool {
    shares.count(decisions, of: tenant, now: now)
  }

  /// Of a message with a decision for each tenant that is named; tables of two are published.
  func count(_ tenants: [String]) -> Bool {
    count(message(tenants.map { TestDecision(tenant: $0) }), decisions: tenants.count)
  }

  func count(_ message: [UInt8], decisions: Int) -> Bool {
    let bytes = message.span
    return shares.count(decisions, in: bytes, at: MessageHeader.byteCount, now: 1) { tenant, _ in
      let name = bytes.extracting(tenant)
      return name.elementsEqual(Array("shop".utf8).span) || name.elementsEqual(Array("bank".utf8).span)
    }
  }
}

@Suite struct AdmissionTests {
  private static let millisecond: UInt64 = 1_000_000
  private static let one = TenantShares.Tenant(hash: 1)
  private static let two = TenantShares.Tenant(hash: 2)

  /// Bounded by 40 ms: 10 are easy, 20 are half.
  fileprivate static func admission(decisionNanoseconds: UInt64 = 1000) -> Admitting {
    let admission = Admitting()
    admission.use(latencyBoundMilliseconds: 40)
    for _ in 0..<200 { admission.measure(decisionNanoseconds, decisions: 1) }
    return admission
  }

  @Test func `the cost of a decision is what was measured, on average`() {
    let admission = Admitting()
    for _ in 0..<200 { admission.measure(256_000, decisions: 256) }
    #expect((900...1000).contains(admission.decisionNanoseconds))
    for _ in 0..<200 { admission.measure(64_000, decisions: 32) }
    #expect((1900...2000).contains(admission.decisionNanoseconds))
    for _ in 0..<200 { admission.measure(500, decisions: 1) }
    #expect((500...600).contains(admission.decisionNanoseconds))
  }

  @Test func `a pause of the machine is no measure of a table`() {
    let admission = Self.admission()
    admission.measure(50 * Self.millisecond, decisions: 1)
    #expect(admission.decisionNanoseconds < 1300)
  }

  @Test func `nobody is refused while nobody waits`() {
    let admission = Self.admission(decisionNanoseconds: 1_000_000)
    for waited in [0, 5, 10] as [UInt64] {
      #expect(
        admission.refusal(
          of: Self.one, decisions: 1024, waited: waited * Self.millisecond, now: 1) == nil)
    }
  }

  @Test func `what would be answered after the bound is refused, what would be in time is not`() {
    // 1,000 decisions take about a millisecond.
    let admission = Self.admission()
    let near = 40 * Self.millisecond - 1_000_000
    #expect(
      admission.refusal(of: Self.one, decisions: 900, waited: near, now: 1) == nil)
    #expect(
      admission.refusal(of: Self.one, decisions: 1024, waited: near + 60_000, now: 1) == .latency)
    #expect(
      admission.refusal(of: Self.one, decisions: 1, waited: 41 * Self.millisecond, now: 1)
        == .latency)
  }

  /// It would never be answered otherwise.
  @Test func `a message that alone takes longer than the bound is answered when half of it is left`() {
    let admission = Self.admission(decisionNanoseconds: 1_000_000)
    let half = 20 * Self.millisecond
    #expect(admission.refusal(of: Self.one, decisions: 1024, waited: half, now: 1) == nil)
    #expect(admission.refusal(of: Self.one, decisions: 1024, waited: half + 1, now: 1) == .latency)
  }

  @Test func `a tenant over its share is refused before others are`() {
    let admission = Self.admission()
    let waited = 25 * Self.millisecond
    for _ in 0..<100 {
      _ = admission.refusal(of: Self.one, decisions: 10, waited: 15 * Self.millisecond, now: 1)
    }
    #expect(admission.refusal(of: Self.two, decisions: 10, waited: waited, now: 1) == nil)
    #expect(admission.refusal(of: Self.one, decisions: 10, waited: waited, now: 1) == .tenant)
    #expect(admission.refusal(of: Self.two, decisions: 10, waited: waited, now: 1) == nil)
  }

  @Test func `without a bound nobody is ever refused`() {
    let admission = Admitting()
    admission.use(latencyBoundMilliseconds: 0)
    #expect(UInt64.max - 1 <= admission.easyNanoseconds)
    #expect(
      admission.refusal(of: Self.one, decisions: 1024, waited: .max - 1, now: 1) == nil)
  }
}

@Suite struct TenantSharesTests {
  private static func tenant(_ index: Int) -> TenantShares.Tenant {
    TenantShares.Tenant(hash: UInt64(index + 1))
  }

  @Test func `one tenant alone has all it wants`() {
    let shares = Sharing()
    for _ in 0..<1000 { #expect(!shares.count(100, of: Self.tenant(0), now: 1)) }
  }

  @Test func `equal tenants are all within their share, one that asks for more is not`() {
    let shares = Sharing()
    for _ in 0..<100 {
      for index in 0..<4 { _ = shares.count(10, of: Self.tenant(index), now: 1) }
    }
    let greedy = (0..<100).filter { _ in shares.count(10, of: Self.tenant(0), now: 1) }
    #expect(greedy.count >= 98)
    #expect(!shares.count(10, of: Self.tenant(1), now: 1))
  }

  @Test func `a burst is forgiven when some windows have gone by`() {
    let shares = Sharing()
    _ = shares.count(10, of: Self.tenant(1), now: 1)
    for _ in 0..<100 { _ = shares.count(100, of: Self.tenant(0), now: 1) }
    #expect(shares.count(1, of: Self.tenant(0), now: 1))
    var now: UInt64 = 1
    for _ in 0..<20 {
      now += 100_000_001
      _ = shares.count(100, of: Self.tenant(1), now: now)
      _ = shares.count(100, of: Self.tenant(2), now: now)
    }
    #expect(!shares.count(50, of: Self.tenant(0), now: now))
  }

  @Test func `tenants beyond those that can be told apart are within their share`() {
    let shares = Sharing()
    for index in 0..<TenantShares.countMax { _ = shares.count(10, of: Self.tenant(index), now: 1) }
    for _ in 0..<100 { #expect(!shares.count(1000, of: Self.tenant(500), now: 1)) }
  }

  @Test func `a message is counted with the tenants that its decisions name, not with its first one's`() {
    let shares = Sharing()
    let mixed = ["shop"] + Array(repeating: "bank", count: 99)
    _ = shares.count(["shop"])
    #expect((0..<100).count { _ in shares.count(mixed) } >= 98)
    // The tenant that was named first is within its share, and so is a message that is mostly its own.
    #expect(!shares.count(["shop"]))
    #expect(!shares.count(["bank", "shop", "shop"]))
    #expect(shares.count(["shop", "bank", "bank"]))
  }

  /// Each would make the share of those that are served smaller.
  @Test func `names that nobody serves are one tenant`() {
    let shares = Sharing()
    for round in 0..<100 {
      for index in 0..<20 { _ = shares.count(["made-up-\(round)-\(index)"]) }
      // Two tenants and the many ask for as much each.
      for tenant in ["shop", "bank"] { _ = shares.count(Array(repeating: tenant, count: 20)) }
    }
    #expect(shares.count(Array(repeating: "made-up", count: 1000)))
    #expect(!shares.count(["shop"]) && !shares.count(["bank"]))
  }

  @Test func `any bytes have some tenant`() {
    let whole = message([TestDecision(tenant: "shop"), TestDecision(tenant: "bank")])
    var random = SplitMix64(seed: 7)
    for count in whole.indices {
      _ = Sharing().count(Array(whole.prefix(count)), decisions: 1024)
      for _ in 0..<8 {
        var other = whole
        for place in count..<min(count + 4, whole.count) {
          other[place] = UInt8(truncatingIfNeeded: random.next())
        }
        _ = Sharing().count(other, decisions: 1024)
      }
    }
  }
}
