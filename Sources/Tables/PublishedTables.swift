import Synchronization
import Wire

/// The published chains as one read section sees them. Valid until the section ends.
///
/// SAFETY, for all of it: what a section has loaded lives until it ends (announce-then-load), and whoever
/// makes one of these bounds its lifetime by the section's.
@safe
public struct PublishedTables: ~Copyable, ~Escapable {
  private let directory: Unmanaged<Directory>
  private let loop: Int

  @usableFromInline
  @_lifetime(immortal)
  @unsafe init(_ directory: Unmanaged<Directory>, loop: Int) {
    unsafe self.directory = directory
    self.loop = loop
  }

  /// The chain published under a key whose names lie in `bytes`; `nil` when there is none, or its
  /// trigger is killed. O(1), no allocation, no reference counting.
  @_lifetime(borrow self)
  public func chain(
    tenant: ByteRange, trigger: ByteRange, in bytes: Span<UInt8>
  ) -> ChainView? {
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

  /// The chain that is published at a place now, as `published(at:)` gives it.
  @_lifetime(borrow self)
  public func chain(at place: PublicationPlace) -> ChainView? {
    guard let chain = published(at: place) else { return nil }
    return unsafe _overrideLifetime(chain.view, borrowing: self)
  }

  /// The chain that is published at a place now, and which of its tables are killed; `nil` when it
  /// was removed, or its trigger is killed. Two loads.
  @_lifetime(borrow self)
  public func published(at place: PublicationPlace) -> PublishedChain? {
    guard let publication = unsafe publication(at: place) else { return nil }
    let (killed, base) = unsafe publication._withUnsafeGuaranteedRef {
      unsafe ($0.killed.load(ordering: .relaxed), $0.base)
    }
    if killed & Publication.wholeTrigger != 0 { return nil }
    let chain = unsafe PublishedChain(
      view: ChainView(base), killed: killed, publication: publication, loop: loop)
    return unsafe _overrideLifetime(chain, borrowing: self)
  }

  /// Whether a chain is published at a place whose trigger is killed. Two loads.
  public func isKilled(at place: PublicationPlace) -> Bool {
    guard let publication = unsafe publication(at: place) else { return false }
    let killed = unsafe publication._withUnsafeGuaranteedRef { $0.killed.load(ordering: .relaxed) }
    return killed & Publication.wholeTrigger != 0
  }

  /// SAFETY: a cell lives as long as the store, a publication until the section ends:
  /// (announce-then-load).
  @inline(__always)
  @unsafe private func publication(at place: PublicationPlace) -> Unmanaged<Publication>? {
    unsafe place.cell._withUnsafeGuaranteedRef {
      unsafe $0.publication.load(ordering: .sequentiallyConsistent)
    }
  }
}

/// A chain as it is served now. Valid until the read section ends.
///
/// SAFETY, for all of it: as of `PublishedTables`.
@safe
public struct PublishedChain: ~Escapable {
  /// What is evaluated.
  public let view: ChainView
  /// Bit t: table t is killed and takes no part. 0 nearly always.
  public let killed: UInt64
  let publication: Unmanaged<Publication>
  /// The reader in whose section it was read.
  let loop: Int

  @_lifetime(copy view)
  @unsafe init(view: ChainView, killed: UInt64, publication: Unmanaged<Publication>, loop: Int) {
    self.view = view
    self.killed = killed
    unsafe self.publication = publication
    self.loop = loop
  }
}

/// Where one key's chains are published. Valid as long as the store it came from.
@safe
public struct PublicationPlace {
  let cell: Unmanaged<Cell>
}
