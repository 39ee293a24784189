import Testing

@testable import Server

@Suite struct ResidentBoundTests {
  /// Looks at a bound of 1,600 bytes, once a second unless told otherwise.
  private struct Looks {
    var bound = ResidentBound(byteCountMax: 1600)
    /// What is resident once the allocator has given back what it keeps.
    var used = 0
    var trimCount = 0
    private var second: UInt64 = 100

    mutating func look(_ resident: Int, after seconds: UInt64 = 1) -> ResidentBound.Change? {
      second += seconds
      let used = used
      var count = 0
      defer { trimCount += count }
      return bound.look(resident, at: second * 1_000_000_000) {
        count += 1
        return used
      }
    }
  }

  @Test func `what the allocator only keeps is given back, and nobody is refused`() {
    var looks = Looks()
    looks.used = 1000
    #expect(looks.look(1600) == nil && looks.trimCount == 0)
    #expect(looks.look(5000) == nil && looks.trimCount == 1)
    // Not again and again: what is used so soon was not kept for nothing.
    #expect(looks.look(1601) == .refuses && looks.trimCount == 1)
    #expect(looks.look(1601) == .recovers && looks.trimCount == 2)
    #expect(looks.look(1601, after: 10) == nil && looks.trimCount == 3)
  }

  @Test func `requests are refused until a sixteenth less is resident`() {
    var looks = Looks()
    looks.used = 1601
    #expect(looks.look(1601) == .refuses && looks.bound.isRefusing)
    for used in [1600, 1501] {
      looks.used = used
      #expect(looks.look(used) == nil && looks.bound.isRefusing)
    }
    #expect(looks.look(1500) == .recovers && !looks.bound.isRefusing)
    #expect(looks.look(1600) == nil && !looks.bound.isRefusing)
  }

  @Test func `where refusing does not help it ends, until more memory is gone`() {
    var looks = Looks()
    looks.used = 2000
    #expect(looks.look(2000) == .refuses)
    for _ in 1...9 { #expect(looks.look(2000) == nil && looks.bound.isRefusing) }
    #expect(looks.look(2000) == .givesUp && !looks.bound.isRefusing)
    for _ in 0..<100 { #expect(looks.look(2100) == nil) }
    looks.used = 2101
    #expect(looks.look(2101) == .refuses)
    // Once it has come down the bound is what it was.
    #expect(looks.look(1500) == .recovers)
    looks.used = 1601
    #expect(looks.look(1601, after: 10) == .refuses)
  }

  @Test func `a bound that fell out of reach and came back is the bound again`() {
    var looks = Looks()
    looks.used = 2000
    #expect(looks.look(2000) == .refuses)
    #expect(looks.look(2000, after: 10) == .givesUp)
    #expect(looks.look(1500) == nil)
    looks.used = 1601
    #expect(looks.look(1601, after: 10) == .refuses)
  }

  @Test func `without a bound nothing is looked at`() {
    var bound = ResidentBound(byteCountMax: 0)
    #expect(bound.look(.max, at: 1, trim: { 0 }) == nil)
  }
}
