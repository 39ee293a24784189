/// Where the parts of a large lookup of addresses lie, in bytes from its begin.
///
/// | part | content |
/// |---|---|
/// | index | this record |
/// | levels | `levelCountMax` of `AddressLevel`, root first |
/// | IPv4 table | `AddressStretch` by an address's distance from the first start, and one more |
/// | IPv4 starts | `AddressStretch`, ascending, and a node's worth behind them |
/// | nodes | by level: IPv6 starts, each a high and a low `UInt64`, padded with ones |
/// | IPv6 classes | `UInt32`: below the first start, then behind each |
///
/// The IPv4 table divides the addresses between the first IPv4 start and the last into equal stretches, so
/// that few starts fall into one wherever they lie. In it, `first` is how many IPv4 starts lie below,
/// `classIndex` the class before the next. The leaves of the nodes hold all IPv6 starts, each other level
/// the first of each node below it.
///
/// An IPv4 address takes two cache misses: its entry in the table, and the few starts that share its
/// stretch. An IPv6 one takes two lines a level, of which all but the last few stay cached.
struct AddressIndex: BitwiseCopyable, Equatable {
  /// LIMIT: up to so many starts, a search of them all is as fast and takes less memory.
  static let smallStartCountMax = 8
  /// Starts of a node: two cache lines.
  static let nodeStartCount = 8
  static let nodeByteCount = nodeStartCount * 16
  /// LIMIT: levels for 8^8 starts, nearly as many as an image has bytes for.
  static let levelCountMax = 8
  static let startCountMax = 1 << (3 * levelCountMax) - 1
  /// LIMIT: 65,536 entries of the IPv4 table are 512 KiB, which a second-level cache holds.
  private static let tableCountMax = 1 << 16
  private static let entriesPerStart = 4
  /// LIMIT: starts that are compared with an address whatever it is, where no entry has more.
  static let probeCountMax = nodeStartCount
  static let unitByteCount = 16

  private(set) var ipv4Count: UInt32 = 0
  private(set) var ipv6Count: UInt32 = 0
  /// The first IPv4 start, from which the table counts.
  private(set) var ipv4First: UInt32 = 0
  /// How far an address's distance from it is shifted to the right to be an index of the table.
  private(set) var ipv4Shift: UInt32 = 0
  /// How many entries the IPv4 table has, the one behind the last address aside.
  private(set) var tableCount: UInt32 = 1
  /// Most starts of an entry.
  private(set) var probeCount: UInt32 = 0
  private(set) var tableOffset: UInt32 = 0
  private(set) var ipv4Offset: UInt32 = 0
  private(set) var classesOffset: UInt32 = 0
  private(set) var levelCount: UInt32 = 0
  /// Of the whole lookup, in `unitByteCount`.
  private(set) var unitCount: UInt32 = 0
  private var reserved: UInt32 = 0

  /// The index of so many starts; those of IPv4 ascend.
  init(ipv4Starts starts: [UInt32], ipv6Count: Int) {
    ipv4Count = UInt32(starts.count)
    self.ipv6Count = UInt32(ipv6Count)
    if let first = starts.first, let last = starts.last {
      ipv4First = first
      let limit = UInt32(min(Self.tableCountMax, Self.entriesPerStart * starts.count))
      while (last - first) >> ipv4Shift >= limit { ipv4Shift += 1 }
      tableCount = (last - first) >> ipv4Shift + 1
      var run: UInt32 = 0
      var lastEntry = -1
      for start in starts {
        let entry = self.entry(of: start)
        run = entry == lastEntry ? run + 1 : 1
        probeCount = max(probeCount, run)
        lastEntry = entry
      }
    }
    layOut()
  }

  /// Puts the parts behind one another.
  private mutating func layOut() {
    var end = Self.aligned(MemoryLayout<Self>.stride + Self.levelCountMax * 8)
    tableOffset = UInt32(truncatingIfNeeded: end)
    end = Self.aligned(end + (Int(tableCount) + 1) * 8)
    ipv4Offset = UInt32(truncatingIfNeeded: end)
    let levels = self.levels
    end = levelsStart
    for level in levels { end += Int(level.nodeCount) * Self.nodeByteCount }
    classesOffset = UInt32(truncatingIfNeeded: end)
    end = Self.aligned(end + (Int(ipv6Count) + 1) * 4)
    levelCount = UInt32(levels.count)
    unitCount = UInt32(truncatingIfNeeded: end / Self.unitByteCount)
  }

  /// Whether the parts lie where an index of these counts has them. The counts are those of a lookup of
  /// `unitCount` units at most.
  func isLaidOut(unitCount: Int) -> Bool {
    guard Int(ipv4Count) <= unitCount * 2, Int(ipv6Count) <= unitCount, tableCount > 0,
      Int(tableCount) <= Self.tableCountMax, ipv4Shift < 32
    else { return false }
    var copy = self
    copy.layOut()
    return copy == self && Int(self.unitCount) == unitCount
  }

  /// An IPv4 address's entry in the table.
  @inline(__always)
  func entry(of address: UInt32) -> Int {
    let distance = address > ipv4First ? address &- ipv4First : 0
    return Int(min(distance &>> ipv4Shift, tableCount &- 1))
  }

  private var levelsStart: Int {
    Self.aligned(Int(ipv4Offset) + (Int(ipv4Count) + Self.nodeStartCount) * 8)
  }

  /// Root first.
  var levels: [AddressLevel] {
    Self.levels(ipv6Count: Int(ipv6Count), at: levelsStart)
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
