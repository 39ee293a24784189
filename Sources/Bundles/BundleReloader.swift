import Foundation
import Rules
import Synchronization
import Tables

/// Keeps a store's tables equal to the newest good bundle: all of it, or, while what is offered is
/// not good, the last that was.
public final class BundleReloader: Sendable {
  /// What became of a bundle that was offered.
  public enum Outcome: Sendable {
    /// It is the one that is served.
    case unchanged
    /// It was refused before, for what it is refused for again; it is not counted again.
    case refusedBefore
    /// It is served now. `saveFailure` says why it would not survive a restart.
    case published(Publication, saveFailure: BundleError?)
    /// What was served before goes on being served.
    case refused(BundleError)
  }

  public struct Publication: Sendable {
    public var serial: UInt64
    public var chains: Int
    public var tables: Int
    /// Chains that are not the same as before, gone ones included.
    public var changed: Int
  }

  public struct Counts: Sendable {
    public var published: UInt64 = 0
    public var refused: [BundleError.Reason: UInt64] = [:]
    public var refusedTotal: UInt64 { refused.values.reduce(0, +) }
  }

  private let policy: BundlePolicy
  private let store: TableStore
  private let lastGood: LastGoodStore?
  private let now: @Sendable () -> Int64
  private let state = Mutex(State())
  /// Apart from `state`, which is held while a bundle is looked at.
  private let report = Mutex(Report())

  private struct Report {
    var served: ServedBundle?
    var counts = Counts()
  }

  private struct State {
    /// The bundle that was kept and could not be restored; `nil` for none.
    var kept: ServedBundle?
    /// What is served and not kept, because the state directory is not ours yet.
    var unkept: BundleBytes?
    /// The image that is published under each key.
    var images: [TableKey: ContentDigest] = [:]
    /// Of the bytes that were refused last: a source without entity tags gives them again and again.
    var refused: ContentDigest?
    /// The latest time at which a bundle expires that was refused because it had, in seconds since 1970.
    var expired: Int64?
  }

  /// `now` in seconds since 1970.
  public init(
    policy: BundlePolicy, store: TableStore, lastGood: LastGoodStore? = nil,
    now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
  ) {
    self.policy = policy
    self.store = store
    self.lastGood = lastGood
    self.now = now
  }

  /// What is served; `nil` for nothing yet.
  public var served: ServedBundle? { report.withLock { $0.served } }

  public var counts: Counts { report.withLock { $0.counts } }

  /// Below this serial nothing is served: that of what is served, or was before the restart.
  var serialMin: UInt64 {
    let kept = state.withLock { $0.kept?.serial ?? 0 }
    return max(kept, served?.serial ?? 0)
  }

  /// Serves a bundle, if it is good and not older than the one that is served. O(bytes).
  public func offer(_ bytes: BundleBytes) -> Outcome { take(bytes, saving: true) }

  /// As `offer`, for who remembers of each of many files why it was refused: a refusal is not counted, nor
  /// are the bytes remembered, before `refuse` is told of it.
  func consider(_ bytes: BundleBytes) -> Outcome { take(bytes, saving: true, isCounted: false) }

  /// Serves the bundle that was kept on disk; `nil` where none is kept. Where it is refused by now
  /// (expired, its key rotated away), it still says below which serial nothing is to be served.
  ///
  /// Throws where it is there and cannot be read, or is damaged: then nobody knows how old a bundle may be,
  /// and nothing must be kept in its place.
  public func restore() throws(BundleError) -> Outcome? {
    guard let lastGood, let bytes = try lastGood.load() else { return nil }
    let outcome = take(bytes, saving: false)
    guard case .refused = outcome else { return outcome }
    do throws(BundleError) {
      let (header, digest) = try TableBundle.intactHeader(of: bytes.span)
      state.withLock { $0.kept = ServedBundle(header, digest: digest) }
    } catch {
      throw lastGood.unusable(error)
    }
    return outcome
  }

  /// Brings what is kept and what is served together once the state directory is ours, which was another
  /// server's when this one began: of the two the newer is kept and served. `nil` where they are the same.
  public func settle() throws(BundleError) -> Outcome? {
    guard let lastGood else { return nil }
    let bytes = try lastGood.load()
    let kept = bytes.flatMap { Self.intact($0) }
    let unkept = state.withLock { $0.unkept.take() }
    let serial = served?.serial ?? 0
    if let bytes, let kept, kept.serial > serial { return take(bytes, saving: false) }
    if let unkept, kept?.serial ?? 0 < serial { try lastGood.save(unkept) }
    return nil
  }

