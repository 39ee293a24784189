import Synchronization

/// What an operator did to one key and has not undone: what a restart must not lose.
public struct ChainSwitches: Sendable {
  public var key: TableKey
  public var isKilled: Bool
  /// In the order of their names.
  public var killedTables: [String]
  /// The version that stays served; `nil` where none is pinned.
  public var pinned: CompiledChain?
  /// Why the version that was pinned cannot be used any more, where one was.
  public var pinFault: ImageError?

  public init(
    key: TableKey, isKilled: Bool = false, killedTables: [String] = [], pinned: CompiledChain? = nil
  ) {
    self.key = key
    self.isKilled = isKilled
    self.killedTables = killedTables
    self.pinned = pinned
  }
}

extension TableStore {
  /// The switches of every key that has any, in the order of the keys. O(keys).
  public var switches: [ChainSwitches] {
    writer.withLock { state in
      state.keys.filter { $0.value.hasKills || $0.value.pinned != nil }.map { key, known in
        ChainSwitches(
          key: key, isKilled: known.isKilled, killedTables: known.killedTables.sorted(),
          pinned: known.pinned == nil ? nil : known.served?.chain)
      }
    }.sorted { $0.key < $1.key }
  }

  /// Sets switches that were kept, before anything else is published: what is killed is killed from
  /// its first publication on, and what is pinned is served at once. That a pin is lost, whose version
  /// cannot be used any more, is reported until somebody rolls back or resumes.
  public func restore(_ switches: [ChainSwitches]) throws(Failure) {
    writer.withLock { state in
      for kept in switches {
        var known = KeyState(kept.key)
        known.isKilled = kept.isKilled
        known.killedTables = Set(kept.killedTables)
        known.isPinLost = kept.pinFault != nil
        precondition(state.keys.updateValue(known, forKey: kept.key) == nil, "restored too late")
        add([known.cell], &state)
      }
    }
    for kept in switches {
      guard let pinned = kept.pinned else { continue }
      let serial = try publish([kept.key: pinned])
      writer.withLock { $0.keys[kept.key]!.pinned = serial }
    }
  }
}
