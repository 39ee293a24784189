import CWide

/// LIMIT: images from which on memory starts at a large page. What is behind the last whole one stays in
/// small pages, so that no memory is lost.
private let largePageImageByteCountMin = Int(POSTERN_LARGE_PAGE_BYTES)

/// Memory for an image, aligned as one has to be: where it is large, in large pages, since a decision looks
/// at a few lines all over it, each in a page of its own. Not initialised.
@unsafe func allocateImage(byteCount: Int) -> UnsafeMutableRawPointer {
  guard byteCount >= largePageImageByteCountMin else {
    return .allocate(byteCount: byteCount, alignment: 64)
  }
  let memory = UnsafeMutableRawPointer.allocate(
    byteCount: byteCount, alignment: Int(POSTERN_LARGE_PAGE_BYTES))
  // SAFETY: so many bytes, which start where a large page does.
  unsafe postern_prefer_large_pages(memory, byteCount)
  return unsafe memory
}
