import Synchronization
import Wire

/// Every published chain, by (tenant, trigger): read without locks, replaced without waiting.
///
/// - Readers: event loops. A loop announces itself once per read batch (`read`), then looks chains
///   up and evaluates any number of decisions with plain loads: no lock, no reference counting, no
///   store to memory that another loop reads.
/// - Writers: one at a time, under `writer`. Publishing exchanges one pointer of the key's cell; a
///   known key's directory entry stays as it is, and a new key's is put beside the others, so one
///   tenant's reload touches no other's tables and costs the same among 10 tenants and 10,000.
/// - ORDERING (table-visible): the exchange of a pointer and its load are sequentially consistent,
///   so who sees the pointer sees the finished table. A stale read is the old one, whole.
/// - Reclamation (quiescent states): ORDERING (announce-then-load): a loop stores its epoch before
///   it loads a pointer; a writer exchanges a pointer, then advances the epoch, then reads the
///   loops' epochs. Either the writer sees the announcement and waits, or the loop sees the new
///   pointer. What was replaced in epoch e is freed when every loop is quiescent or past e.
/// - LIMIT: publishing throws while `retiredCountMax` replaced objects wait.
@safe
public final class TableStore: Sendable {
  /// LIMIT: a read batch takes well under a millisecond, so thousands waiting mean a loop that
  /// hangs; memory must not grow behind it.
  public static let retiredCountMax = 4096
  /// LIMIT: versions of a chain that may be kept to go back to: each holds its tables in memory.
  public static let versionCountMax = 1000

  @usableFromInline let directory: Atomic<Unmanaged<Directory>>
  @usableFromInline let epoch = Atomic<UInt64>(1)
  let writer = Mutex(WriterState())
  let loopCountMax: Int
  private let versionsKept: Int
  private let now: @Sendable () -> Int64

  struct WriterState {
    /// By index; `nil` is free.
    var readers: [LoopReader?] = []
    var keys: [TableKey: KeyState] = [:]
    /// Of the last publication.
    var serial: UInt64 = 0
    /// In the order of their epochs.
    var retired: [(epoch: UInt64, object: AnyObject)] = []
  }

  public enum Failure: Error, Equatable, Sendable {
    /// Too many replaced chains wait for a loop that does not leave its read section.
    case readersStalled
  }

  /// - Parameters:
  ///   - loopCountMax: how many readers there will be at once; each counts in a row of its own.
  ///   - versionsKept: how many of a key's last versions can be gone back to, the one served
  ///     included.
  ///   - now: in seconds since 1970, for the reports of versions.
  public init(
    loopCountMax: Int = 64, versionsKept: Int = 1, now: @escaping @Sendable () -> Int64 = { 0 }
  ) {
    precondition(loopCountMax > 0 && (1...Self.versionCountMax).contains(versionsKept))
    self.loopCountMax = loopCountMax
    self.versionsKept = versionsKept
    self.now = now
    // SAFETY: the slot takes over the +1 made here; `deinit` and `exchange` give it back.
    unsafe directory = Atomic(Unmanaged.passRetained(Directory([], roomFor: 1)))
  }

  deinit {
    // SAFETY: every slot owns one reference, and no reader is left.
    unsafe directory.load(ordering: .sequentiallyConsistent).release()
    writer.withLock { state in
      for key in state.keys.values {
        unsafe key.cell.publication.load(ordering: .sequentiallyConsistent)?.release()
      }
    }
  }

  /// Registers one more loop. It must outlive its last read section.
  public func makeReader() -> LoopReader {
    writer.withLock { state in
      let index = state.readers.firstIndex { $0 == nil } ?? state.readers.count
      precondition(index < loopCountMax, "more readers than the store was made for")
      let reader = LoopReader(index: index)
      if index == state.readers.count { state.readers.append(nil) }
      state.readers[index] = reader
      return reader
    }
  }

  /// Forgets a loop that has ended.
  public func remove(_ reader: LoopReader) {
    precondition(reader.epoch.load(ordering: .sequentiallyConsistent) == LoopReader.quiescent)
    writer.withLock { state in
      if state.readers[reader.index] === reader { state.readers[reader.index] = nil }
    }
  }

