import Signals
import Synchronization
import Wire

/// A map from (tenant, trigger) to its cell, into which one writer puts new keys while loops look
/// keys up; one that is full is replaced by one of twice the size.
///
/// - INVARIANT (cells-alive): the store keeps every cell that a directory names until it is freed
///   itself; a directory owns only its own memory.
/// - INVARIANT (half-vacant): at least half of the entries are vacant, so every search ends.
/// - ORDERING (entry-whole): an entry's hash is stored before its cell, and loaded after it.
@safe
@usableFromInline
final class Directory: Sendable {
  @safe
  private struct Entry: ~Copyable {
    let hash = Atomic<UInt64>(0)
    /// `nil` marks a vacant entry. Never changed once it is set.
    let cell: Atomic<Unmanaged<Cell>?>

    // SAFETY: a reference that is not there.
    init() { unsafe cell = Atomic(nil) }
  }

  // SAFETY: the pointer never changes; what lies behind it is atomic.
  nonisolated(unsafe) private let entries: UnsafeMutablePointer<Entry>
  let capacity: Int

  /// Room for `count` keys, and for as many again before it is full. O(count).
  init(_ cells: some Collection<Cell>, roomFor count: Int) {
    var capacity = 4
    while capacity < count * 4 { capacity *= 2 }
    self.capacity = capacity
    unsafe entries = .allocate(capacity: capacity)
    for place in 0..<capacity { unsafe (entries + place).initialize(to: Entry()) }
    for cell in cells { insert(cell) }
  }

  // SAFETY: nobody looks keys up in a directory that is freed; entries own nothing (cells-alive).
  deinit { unsafe entries.deallocate() }

  /// Whether `count` keys in all keep (half-vacant).
  func hasRoom(for count: Int) -> Bool { count * 2 <= capacity }

  /// Adds the cell of a key that is not there. For the store's writer; loops may be reading. O(1).
  func insert(_ cell: Cell) {
    let hash = cell.hash
    var place = Int(truncatingIfNeeded: hash) & (capacity - 1)
    // SAFETY: the mask keeps `place` below `capacity`.
    while unsafe entries[place].cell.load(ordering: .relaxed) != nil {
      place = (place + 1) & (capacity - 1)
    }
    unsafe entries[place].hash.store(hash, ordering: .relaxed)
    unsafe entries[place].cell.store(.passUnretained(cell), ordering: .sequentiallyConsistent)
  }

  /// The cell of a key whose names lie in `bytes`. O(1), no allocation, no reference counting.
  func cell(tenant: ByteRange, trigger: ByteRange, in bytes: Span<UInt8>) -> Unmanaged<Cell>? {
    let hash = Cell.hash(bytes, tenant, trigger)
    var place = Int(truncatingIfNeeded: hash) & (capacity - 1)
    while true {
      // SAFETY: the mask keeps `place` below `capacity`; the search ends by (half-vacant).
      guard let cell = unsafe entries[place].cell.load(ordering: .sequentiallyConsistent) else {
        return nil
      }
      if unsafe entries[place].hash.load(ordering: .relaxed) == hash,
        // SAFETY: (cells-alive).
        unsafe cell._withUnsafeGuaranteedRef({ $0.isNamed(tenant, trigger, in: bytes) })
      {
        return unsafe cell
      }
      place = (place + 1) & (capacity - 1)
    }
  }

  /// How many entries the search for a key that is there looks at.
  func probeCount(of cell: Cell) -> Int {
    var count = 1
    var place = Int(truncatingIfNeeded: cell.hash) & (capacity - 1)
    // SAFETY: as in `cell(tenant:trigger:in:)`.
    while let found = unsafe entries[place].cell.load(ordering: .relaxed),
      unsafe found.toOpaque() != Unmanaged.passUnretained(cell).toOpaque()
    {
      count += 1
      place = (place + 1) & (capacity - 1)
    }
    return count
  }
}

/// The place of one (tenant, trigger), with its names: what a publication replaces the content of.
@safe
final class Cell: Sendable {
  /// Owns one reference to the publication it holds; who exchanges it takes that over.
  let publication: Atomic<Unmanaged<Publication>?>
  let hash: UInt64
  // SAFETY: written in `init` only, so any thread may read them.
  nonisolated(unsafe) private let names: UnsafeMutableBufferPointer<UInt8>
  private let tenant: ByteRange
  private let trigger: ByteRange

  init(_ key: TableKey) {
    unsafe publication = Atomic(nil)
    let bytes = Array(key.tenant.utf8) + Array(key.trigger.utf8)
    tenant = ByteRange(offset: 0, count: key.tenant.utf8.count)
    trigger = ByteRange(offset: Int(tenant.count), count: key.trigger.utf8.count)
    hash = Self.hash(bytes.span, tenant, trigger)
    unsafe names = .allocate(capacity: bytes.count)
    _ = unsafe names.initialize(from: bytes)
  }

  deinit { unsafe names.deallocate() }

  func isNamed(_ tenant: ByteRange, _ trigger: ByteRange, in bytes: Span<UInt8>) -> Bool {
    // SAFETY: initialised in `init`, freed with us.
    let names = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(self.names))
    return sameText(bytes, trigger, names, self.trigger, foldingCase: false)
      && sameText(bytes, tenant, names, self.tenant, foldingCase: false)
  }

  static func hash(_ bytes: Span<UInt8>, _ tenant: ByteRange, _ trigger: ByteRange) -> UInt64 {
    stringHash(bytes, trigger, foldingCase: false)
      ^ (stringHash(bytes, tenant, foldingCase: false) &* 0x9E37_79B9_7F4A_7C15)
  }
}

/// What a compiled chain is published under.
public struct TableKey: Hashable, Comparable, Sendable {
  /// Empty for the default tenant.
  public var tenant: String
  public var trigger: String

  public init(tenant: String = "", trigger: String) {
    self.tenant = tenant
    self.trigger = trigger
  }

  public static func < (a: TableKey, b: TableKey) -> Bool {
    (a.tenant, a.trigger) < (b.tenant, b.trigger)
  }
}
