import Signals
import Tables
import Wire

/// Decisions by one column that is a list of 100,000 members, and by one of a few: what a large list
/// costs is the difference.
func measureLists(_ meter: inout Meter) throws {
  var random = SplitMix64(seed: 3)
  for count in [16, 100_000] {
    for isIPv4 in [true, false] {
      let blocks = RandomBlocks(count: count, isIPv4: isIPv4, &random)
      let chain = try CompiledChain(plan("request.ip", blocks.partition))
      let kind = isIPv4 ? "IPv4" : "IPv6"
      for isHit in [true, false] {
        let inputs = (0..<inputCount).map { _ in
          SignalValue.address(isHit ? blocks.hit(&random) : blocks.miss(&random))
        }
        measure(&meter, "list/\(count) \(kind) prefixes, \(isHit ? "hit" : "miss")", chain, inputs, [])
      }
    }
    let members = (0..<count).map { "auth0|\($0 &* 0x9E37_79B9 & 0xFFFF_FFFF)" }
    let chain = try CompiledChain(
      plan("user.id", .strings(members: members, classes: members.map { _ in 1 })))
    for isHit in [true, false] {
      var message: [UInt8] = []
      let ranges = (0..<inputCount).map { _ in
        let text = random.pick(members) + (isHit ? "" : "x")
        message += Array(text.utf8)
        return ByteRange(offset: message.count - text.utf8.count, count: text.utf8.count)
      }
      let inputs = ranges.map { SignalValue.string($0, in: message.span, foldingCase: false) }
      measure(&meter, "list/\(count) texts, \(isHit ? "hit" : "miss")", chain, inputs, message)
    }
  }
}

/// So many that the lines which they touch do not all stay in the nearest caches.
private let inputCount = 65_536

/// A table of one column: what is in the list is denied, all else allowed.
private func plan(_ signal: String, _ partition: Partition) -> ChainPlan {
  let column = ColumnPlan(
    slot: 0, partition: partition, stateRows: [[2], [2], [2]], classRows: [[2], [3]])
  let rules = [(1, Verdict.deny), (2, .allow)].map { number, verdict in
    RulePlan(name: "", number: number, verdict: verdict, outputs: [])
  }
  let table = TablePlan(name: "list", version: 1, mode: .enforce, columns: [column], rules: rules)
  return ChainPlan(signals: [SignalRegistry()[signal]!], tables: [table], onLate: .allow)
}

private func measure(
  _ meter: inout Meter, _ name: String, _ chain: CompiledChain, _ inputs: [SignalValue],
  _ message: [UInt8]
) {
  var evaluator = Evaluator()
  var next = 0
  meter.measure(name) { _ in
    next = (next &+ 1) & (inputCount - 1)
    evaluator.vector[0] = inputs[next]
    let decision = evaluator.evaluate(chain.view, in: message.span, fallback: .allow)
    return UInt64(decision.verdict.rawValue)
  }
}

/// Blocks of the lengths that block lists have, spread as networks are: two in three IPv4 blocks in
/// a quarter of the space, IPv6 ones in a few registries' ranges.
private struct RandomBlocks {
  private var firsts: [UInt128] = []
  private var lengths: [UInt128] = []

  init(count: Int, isIPv4: Bool, _ random: inout SplitMix64) {
    var seen: Set<UInt128> = []
    while seen.count < count {
      let (bits, length) = Self.block(isIPv4, &random)
      if seen.insert(bits).inserted {
        firsts.append(bits)
        lengths.append(length)
      }
    }
    let order = firsts.indices.sorted { firsts[$0] < firsts[$1] }
    (firsts, lengths) = (order.map { firsts[$0] }, order.map { lengths[$0] })
  }

  private static func block(_ isIPv4: Bool, _ random: inout SplitMix64) -> (UInt128, UInt128) {
    if isIPv4 {
      let low = random.happens(66) ? UInt128(random.below(1 << 30)) : UInt128(random.below(1 << 32))
      // Neighbours stay apart: each block is the lower half of its own.
      let hostBits = random.pick([0, 0, 0, 4, 7, 7] as [UInt128])
      return (0xFFFF_0000_0000 | (low >> (hostBits + 1)) << (hostBits + 1), 1 << hostBits)
    }
    let registry = random.pick([0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2a02, 0x2a0c] as [UInt128])
    let rest = UInt128(random.below(1 << 32)) & ~1
    return (registry << 112 | rest << 80, 1 << 80)
  }

  var partition: Partition {
    var starts: [UInt128] = []
    var classes = [0]
    for index in firsts.indices {
      if starts.last ?? 0 > firsts[index] { continue }
      if starts.last == firsts[index] {
        starts.removeLast()
        classes.removeLast()
      } else {
        starts.append(firsts[index])
        classes.append(1)
      }
      starts.append(firsts[index] + lengths[index])
      classes.append(0)
    }
    return .addresses(starts: starts, classes: classes)
  }

  func hit(_ random: inout SplitMix64) -> UInt128 {
    let index = random.below(firsts.count)
    return firsts[index] + UInt128(random.below(Int(min(lengths[index], 1 << 40))))
  }

  /// Just behind a block.
  func miss(_ random: inout SplitMix64) -> UInt128 {
    let index = random.below(firsts.count)
    return firsts[index] + lengths[index]
  }
}
