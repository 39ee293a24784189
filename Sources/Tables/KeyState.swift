import Synchronization

/// What the writers of a store know of one key: its cell, its last versions, and its switches.
struct KeyState {
  let cell: Cell
  /// The last ones that were published, oldest first; the pinned one stays however old it is.
  private(set) var versions: [ChainVersion] = []
  /// The serial of the version that is served whatever is published.
  var pinned: UInt64?
  /// Whether a version was pinned that this process could not read, so that the newest is served.
  var isPinLost = false
  var isKilled = false
  var killedTables: Set<String> = []

  init(_ key: TableKey) { cell = Cell(key) }

  var newest: ChainVersion? { versions.last }

  var served: ChainVersion? {
    guard let pinned else { return versions.last }
    return versions.first { $0.serial == pinned }
  }

  /// Records a version, and forgets the oldest that `limit` leaves no room for.
  mutating func record(_ version: ChainVersion, limit: Int) {
    versions.append(version)
    while versions.count > limit {
      let oldest = versions.first?.serial == pinned ? 1 : 0
      // The pinned one and the newest are kept, even where the limit is 1.
      guard oldest < versions.count - 1 else { return }
      versions.remove(at: oldest)
    }
  }

  var hasKills: Bool { isKilled || !killedTables.isEmpty }

  /// The word of switches for a chain of these tables.
  func killed(in tables: [String]) -> UInt64 {
    var word: UInt64 = isKilled ? Publication.wholeTrigger : 0
    guard !killedTables.isEmpty else { return word }
    for (index, name) in tables.enumerated() where killedTables.contains(name) {
      word |= 1 << UInt64(index)
    }
    return word
  }

  func report(_ key: TableKey) -> ChainReport {
    let served = self.served.flatMap { $0.chain == nil ? nil : $0.report }
    return ChainReport(
      key: key, served: served, isPinned: pinned != nil, isPinLost: isPinLost,
      newestSerial: newest?.serial ?? 0, isKilled: isKilled, killedTables: killedTables.sorted())
  }
}
