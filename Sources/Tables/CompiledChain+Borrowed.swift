import CWide

/// Memory for one image, aligned as an image has to be: filled once, then only read.
///
/// SAFETY, for all of it: `base` has 64 bytes and `byteCount` at least, all initialised, until `deinit`.
@safe
public final class ImageMemory: Sendable {
  // SAFETY: written while `init` runs only, so any thread may read them afterwards.
  nonisolated(unsafe) private let base: UnsafeMutableRawPointer
  public let byteCount: Int

  /// Lets `fill` write the image into `byteCount` zero bytes; `nil` where it returns `false`. Throws where
  /// there is no memory for it. O(byteCount).
  public init?(
    byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(ImageError) {
    precondition(byteCount >= 0)
    guard let memory = unsafe postern_allocate_image(max(byteCount, 64)) else {
      throw .noMemory(byteCount: byteCount)
    }
    self.byteCount = byteCount
    unsafe base = memory
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 64))
    // Where this fails, `deinit` runs: every stored property has its value.
    guard unsafe fill(UnsafeMutableRawBufferPointer(start: base, count: byteCount)) else {
      return nil
    }
  }

  deinit { unsafe postern_free_image(base) }

  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      // SAFETY: `byteCount` initialised bytes that live as long as we do.
      let span = unsafe Span<UInt8>(
        _unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  @unsafe fileprivate var image: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
  }
}

extension CompiledChain {
  /// Checks an image that was laid out earlier, and keeps its memory. O(byteCount).
  public convenience init(_ memory: ImageMemory) throws(ImageError) {
    // SAFETY: `memory` keeps its image while it is checked, and the chain keeps `memory`.
    try unsafe ChainView.validate(memory.image)
    unsafe self.init(validated: memory.image, owner: memory)
  }

  /// A chain of its own over the image of another. O(1).
  public convenience init(sharing other: CompiledChain) {
    let image = unsafe UnsafeRawBufferPointer(start: other.unsafeBase, count: other.byteCount)
    // SAFETY: (image-valid) of the other, which lives as long as we do.
    unsafe self.init(validated: image, owner: other)
  }

  /// The image, as a file would hold it.
  public var image: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      // SAFETY: (image-valid); the span has our lifetime.
      let span = unsafe Span<UInt8>(
        _unsafeStart: unsafeBase.assumingMemoryBound(to: UInt8.self), count: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
