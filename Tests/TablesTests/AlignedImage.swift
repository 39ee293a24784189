@testable import Tables

/// Bytes that lie as an image must.
@safe
final class AlignedImage {
  private let memory: UnsafeMutableRawBufferPointer
  private let start: Int

  /// Keeps the bytes from `start` on, a multiple of 64.
  init(_ bytes: [UInt8], from start: Int = 0) {
    unsafe memory = .allocate(byteCount: max(bytes.count, 64), alignment: 64)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe memory.copyBytes(from: bytes)
    self.start = start
    count = bytes.count - start
  }

  deinit { unsafe memory.deallocate() }

  private let count: Int

  func validate() throws(ImageError) {
    try unsafe ChainView.validate(UnsafeRawBufferPointer(rebasing: memory[start..<start + count]))
  }

  var isValid: Bool {
    do {
      try validate()
      return true
    } catch {
      return false
    }
  }

  /// Only of an image that was found valid.
  var view: ChainView {
    @_lifetime(borrow self)
    get {
      // SAFETY: the memory lives as long as we do.
      let view = unsafe ChainView(UnsafeRawPointer(memory.baseAddress! + start))
      return unsafe _overrideLifetime(view, borrowing: self)
    }
  }
}
