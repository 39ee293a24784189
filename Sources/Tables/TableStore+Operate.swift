import Synchronization
import Wire

/// What an operator may do while loops decide: switch off, go back, go on.
extension TableStore {
  /// Why an operation was not done. Nothing has changed then.
  public enum OperationFailure: Error, Equatable, Sendable {
    /// Nothing was ever published under the key.
    case unknownKey(TableKey)
    /// The served chain has no table of that name.
    case unknownTable(String, known: [String])
    /// No version of that serial is kept.
    case unknownSerial(UInt64, kept: [UInt64])
    /// No version older than the one that is served is kept.
    case nothingOlder(served: UInt64)
    /// The version is one in which the chain was removed: to serve nothing, kill the trigger.
    case removed(serial: UInt64)
    /// What is to be undone was not done.
    case nothingToUndo
    /// Too many replaced chains wait for a loop that does not leave its read section.
    case readersStalled
  }

  /// Switches a table of a key's chain off, or with `nil` the whole trigger: from the next read
  /// section on a killed trigger answers as one without tables, a killed table takes no part.
  ///
  /// It holds through publications, by name, until `unkill`.
  public func kill(_ key: TableKey, table: String? = nil) throws(OperationFailure) {
    try change(key) { (state) throws(OperationFailure) in
      guard let table else {
        state.isKilled = true
        return
      }
      let known = state.served?.chain?.tableNames ?? []
      guard known.contains(table) || state.killedTables.contains(table) else {
        throw .unknownTable(table, known: known)
      }
      state.killedTables.insert(table)
    }
  }

  /// Switches on what `kill` switched off. A table need not be in the served chain.
  public func unkill(_ key: TableKey, table: String? = nil) throws(OperationFailure) {
    try change(key) { (state) throws(OperationFailure) in
      if let table {
        guard state.killedTables.remove(table) != nil else { throw .nothingToUndo }
      } else {
        guard state.isKilled else { throw .nothingToUndo }
        state.isKilled = false
      }
    }
  }

  /// Serves an older version of a key at once, `serial` or else the one before the one served, and
  /// pins it: what is published from then on is recorded and not served.
  ///
  /// Returns the serial that is served.
  public func rollBack(
    _ key: TableKey, to serial: UInt64? = nil
  ) throws(OperationFailure) -> UInt64 {
    try operate(key) { (state, key) throws(OperationFailure) in
      let version = try Self.target(of: serial, in: key)
      guard version.chain != nil else { throw .removed(serial: version.serial) }
      guard state.retired.count < Self.retiredCountMax else { throw .readersStalled }
      let isServed = key.served?.serial == version.serial
      key.pinned = version.serial
      key.isPinLost = false
      if !isServed { serve(version, key, &state) }
      return version.serial
    }
  }

  /// Ends what `rollBack` began: the newest version is served, and those to come.
  ///
  /// Returns its serial.
  public func resume(_ key: TableKey) throws(OperationFailure) -> UInt64 {
    try operate(key) { (state, key) throws(OperationFailure) in
      guard let newest = key.newest, key.pinned != nil || key.isPinLost else { throw .nothingToUndo }
      guard state.retired.count < Self.retiredCountMax else { throw .readersStalled }
      let isServed = key.served?.serial == newest.serial
      key.pinned = nil
      key.isPinLost = false
      if !isServed { serve(newest, key, &state) }
      return newest.serial
    }
  }

  private static func target(
    of serial: UInt64?, in key: KeyState
  ) throws(OperationFailure) -> ChainVersion {
    if let serial {
      guard let version = key.versions.first(where: { $0.serial == serial }) else {
        throw .unknownSerial(serial, kept: key.versions.map(\.serial))
      }
      return version
    }
    let served = key.served?.serial ?? 0
    guard let older = key.versions.last(where: { $0.serial < served && $0.chain != nil }) else {
      throw .nothingOlder(served: served)
    }
    return older
  }

  /// Changes a key's switches, and those of what it serves.
  private func change(
    _ key: TableKey, _ body: (inout KeyState) throws(OperationFailure) -> Void
  ) throws(OperationFailure) {
    try operate(key) { (_, key) throws(OperationFailure) in
      try body(&key)
      guard let chain = key.served?.chain else { return }
      let killed = key.killed(in: chain.tableNames)
      // SAFETY: the cell's own reference keeps it alive; only a writer replaces it.
      let publication = unsafe key.cell.publication.load(ordering: .sequentiallyConsistent)
      unsafe publication?._withUnsafeGuaranteedRef {
        $0.killed.store(killed, ordering: .sequentiallyConsistent)
      }
    }
  }

  private func operate<Result>(
    _ key: TableKey,
    _ body: (inout WriterState, inout KeyState) throws(OperationFailure) -> Result
  ) throws(OperationFailure) -> Result {
    try writer.withLock { (state) throws(OperationFailure) in
      guard var known = state.keys[key] else { throw .unknownKey(key) }
      let result = try body(&state, &known)
      state.keys[key] = known
      return result
    }
  }
}
