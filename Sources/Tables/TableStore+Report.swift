import Synchronization
import Wire

/// What an operator may ask, without holding up the loops.
extension TableStore {
  /// Every key that was ever published, in order. O(keys).
  public var keys: [TableKey] { writer.withLock { $0.keys.keys.sorted() } }

  /// Those of the keys that `isIncluded`, in order. O(keys).
  public func reports(where isIncluded: (TableKey) -> Bool) -> [ChainReport] {
    writer.withLock { state in
      state.keys.filter { isIncluded($0.key) }.map { $0.value.report($0.key) }
    }.sorted { $0.key < $1.key }
  }

  /// How many triggers and tables are killed, and how many keys are pinned. O(keys).
  public var switchCounts: (killedTriggers: Int, killedTables: Int, pinned: Int) {
    writer.withLock { state in
      state.keys.values.reduce(into: (0, 0, 0)) { counts, key in
        if key.isKilled { counts.0 += 1 }
        counts.1 += key.killedTables.count
        if key.pinned != nil { counts.2 += 1 }
      }
    }
  }

  /// The versions of a key that can be gone back to, the newest first; `nil` where nothing was ever
  /// published under it.
  public func versions(of key: TableKey) -> [VersionReport]? {
    writer.withLock { $0.keys[key]?.versions.reversed().map(\.report) }
  }

  /// What was counted of every chain that is served and has decided, in the order of their keys.
  /// Each chain counts from its publication on. O(keys and counters).
  public func statistics(where isIncluded: (TableKey) -> Bool = { _ in true }) -> [ChainStatistics] {
    let served = writer.withLock { state in
      state.keys.filter { isIncluded($0.key) }.compactMap { key, known in
        // SAFETY: the cell's own reference keeps it alive while the writer is locked.
        let publication = unsafe known.cell.publication.load(ordering: .sequentiallyConsistent)
        return unsafe publication.map {
          (key: key, serial: known.served?.serial ?? 0, publication: unsafe $0.takeUnretainedValue())
        }
      }
    }
    return served.sorted { $0.key < $1.key }.compactMap { key, serial, publication in
      publication.existingCounts.map {
        ChainStatistics(key: key, serial: serial, publication.chain, $0)
      }
    }
  }

  /// How many directory entries the search for each key looks at. O(keys).
  var probeCounts: [Int] {
    writer.withLock { state in
      // SAFETY: the store's own reference keeps it alive; only a writer replaces it.
      let directory = unsafe directory.load(ordering: .sequentiallyConsistent).takeUnretainedValue()
      return state.keys.values.map { directory.probeCount(of: $0.cell) }
    }
  }
}