  /// Lets `body` read the published chains. Wait-free; not to be nested on one reader.
  @inlinable
  public func read<Result: ~Copyable>(
    _ reader: LoopReader, _ body: (borrowing PublishedTables) -> Result
  ) -> Result {
    // A section inside another would end both.
    precondition(reader.epoch.load(ordering: .relaxed) == LoopReader.quiescent)
    reader.epoch.store(
      epoch.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
    defer { reader.epoch.store(LoopReader.quiescent, ordering: .sequentiallyConsistent) }
    // SAFETY: (announce-then-load) keeps the directory alive until the reader is quiescent.
    return body(
      unsafe PublishedTables(
        directory.load(ordering: .sequentiallyConsistent), loop: reader.index))
  }

  /// Replaces the chains of the given keys; `nil` removes one. All of them or, on error, none. What
  /// is published under a pinned key is recorded and not served.
  ///
  /// O(changes), however many other keys there are; O(keys) each time that their number has doubled.
  /// Returns the serial of the publication, by which its versions are known.
  @discardableResult
  public func publish(_ changes: [TableKey: CompiledChain?]) throws(Failure) -> UInt64 {
    let time = now()
    let serial: UInt64? = writer.withLock { state in
      reclaim(&state)
      guard state.retired.count < Self.retiredCountMax else { return nil }
      state.serial += 1
      var added: [Cell] = []
      for (key, chain) in changes {
        if state.keys[key] == nil {
          guard chain != nil else { continue }
          let new = KeyState(key)
          added.append(new.cell)
          state.keys[key] = new
        }
        let version = ChainVersion(serial: state.serial, time: time, chain: chain)
        state.keys[key]!.record(version, limit: versionsKept)
        if state.keys[key]!.pinned == nil { serve(version, state.keys[key]!, &state) }
      }
      add(added, &state)
      reclaim(&state)
      return state.serial
    }
    guard let serial else { throw .readersStalled }
    return serial
  }

  /// Frees what no loop can read any more. Returns how many objects still wait.
  @discardableResult
  public func reclaim() -> Int {
    writer.withLock { state in
      reclaim(&state)
      return state.retired.count
    }
  }

  /// Makes a version the one that loops read.
  func serve(_ version: ChainVersion, _ key: KeyState, _ state: inout WriterState) {
    let publication = version.chain.map { chain in
      Publication(
        chain, killed: key.hasKills ? key.killed(in: chain.tableNames) : 0, loopCount: loopCountMax)
    }
    let new = unsafe publication.map { unsafe Unmanaged.passRetained($0) }
    // SAFETY: the cell takes over the +1 made above; the old one's goes to `retire`.
    let old = unsafe key.cell.publication.exchange(new, ordering: .sequentiallyConsistent)
    if let old = unsafe old { retire(unsafe old.takeRetainedValue(), &state) }
  }

  /// Puts new keys into the directory, or into one of twice the size.
  func add(_ cells: [Cell], _ state: inout WriterState) {
    if cells.isEmpty { return }
    // SAFETY: the store's own reference keeps it alive; only a writer replaces it.
    let current = unsafe directory.load(ordering: .sequentiallyConsistent)
    if unsafe current._withUnsafeGuaranteedRef({ $0.hasRoom(for: state.keys.count) }) {
      for cell in cells { unsafe current._withUnsafeGuaranteedRef { $0.insert(cell) } }
      return
    }
    let new = Directory(state.keys.values.map(\.cell), roomFor: state.keys.count)
    // SAFETY: as for a publication.
    let old = unsafe directory.exchange(
      Unmanaged.passRetained(new), ordering: .sequentiallyConsistent)
    retire(unsafe old.takeRetainedValue(), &state)
  }

  private func retire(_ object: AnyObject, _ state: inout WriterState) {
    let old = epoch.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
    state.retired.append((old, object))
  }

  private func reclaim(_ state: inout WriterState) {
    var oldest = UInt64.max
    for case let reader? in state.readers {
      let epoch = reader.epoch.load(ordering: .sequentiallyConsistent)
      if epoch != LoopReader.quiescent { oldest = min(oldest, epoch) }
    }
    state.retired.removeAll { $0.epoch < oldest }
  }
}
