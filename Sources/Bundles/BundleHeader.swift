import Wire

/// A bundle's first bytes (bundle-v1 2). Reading it checks every count against its limit and all of
/// them against the file's length; nothing else of the file is looked at.
public struct BundleHeader: Equatable, Sendable {
  public var isSigned = false
  public var fileByteCount = 0
  public var serial: UInt64 = 0
  /// Seconds since 1970.
  public var created: Int64 = 0
  /// Seconds since 1970; `nil` for never.
  public var expires: Int64?
  public var chainCount = 0
  public var tableCount = 0
  public var imageCount = 0
  var textByteCount = 0
  var environment = ByteRange.empty
  /// The rules' names and digests, as they are stored and decompressed.
  var rulesStoredByteCount = 0
  var rulesByteCount = 0
  /// All images, decompressed.
  public var imagesByteCount = 0

  init() {}

  public init(reading bytes: Span<UInt8>) throws(BundleError) {
    var cursor = BundleCursor(bytes)
    guard try cursor.read(byteCount: BundleLayout.magic.count) == BundleLayout.magic else {
      throw BundleError(.malformed, "no bundle: it does not begin with `PSTNBNDL`")
    }
    let version = try cursor.read(UInt16.self)
    guard version == BundleLayout.formatVersion else {
      throw BundleError(
        .malformed, at: 8, "format version \(version); this Postern reads version 1")
    }
    let flags = try cursor.read(UInt16.self)
    guard flags & ~BundleLayout.signedFlag == 0 else {
      throw BundleError(.malformed, at: 10, "unknown flags \(flags)")
    }
    isSigned = flags & BundleLayout.signedFlag != 0
    try cursor.readReserved(byteCount: 4)
    fileByteCount = Int(clamping: try cursor.read(UInt64.self))
    serial = try cursor.read(UInt64.self)
    guard serial > 0 else { throw BundleError(.malformed, at: 24, "serial 0; serials begin at 1") }
    created = try cursor.read(Int64.self)
    let expires = try cursor.read(Int64.self)
    guard created >= 0, expires >= 0 else {
      throw BundleError(.malformed, at: 32, "a time before 1970")
    }
    self.expires = expires == 0 ? nil : expires
    chainCount = try Self.count(&cursor, BundleLimits.chainCount, "chains")
    tableCount = try Self.count(&cursor, BundleLimits.tableCount, "tables")
    imageCount = try Self.count(&cursor, BundleLimits.imageCount, "images")
    textByteCount = try Self.count(&cursor, BundleLimits.textByteCount, "bytes of text")
    environment = try cursor.readRange(in: textByteCount, atMost: BundleLimits.environmentByteCount)
    rulesStoredByteCount = try Self.count(&cursor, BundleLimits.fileByteCount, "bytes of rules")
    rulesByteCount = try Self.count(&cursor, BundleLimits.rulesByteCount, "bytes of rules")
    imagesByteCount = Int(clamping: try cursor.read(UInt64.self))
    guard imagesByteCount <= BundleLimits.imagesByteCount else {
      throw BundleError(.tooLarge, at: 80, "\(imagesByteCount) bytes of images")
    }
    try cursor.readReserved(byteCount: 8)
    try checkLength(of: bytes)
  }

  private func checkLength(of bytes: Span<UInt8>) throws(BundleError) {
    guard fileByteCount <= BundleLimits.fileByteCount else {
      throw BundleError(.tooLarge, at: 16, "\(fileByteCount) bytes")
    }
    guard bytes.count >= fileByteCount else {
      throw BundleError(
        .truncated, at: bytes.count,
        "\(bytes.count) of \(fileByteCount) bytes are there; fetch it again")
    }
    guard bytes.count == fileByteCount, blocksOffset + rulesStoredByteCount <= rulesEnd else {
      throw BundleError(
        .malformed, at: 16, "a length of \(fileByteCount) bytes does not fit what is there")
    }
  }

  private static func count(
    _ cursor: inout BundleCursor, _ limit: Int, _ what: String
  ) throws(BundleError) -> Int {
    let offset = cursor.offset
    let count = Int(try cursor.read(UInt32.self))
    guard count <= limit else {
      throw BundleError(.tooLarge, at: offset, "\(count) \(what); \(limit) is the most")
    }
    return count
  }

  // The sections follow one another without gaps.
  var chainsOffset: Int { BundleLayout.headerByteCount }
  var tablesOffset: Int { chainsOffset + chainCount * BundleLayout.chainByteCount }
  var imagesOffset: Int { tablesOffset + tableCount * BundleLayout.tableByteCount }
  var textOffset: Int { imagesOffset + imageCount * BundleLayout.imageByteCount }
  var blocksOffset: Int { textOffset + textByteCount }
  var rulesEnd: Int { contentByteCount }
  var rulesOffset: Int { rulesEnd - rulesStoredByteCount }
  /// What the digest is about: everything in front of it.
  var contentByteCount: Int {
    fileByteCount - BundleLayout.trailerByteCount(isSigned: isSigned)
  }
}

extension BundleCursor {
  /// A range of the text section.
  mutating func readRange(
    in textByteCount: Int, atMost limit: Int
  ) throws(BundleError) -> ByteRange {
    let start = offset
    let first = Int(try read(UInt32.self))
    let count = Int(try read(UInt32.self))
    guard first <= textByteCount, count <= textByteCount - first else {
      throw BundleError(.malformed, at: start, "a text outside of the text section")
    }
    guard count <= limit else {
      throw BundleError(.tooLarge, at: start, "a text of \(count) bytes; \(limit) is the most")
    }
    return ByteRange(offset: first, count: count)
  }
}
