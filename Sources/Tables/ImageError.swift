/// Why a chain cannot be laid out or an image cannot be used.
public enum ImageError: Error, Equatable, Sendable {
  /// A plan beyond a limit: what there is too much of, how many, and how many there may be.
  case tooMany(String, count: Int, limit: Int)
  /// A plan that contradicts itself: the table and what is wrong. Our own mistake.
  case inconsistent(String)
  /// An image of another format, which another version of Postern has laid out: the format's number.
  case otherFormat(UInt32)
  /// Image bytes that are not of this format; the offset of the first bad record.
  case malformed(offset: Int)
  /// There is no memory for an image of so many bytes.
  case noMemory(byteCount: Int)

  /// The format that this Postern lays out and reads.
  public static var ownFormat: UInt32 { ImageHeader.formatVersion }
}
