/// Where the parts of a large lookup of addresses lie, in bytes from its begin.
///
/// | part | content |
/// |---|---|
/// | index | this record |
/// | levels | `levelCountMax` of `AddressLevel`, root first |
/// | IPv4 table | `AddressStretch` by the upper bits of an address, and one more |
/// | IPv4 starts | `AddressStretch`, ascending, and a node's worth behind them |
/// | nodes | by level: IPv6 starts, each a high and a low `UInt64`, padded with ones |
/// | IPv6 classes | `UInt32`: below the first start, then behind each |
///
/// In the table, `first` is how many IPv4 starts lie below, `classIndex` the class before the next. The
/// leaves of the nodes hold all IPv6 starts, each other level the first of each node below it.
///
/// An IPv4 address takes two cache misses: its entry in the table, and the few starts that share its
/// upper bits. An IPv6 one takes two lines a level, of which all but the last few stay cached.
struct AddressIndex: BitwiseCopyable, Equatable {
  /// LIMIT: up to so many starts, a search of them all is as fast and takes less memory.
  static let smallStartCountMax = 64
  /// Starts of a node: two cache lines.
  static let nodeStartCount = 8
  static let nodeByteCount = nodeStartCount * 16
  /// LIMIT: levels for 8^8 starts, nearly as many as an image has bytes for.
  static let levelCountMax = 8
  static let startCountMax = 1 << (3 * levelCountMax) - 1
  /// LIMIT: 65,536 entries of the IPv4 table are 512 KiB, which a second-level cache holds.
  private static let tableBitCountMax = 16
  static let unitByteCount = 16

  private(set) var ipv4Count: UInt32 = 0
  private(set) var ipv6Count: UInt32 = 0
  /// How far an IPv4 address is shifted to the right to be an index of the table.
  private(set) var ipv4Shift: UInt32 = 0
  private(set) var tableOffset: UInt32 = 0
  private(set) var ipv4Offset: UInt32 = 0
  private(set) var classesOffset: UInt32 = 0
  private(set) var levelCount: UInt32 = 0
  /// Of the whole lookup, in `unitByteCount`.
  private(set) var unitCount: UInt32 = 0

  /// The layout of so many starts. What an image says is right where it equals this, and its parts lie
  /// inside of the lookup.
  init(ipv4Count: Int, ipv6Count: Int) {
    var bitCount = 0
    while bitCount < Self.tableBitCountMax, 1 << bitCount < ipv4Count { bitCount += 1 }
    var end = Self.aligned(MemoryLayout<Self>.stride + Self.levelCountMax * 8)
    tableOffset = UInt32(truncatingIfNeeded: end)
    end = Self.aligned(end + ((1 << bitCount) + 1) * 8)
    ipv4Offset = UInt32(truncatingIfNeeded: end)
    end = Self.aligned(end + (ipv4Count + Self.nodeStartCount) * 8)
    let levels = Self.levels(ipv6Count: ipv6Count, at: end)
    for level in levels { end += Int(level.nodeCount) * Self.nodeByteCount }
    classesOffset = UInt32(truncatingIfNeeded: end)
    end = Self.aligned(end + (ipv6Count + 1) * 4)
    ipv4Shift = UInt32(32 - bitCount)
    self.ipv4Count = UInt32(ipv4Count)
    self.ipv6Count = UInt32(ipv6Count)
    levelCount = UInt32(levels.count)
    unitCount = UInt32(truncatingIfNeeded: end / Self.unitByteCount)
  }

  /// How many entries the IPv4 table has, the one behind the last address aside.
  var tableCount: Int { 1 << (32 - Int(ipv4Shift)) }

  /// Root first.
  var levels: [AddressLevel] {
    let start = Self.aligned(Int(ipv4Offset) + (Int(ipv4Count) + Self.nodeStartCount) * 8)
    return Self.levels(ipv6Count: Int(ipv6Count), at: start)
  }

  private static func levels(ipv6Count: Int, at start: Int) -> [AddressLevel] {
    var nodeCounts: [Int] = []
    var rest = ipv6Count
    repeat {
      rest = max(1, (rest + nodeStartCount - 1) / nodeStartCount)
      nodeCounts.append(rest)
    } while rest > 1
    var offset = start
    return nodeCounts.reversed().map { count in
      defer { offset += count * nodeByteCount }
      return AddressLevel(
        offset: UInt32(truncatingIfNeeded: offset), nodeCount: UInt32(count))
    }
  }

  /// Parts begin at cache lines.
  private static func aligned(_ offset: Int) -> Int { (offset + 63) & ~63 }
}

/// One level of the IPv6 nodes.
struct AddressLevel: BitwiseCopyable, Equatable {
  var offset: UInt32 = 0
  var nodeCount: UInt32 = 0
}

/// A stretch of IPv4 addresses of one class.
struct AddressStretch: BitwiseCopyable, Equatable {
  /// Where it begins, as a number of 32 bits; in the table, how many starts lie below it.
  var first: UInt32
  var classIndex: UInt32
}

/// The addresses that are IPv4, as IPv4-mapped IPv6.
enum MappedAddresses {
  static let first: UInt128 = 0xFFFF_0000_0000
  /// The first address behind them.
  static let end: UInt128 = 0x1_0000_0000_0000
}
