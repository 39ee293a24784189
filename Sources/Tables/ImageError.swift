/// Why a chain cannot be laid out or an image cannot be used.
public enum ImageError: Error, Equatable, Sendable {
  /// A plan beyond a limit: what there is too much of, how many, and how many there may be.
  case tooMany(String, count: Int, limit: Int)
  /// A plan that contradicts itself: the table and what is wrong. Our own mistake.
  case inconsistent(String)
  /// Image bytes that are not of this format; the offset of the first bad record.
  case malformed(offset: Int)
}
