import Synchronization
import Wire

/// Every published chain, by (tenant, trigger): read without locks, replaced without waiting.
///
/// - Readers: event loops. A loop announces itself once per read batch (`read`), then looks chains
///   up and evaluates any number of decisions with plain loads: no lock, no reference counting, no
///   store to memory that another loop reads.
/// - Writers: one at a time, under `writer`. Publishing exchanges one pointer; a known key's
///   directory entry stays as it is, so one tenant's reload touches no other's tables.
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

  @usableFromInline let directory: Atomic<Unmanaged<Directory>>
  @usableFromInline let epoch = Atomic<UInt64>(1)
  private let writer = Mutex(WriterState())

  private struct WriterState {
    var readers: [LoopReader] = []
    var cells: [TableKey: Cell] = [:]
    /// In the order of their epochs.
    var retired: [(epoch: UInt64, object: AnyObject)] = []
  }

  public enum Failure: Error, Equatable, Sendable {
    /// Too many replaced chains wait for a loop that does not leave its read section.
    case readersStalled
  }

  public init() {
    // SAFETY: the slot takes over the +1 made here; `deinit` and `exchange` give it back.
    unsafe directory = Atomic(Unmanaged.passRetained(Directory([:])))
  }

  deinit {
    unsafe directory.load(ordering: .sequentiallyConsistent).release()
    writer.withLock { state in
      for cell in state.cells.values {
        unsafe cell.chain.load(ordering: .sequentiallyConsistent)?.release()
      }
    }
  }

  /// Registers one more loop. It must outlive its last read section.
  public func makeReader() -> LoopReader {
    let reader = LoopReader()
    writer.withLock { $0.readers.append(reader) }
    return reader
  }

  /// Forgets a loop that has ended.
  public func remove(_ reader: LoopReader) {
    precondition(reader.epoch.load(ordering: .sequentiallyConsistent) == LoopReader.quiescent)
    writer.withLock { $0.readers.removeAll { $0 === reader } }
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
    return body(unsafe PublishedTables(directory.load(ordering: .sequentiallyConsistent)))
  }

  /// Replaces the chains of the given keys; `nil` removes one. All of them or, on error, none.
  /// O(changes), and O(keys) when a key is new.
  public func publish(_ changes: [TableKey: CompiledChain?]) throws(Failure) {
    let stalled = writer.withLock { state in
      reclaim(&state)
      guard state.retired.count < Self.retiredCountMax else { return true }
      let newKeys = changes.keys.filter { state.cells[$0] == nil && changes[$0]! != nil }
      for key in newKeys { state.cells[key] = Cell() }
      for (key, chain) in changes {
        guard let cell = state.cells[key] else { continue }
        let new = unsafe chain.map { unsafe Unmanaged.passRetained($0) }
        // SAFETY: the cell takes over the +1 made above; the old one's goes to `retire`.
        let old = unsafe cell.chain.exchange(new, ordering: .sequentiallyConsistent)
        if let old = unsafe old { retire(unsafe old.takeRetainedValue(), &state) }
      }
      if !newKeys.isEmpty {
        let new = Directory(state.cells)
        // SAFETY: as for a chain.
        let old = unsafe directory.exchange(
          Unmanaged.passRetained(new), ordering: .sequentiallyConsistent)
        retire(unsafe old.takeRetainedValue(), &state)
      }
      reclaim(&state)
      return false
    }
    if stalled { throw .readersStalled }
  }

  /// Frees what no loop can read any more. Returns how many objects still wait.
  @discardableResult
  public func reclaim() -> Int {
    writer.withLock { state in
      reclaim(&state)
      return state.retired.count
    }
  }

  private func retire(_ object: AnyObject, _ state: inout WriterState) {
    let old = epoch.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
    state.retired.append((old, object))
  }

  private func reclaim(_ state: inout WriterState) {
    var oldest = UInt64.max
    for reader in state.readers {
      let epoch = reader.epoch.load(ordering: .sequentiallyConsistent)
      if epoch != LoopReader.quiescent { oldest = min(oldest, epoch) }
    }
    state.retired.removeAll { $0.epoch < oldest }
  }
}

/// The published chains as one read section sees them. Valid until the section ends.
@safe
public struct PublishedTables: ~Copyable, ~Escapable {
  private let directory: Unmanaged<Directory>

  @usableFromInline
  @_lifetime(immortal)
  @unsafe init(_ directory: Unmanaged<Directory>) { unsafe self.directory = directory }

  /// The chain published under a key whose names lie in `bytes`; `nil` when there is none.
  /// O(1), no allocation, no reference counting.
  @_lifetime(borrow self)
  public func chain(tenant: ByteRange, trigger: ByteRange, in bytes: Span<UInt8>) -> ChainView? {
    guard let place = place(tenant: tenant, trigger: trigger, in: bytes) else { return nil }
    return chain(at: place)
  }

  /// Where the chains of a key are published, to be looked up once for many decisions; `nil` when
  /// none ever was.
  public func place(
    tenant: ByteRange, trigger: ByteRange, in bytes: Span<UInt8>
  ) -> PublicationPlace? {
    // SAFETY: the directory lives until the section ends, a cell as long as the store.
    unsafe directory._withUnsafeGuaranteedRef {
      unsafe $0.cell(tenant: tenant, trigger: trigger, in: bytes)
    }.map { unsafe PublicationPlace(cell: $0) }
  }

  /// The chain that is published at a place now; `nil` when it was removed. One load.
  @_lifetime(borrow self)
  public func chain(at place: PublicationPlace) -> ChainView? {
    // SAFETY: a cell lives as long as the store, a chain until the section ends:
    // (announce-then-load).
    guard
      let chain = unsafe place.cell._withUnsafeGuaranteedRef({
        unsafe $0.chain.load(ordering: .sequentiallyConsistent)
      })
    else { return nil }
    let base = unsafe chain._withUnsafeGuaranteedRef { unsafe $0.unsafeBase }
    let view = unsafe ChainView(base)
    return unsafe _overrideLifetime(view, borrowing: self)
  }
}

/// Where one key's chains are published. Valid as long as the store it came from.
@safe
public struct PublicationPlace {
  let cell: Unmanaged<Cell>
}
