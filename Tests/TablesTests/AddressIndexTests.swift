import Signals
import Testing
import Wire

@testable import Tables

/// Large lookups of addresses against a search through all starts.
@Suite struct AddressIndexTests {
  /// Starts of IPv4 and IPv6 blocks: nested, side by side, at both ends of either space.
  private static func starts(_ count: Int, _ random: inout SplitMix64) -> [UInt128] {
    let ipv4First = MappedAddresses.first
    let (crowd, apart) = (UInt128(random.below(1 << 32)), UInt128(random.next()) << 64)
    var starts: Set<UInt128> = []
    while starts.count < count {
      let low = UInt128(random.below(1 << 32))
      switch random.below(9) {
      case 0: starts.insert(ipv4First + low)
      case 1: starts.insert(ipv4First + (low >> 8) << 8)
      // Many in one entry of the table.
      case 2, 3: starts.insert(ipv4First + (crowd >> 16) << 16 + UInt128(random.below(1 << 16)))
      case 4: starts.insert(UInt128(random.next()) << 64 | UInt128(random.next()))
      case 5: starts.insert(UInt128(0x2a02) << 112 | low << 80)
      case 6: starts.insert(apart | UInt128(random.below(100)))
      case 7: starts.insert([0, 1, .max, .max - 1, ipv4First - 1, ipv4First].randomElement(using: &random)!)
      default:
        starts.insert([MappedAddresses.end - 1, MappedAddresses.end].randomElement(using: &random)!)
      }
    }
    return starts.sorted()
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func `a large lookup finds what a search through all finds`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let count = [65, 66, 100, 512, 513, 1000, 5000, 20_000][Int(seed) - 1]
    let starts = Self.starts(count, &random)
    let classes = (0..<5).map(\.self) + (5...count).map { _ in random.below(5) }
    let chain = try Self.chain(starts, classes)
    var wrong: [String] = []
    var place = 0
    var samples = Set(starts.flatMap { [$0 &- 1, $0, $0 &+ 1] })
    for entry in 0..<UInt128(1 << 12) { samples.insert(MappedAddresses.first + entry << 20) }
    for _ in 0..<1000 { samples.insert(UInt128(random.next()) << 64 | UInt128(random.next())) }
    for sample in samples.sorted() {
      while place < starts.count, starts[place] <= sample { place += 1 }
      let found = Self.classIndex(of: sample, in: chain.view)
      if found != classes[place] { wrong.append("\(sample): \(found), not \(classes[place])") }
    }
    #expect(wrong.isEmpty, "seed \(seed): \(wrong.prefix(3))")
    let content = chain.view.content(ofColumn: 0, ofTable: 0)
    guard case .addresses(let known, let knownClasses) = chain.view.partition(of: content) else {
      Issue.record("no partition")
      return
    }
    // One start more, where IPv4 ends.
    #expect(Set(known).subtracting(starts).isSubset(of: [MappedAddresses.end]))
    #expect(known.count == knownClasses.count - 1 && Set(known).isSuperset(of: starts))
  }

  @Test func `IPv4 alone and IPv6 alone are found`() throws {
    for first in [MappedAddresses.first, UInt128(0x2001) << 112] {
      let starts = (0..<200).map { first + $0 * 7 }
      let chain = try Self.chain(starts, (0...200).map { $0 % 2 })
      for (index, start) in starts.enumerated() {
        #expect(Self.classIndex(of: start, in: chain.view) == (index + 1) % 2)
        #expect(Self.classIndex(of: start + 6, in: chain.view) == (index + 1) % 2)
      }
      #expect(Self.classIndex(of: .max, in: chain.view) == 0)
      #expect(Self.classIndex(of: 0, in: chain.view) == 0)
    }
  }

  @Test func `a changed byte of a large lookup is refused or not taken for a compiler's`() throws {
    var random = SplitMix64(seed: 11)
    let starts = Self.starts(90, &random)
    let chain = try Self.chain(starts, (0...90).map { $0 % 3 })
    let image = chain.image
    let record = chain.view.content(ofColumn: 0, ofTable: 0).input
    let range = Int(record.lookupOffset)..<(Int(record.lookupOffset) + Int(record.lookupCount) * 16)
    let original = [UInt8](copying: image)
    var passed = 0
    for offset in range {
      for mask in [UInt8(1), 0x80] {
        var bytes = original
        bytes[offset] ^= mask
        let aligned = AlignedImage(bytes)
        guard aligned.isValid else { continue }
        passed += 1
        // A search of it ends, and stays inside: the checker has seen to it.
        for sample in [0, starts[7], starts[60], .max, MappedAddresses.end - 1] {
          _ = Self.classIndex(of: sample, in: aligned.view)
        }
        let content = aligned.view.content(ofColumn: 0, ofTable: 0)
        if case .addresses(let known, let classes)? = aligned.view.partition(of: content) {
          // Another list then, and told as such.
          #expect(known != starts || classes != (0...90).map { $0 % 3 }, "byte \(offset)")
        }
      }
    }
    #expect(passed > 0)
  }

  private static func chain(_ starts: [UInt128], _ classes: [Int]) throws -> CompiledChain {
    let rows = (0...classes.max()!).map { _ in [UInt64(1)] }
    let column = ColumnPlan(
      slot: 0, partition: .addresses(starts: starts, classes: classes),
      stateRows: [[1], [1], [1]], classRows: rows)
    return try CompiledChain(
      ChainPlan(
        [TablePlan("t", .enforce, [column], verdicts: [.mfa])], signals: [.named("request.ip")]))
  }

  private static func classIndex(of address: UInt128, in chain: ChainView) -> Int {
    let empty: [UInt8] = []
    let content = chain.content(ofColumn: 0, ofTable: 0)
    return chain.rowIndex(of: .address(address), content, in: empty.span)
      - InputRecord.stateRowCount
  }
}
