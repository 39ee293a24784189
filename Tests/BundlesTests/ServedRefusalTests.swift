import Bundles
import Rules
import Tables
import Testing
import Wire

/// A server that is offered every damaged form of a newer bundle goes on serving what it served.
@Suite struct ServedRefusalTests {
  @Test(arguments: [false, true])
  func `every flipped bit and every truncation of a newer bundle changes nothing that is served`(
    isSigned: Bool
  ) throws {
    let key = PrivateKey()
    let policy = isSigned ? BundlePolicy(trusting: [key.publicKey]) : Fixture.insecure
    func bundle(_ verdict: String, serial: UInt64) throws -> [UInt8] {
      let bytes = try Fixture.bundle(verdict, serial: serial)
      return isSigned ? try Fixture.signed(bytes, by: key) : bytes
    }
    let store = TableStore()
    let reloader = BundleReloader(policy: policy, store: store, now: { 2_000 })
    #expect(reloader.offer(BundleBytes(try bundle("deny", serial: 5))).isPublished)
    let served = reloader.served
    let newer = try bundle("revoke", serial: 6)
    var refusedCount: UInt64 = 0
    func refuses(_ bytes: [UInt8], _ what: String) throws {
      guard case .refused = reloader.offer(BundleBytes(bytes)) else {
        Issue.record("\(what) was not refused")
        return
      }
      refusedCount += 1
      #expect(try verdict(store) == .deny, "\(what)")
    }
    for bit in 0..<(newer.count * 8) {
      var flipped = newer
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      try refuses(flipped, "bit \(bit)")
    }
    for count in newer.indices { try refuses(Array(newer.prefix(count)), "\(count) bytes") }
    #expect(reloader.counts.published == 1)
    #expect(reloader.counts.refusedTotal == refusedCount)
    #expect(reloader.served == served)
    // Whole, it is served.
    #expect(reloader.offer(BundleBytes(newer)).isPublished)
    #expect(try verdict(store) == .revoke)
  }
}