  /// What a kept bundle says of itself; `nil` where it is damaged. Its digest is enough: nobody but this
  /// server writes to its state directory.
  private static func intact(_ bytes: BundleBytes) -> ServedBundle? {
    (try? TableBundle.intactHeader(of: bytes.span)).map { ServedBundle($0, digest: $1) }
  }

  /// Whether a bundle that was refused because it had expired has not, by a clock that was set back since:
  /// then whatever was refused is taken for new. Says so once.
  public func forgetsExpired() -> Bool {
    state.withLock { state in
      guard let expired = state.expired, now() < expired else { return false }
      state.expired = nil
      state.refused = nil
      return true
    }
  }

  /// Counts a bundle that could not even be fetched, or that was only considered.
  public func refuse(_ error: BundleError) -> Outcome {
    report.withLock { $0.counts.refused[error.reason, default: 0] += 1 }
    return .refused(error)
  }

  private func take(_ bytes: BundleBytes, saving: Bool, isCounted: Bool = true) -> Outcome {
    state.withLock { state in
      if isCounted, let refused = state.refused, refused == ContentDigest(of: bytes.span) {
        return .refusedBefore
      }
      var expires: Int64?
      do throws(BundleError) {
        let bundle = try TableBundle(bytes, trust: policy)
        expires = bundle.manifest.header.expires
        let served = self.served
        if served?.digest == bundle.manifest.digest { return .unchanged }
        try bundle.check(
          against: policy, now: now(), served: served, kept: state.kept)
        let (changes, images) = try changes(to: bundle, from: state)
        // Kept before it is served: a restart never goes back behind what was served.
        let saveFailure = saving ? save(bytes, &state) : nil
        try publish(changes)
        report.withLock { report in
          report.served = ServedBundle(bundle.manifest)
          report.counts.published += 1
        }
        state.images = images
        state.refused = nil
        state.expired = nil
        let tables = bundle.manifest.chains.reduce(0) { $0 + $1.tables.count }
        return .published(
          Publication(
            serial: bundle.manifest.serial, chains: images.count, tables: tables,
            changed: changes.count),
          saveFailure: saveFailure)
      } catch {
        if error.reason == .expired, let expires { state.expired = max(expires, state.expired ?? expires) }
        guard isCounted else { return .refused(error) }
        _ = refuse(error)
        if error.reason != .notPublished { state.refused = ContentDigest(of: bytes.span) }
        return .refused(error)
      }
    }
  }

  /// The chains that differ from what is published, and the images of all. An image that several
  /// keys share is decompressed once; a key whose image stays is left as it is.
  private func changes(
    to bundle: TableBundle, from state: borrowing State
  ) throws(BundleError) -> ([TableKey: CompiledChain?], [TableKey: ContentDigest]) {
    let manifest = bundle.manifest
    var made = [CompiledChain?](repeating: nil, count: manifest.images.count)
    var changes: [TableKey: CompiledChain?] = [:]
    var images: [TableKey: ContentDigest] = [:]
    changes.reserveCapacity(manifest.chains.count)
    images.reserveCapacity(manifest.chains.count)
    for chain in manifest.chains {
      let digest = manifest.images[chain.image].digest
      guard images.updateValue(digest, forKey: chain.key) == nil else {
        throw BundleError(.malformed, "two chains of one tenant and trigger")
      }
      if state.images[chain.key] == digest { continue }
      if let twin = made[chain.image] {
        changes[chain.key] = CompiledChain(sharing: twin)
      } else {
        let compiled = try bundle.chain(ofImage: chain.image)
        made[chain.image] = compiled
        changes[chain.key] = compiled
      }
    }
    for key in state.images.keys where images[key] == nil { changes[key] = .some(nil) }
    return (changes, images)
  }

  private func publish(_ changes: [TableKey: CompiledChain?]) throws(BundleError) {
    do throws(TableStore.Failure) {
      try store.publish(changes)
    } catch {
      throw BundleError(.notPublished, "an event loop hangs, and old tables cannot be freed")
    }
  }

  private func save(_ bytes: BundleBytes, _ state: inout State) -> BundleError? {
    guard let lastGood else { return nil }
    guard lastGood.directory.isOurs else {
      state.unkept = bytes
      return nil
    }
    do throws(BundleError) {
      try lastGood.save(bytes)
      return nil
    } catch {
      return error
    }
  }
}
