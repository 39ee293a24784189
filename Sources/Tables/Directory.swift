import Signals
import Synchronization
import Wire

/// The tables of one (tenant, trigger): the cell that publication replaces.
@safe
final class Cell: Sendable {
  /// Owns one reference to the chain it holds; who exchanges it takes that over.
  let chain: Atomic<Unmanaged<CompiledChain>?>

  init() { unsafe chain = Atomic(nil) }
}

/// An immutable map from (tenant, trigger) to its cell. A new key makes a new directory; a new
/// table for a known key does not.
///
/// INVARIANT (cells-alive): the store keeps every cell that a directory names until it is freed
/// itself; a directory owns only its own memory.
@safe
@usableFromInline
final class Directory: Sendable {
  @safe
  struct Entry: BitwiseCopyable {
    var hash: UInt64 = 0
    var tenant = ByteRange.empty
    var trigger = ByteRange.empty
    /// `nil` marks a vacant entry.
    var cell: Unmanaged<Cell>?
  }

  // SAFETY: written in `init` only, so any thread may read them.
  nonisolated(unsafe) private let entries: UnsafeMutablePointer<Entry>
  private let capacity: Int
  nonisolated(unsafe) private let nameBytes: UnsafeMutableBufferPointer<UInt8>

  /// O(keys).
  init(_ cells: [TableKey: Cell]) {
    var capacity = 2
    while capacity < cells.count * 2 { capacity *= 2 }
    self.capacity = capacity
    unsafe entries = .allocate(capacity: capacity)
    unsafe entries.initialize(repeating: Entry(), count: capacity)
    var names: [UInt8] = []
    for (key, cell) in cells {
      var entry = Entry()
      entry.tenant = ByteRange(offset: names.count, count: key.tenant.utf8.count)
      names += Array(key.tenant.utf8)
      entry.trigger = ByteRange(offset: names.count, count: key.trigger.utf8.count)
      names += Array(key.trigger.utf8)
      entry.hash = Self.hash(names.span, entry.tenant, entry.trigger)
      unsafe entry.cell = Unmanaged.passUnretained(cell)
      var place = Int(truncatingIfNeeded: entry.hash) & (capacity - 1)
      while unsafe entries[place].cell != nil { place = (place + 1) & (capacity - 1) }
      unsafe entries[place] = entry
    }
    unsafe nameBytes = .allocate(capacity: max(names.count, 1))
    unsafe nameBytes.initialize(repeating: 0)
    _ = unsafe nameBytes.update(from: names)
  }

  deinit {
    unsafe entries.deallocate()
    unsafe nameBytes.deallocate()
  }

  private var names: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      // SAFETY: initialised in `init` as far as any entry's names reach; freed with us.
      let span = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(nameBytes))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The cell of a key whose names lie in `bytes`. O(1), no allocation, no reference counting.
  func cell(tenant: ByteRange, trigger: ByteRange, in bytes: Span<UInt8>) -> Unmanaged<Cell>? {
    let hash = Self.hash(bytes, tenant, trigger)
    let names = self.names
    var place = Int(truncatingIfNeeded: hash) & (capacity - 1)
    while true {
      // SAFETY: the mask keeps `place` below `capacity`; half of the entries are vacant.
      let entry = unsafe entries[place]
      guard let cell = unsafe entry.cell else { return nil }
      if entry.hash == hash,
        sameText(bytes, trigger, names, entry.trigger, foldingCase: false),
        sameText(bytes, tenant, names, entry.tenant, foldingCase: false)
      {
        return unsafe cell
      }
      place = (place + 1) & (capacity - 1)
    }
  }

  private static func hash(_ bytes: Span<UInt8>, _ tenant: ByteRange, _ trigger: ByteRange)
    -> UInt64
  {
    stringHash(bytes, trigger, foldingCase: false)
      ^ (stringHash(bytes, tenant, foldingCase: false) &* 0x9E37_79B9_7F4A_7C15)
  }
}

/// What a compiled chain is published under.
public struct TableKey: Hashable, Sendable {
  /// Empty for the default tenant.
  public var tenant: String
  public var trigger: String

  public init(tenant: String = "", trigger: String) {
    self.tenant = tenant
    self.trigger = trigger
  }
}
