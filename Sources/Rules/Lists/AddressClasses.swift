/// All addresses in classes: cut at the ends of the blocks that tests name by themselves, and between
/// two such ends by the lists that hold an address.
struct AddressClasses {
  struct Class {
    /// Its lowest address.
    let sample: UInt128
    /// Index of the stretch between ends that it is part of.
    let base: Int
    /// Indexes of the lists that hold its addresses, ascending.
    let lists: [Int]
  }

  let lists: [NamedList]
  /// Where the stretches between ends begin, ascending; the first is 0.
  let bases: [UInt128]
  /// Those of one base side by side.
  private(set) var classes: [Class] = []
  /// By base.
  private(set) var classesOfBase: [Range<Int>] = []
  /// Where the addresses of another class begin, ascending; the first is 0.
  private(set) var starts: [UInt128] = []
  private(set) var classOfStart: [Int] = []
  private var classesOfList: [[Range<Int>]]

  /// `ends` are the first addresses of named blocks and the first behind them, ascending, 0 left out.
  /// O((ends + blocks) × log of them + ends × lists).
  init(ends: [UInt128], lists: [NamedList]) {
    self.lists = lists
    bases = [0] + ends
    classesOfList = lists.map { _ in [] }
    var sweep = ListSweep(lists)
    for (base, start) in bases.enumerated() {
      let first = classes.count
      var numbers: [[Int]: Int] = [:]
      sweep.move(to: start)
      var place = start
      while true {
        let holders = sweep.holders
        let number = numbers[holders] ?? classes.count
        if number == classes.count {
          numbers[holders] = number
          for list in holders { Self.append(number, to: &classesOfList[list]) }
          classes.append(Class(sample: place, base: base, lists: holders))
        }
        starts.append(place)
        classOfStart.append(number)
        guard let next = sweep.nextChange, base + 1 == bases.count || next < bases[base + 1] else {
          break
        }
        place = next
        sweep.move(to: next)
      }
      classesOfBase.append(first..<classes.count)
    }
  }

  /// The classes whose addresses pass a test, as ascending ranges that do not touch.
  func ranges(of test: UnaryTest) -> [Range<Int>] {
    switch test {
    case .addresses(let block):
      let last = block.upperBound == .max ? bases.count : base(startingAt: block.upperBound + 1)
      let first = base(startingAt: block.lowerBound)
      return [classesOfBase[first].lowerBound..<classesOfBase[last - 1].upperBound]
    case .list(let list): return lists.firstIndex(of: list).map { classesOfList[$0] } ?? []
    default: return []
    }
  }

  private func base(startingAt address: UInt128) -> Int {
    var (low, high) = (0, bases.count)
    while low < high {
      let middle = (low + high) / 2
      if bases[middle] < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func append(_ number: Int, to ranges: inout [Range<Int>]) {
    if let last = ranges.last, last.upperBound == number {
      ranges[ranges.count - 1] = last.lowerBound..<(number + 1)
    } else {
      ranges.append(number..<(number + 1))
    }
  }
}

/// Goes through all addresses upwards, from one end of a list's block to the next.
private struct ListSweep {
  private let blocks: [[ClosedRange<UInt128>]]
  /// By list: the first block that ends at the address at hand or behind it.
  private var next: [Int]
  /// The lists that hold the address at hand, ascending.
  private(set) var holders: [Int] = []
  /// The first address behind the one at hand that other lists hold; `nil` where there is none.
  private(set) var nextChange: UInt128?

  init(_ lists: [NamedList]) {
    blocks = lists.map(\.blocks)
    next = lists.map { _ in 0 }
    move(to: 0)
  }

  /// `address` is none below the last.
  mutating func move(to address: UInt128) {
    holders.removeAll(keepingCapacity: true)
    nextChange = nil
    for list in blocks.indices {
      while next[list] < blocks[list].count, blocks[list][next[list]].upperBound < address {
        next[list] += 1
      }
      guard next[list] < blocks[list].count else { continue }
      let block = blocks[list][next[list]]
      let change: UInt128
      if block.lowerBound <= address {
        holders.append(list)
        if block.upperBound == .max { continue }
        change = block.upperBound + 1
      } else {
        change = block.lowerBound
      }
      nextChange = min(nextChange ?? .max, change)
    }
  }
}
