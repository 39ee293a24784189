import CWide
import Signals
import Wire

/// A trigger's tables, ready to evaluate: one immutable image.
///
/// INVARIANT (image-valid): every offset, count and class number in the image was checked by
/// `ChainView.validate` before the chain existed.
@safe
public final class CompiledChain: Sendable {
  // SAFETY: the bytes are never written after `init`, so any thread may read them.
  nonisolated(unsafe) private let base: UnsafeRawPointer
  public let byteCount: Int
  /// Whose memory the image lies in; `nil` where it is the chain's own.
  private let owner: (any AnyObject & Sendable)?

  /// Lays a plan out. Tables of `ruleCount` rules and more may be clustered; below the default,
  /// they are. These have sections where values lead to `sectionBlockCountMax` blocks or fewer.
  /// O(size of the plan).
  public init(
    _ plan: ChainPlan, clusteringFrom ruleCount: Int = TablePlan.clusteredRuleCountMin,
    sectionBlockCountMax: Double = TablePlan.sectionBlockCountMax
  ) throws(ImageError) {
    let image = try ImageBuilder.image(
      of: plan, clusteringFrom: ruleCount, sectionBlockCountMax: sectionBlockCountMax)
    byteCount = image.count
    owner = nil
    guard let memory = unsafe postern_allocate_image(image.count) else {
      throw .noMemory(byteCount: image.count)
    }
    unsafe image.span.withUnsafeBytes { source in
      // SAFETY: both hold `byteCount` bytes; the builder never makes an empty image.
      unsafe memory.copyMemory(from: source.baseAddress!, byteCount: source.count)
    }
    unsafe base = UnsafeRawPointer(memory)
    // Where this throws, `deinit` runs: every stored property has its value.
    try unsafe ChainView.validate(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// Takes an image that passed `ChainView.validate` and that `owner` keeps as it is.
  @unsafe init(
    validated image: UnsafeRawBufferPointer, owner: any AnyObject & Sendable
  ) {
    // SAFETY: a valid image is never empty.
    unsafe base = image.baseAddress!
    byteCount = image.count
    self.owner = owner
  }

  // SAFETY: without an owner the image is our own allocation, and no view outlives us.
  deinit { if owner == nil { unsafe postern_free_image(UnsafeMutableRawPointer(mutating: base)) } }

  /// The image's first byte, for a view whose lifetime somebody else guarantees.
  ///
  /// SAFETY: that somebody's.
  @unsafe var unsafeBase: UnsafeRawPointer { unsafe base }

  /// What evaluation reads. It may not outlive the chain.
  public var view: ChainView {
    @_lifetime(borrow self)
    get {
      // SAFETY: (image-valid), and the view's lifetime is ours.
      let view = unsafe ChainView(base)
      return unsafe _overrideLifetime(view, borrowing: self)
    }
  }
}
