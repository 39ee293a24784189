import Rules
import Signals
import Tables
import Wire

extension Manifest {
  /// LIMIT: a path that a person can still read.
  static let fileByteCountMax = 1024

  /// Reads a bundle whose digest has been checked, and checks that every record fits the others.
  init(_ header: BundleHeader, reading bytes: Span<UInt8>) throws(BundleError) {
    self.header = header
    let reader = ManifestReader(header, bytes)
    environment = try reader.text(header.environment, at: 64)
    images = try reader.images()
    chains = try reader.chains(try reader.tables())
    var trailer = BundleCursor(bytes, at: header.contentByteCount)
    digest = try trailer.readDigest()
    keyID =
      header.isSigned ? KeyID(try trailer.read(byteCount: BundleLayout.keyIDByteCount)) : nil
  }
}

/// Reads the sections of records.
private struct ManifestReader: ~Escapable {
  let header: BundleHeader
  let bytes: Span<UInt8>

  @_lifetime(copy bytes)
  init(_ header: BundleHeader, _ bytes: Span<UInt8>) {
    self.header = header
    self.bytes = bytes
  }

  func text(_ range: ByteRange, at offset: Int) throws(BundleError) -> String {
    let start = header.textOffset + range.start
    let utf8 = [UInt8](copying: bytes.extracting(start..<(start + Int(range.count))))
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw BundleError(.malformed, at: offset, "a text that is not UTF-8")
    }
    return text
  }

  private func readText(
    _ cursor: inout BundleCursor, from minimum: Int = 0, to limit: Int = Limits.nameByteCount
  ) throws(BundleError) -> String {
    let offset = cursor.offset
    let range = try cursor.readRange(in: header.textByteCount, atMost: limit)
    guard Int(range.count) >= minimum else {
      throw BundleError(.malformed, at: offset, "a name is missing")
    }
    return try text(range, at: offset)
  }

  func images() throws(BundleError) -> [Manifest.Image] {
    var cursor = BundleCursor(bytes, at: header.imagesOffset)
    var images: [Manifest.Image] = []
    var blockOffset = header.blocksOffset
    var total = 0
    for _ in 0..<header.imageCount {
      let start = cursor.offset
      let offset = Int(clamping: try cursor.read(UInt64.self))
      let storedByteCount = Int(try cursor.read(UInt32.self))
      let byteCount = Int(try cursor.read(UInt32.self))
      let isCompressed = storedByteCount != byteCount
      try cursor.readReserved(byteCount: 16)
      let digest = try cursor.readDigest()
      guard offset == blockOffset, storedByteCount <= header.rulesOffset - blockOffset else {
        throw BundleError(.malformed, at: start, "an image that is not behind the one before it")
      }
      guard byteCount > 0, byteCount <= BundleLimits.imageByteCount,
        storedByteCount <= byteCount,
        byteCount <= (storedByteCount + 1) * BundleLimits.compressionRatio
      else {
        throw BundleError(
          .tooLarge, at: start + 8, "an image of \(byteCount) bytes from \(storedByteCount)")
      }
      blockOffset += storedByteCount
      total += byteCount
      images.append(
        Manifest.Image(
          block: offset..<blockOffset, isCompressed: isCompressed, byteCount: byteCount,
          digest: digest))
    }
    guard blockOffset == header.rulesOffset, total == header.imagesByteCount else {
      throw BundleError(.malformed, at: header.imagesOffset, "images that leave a gap")
    }
    return images
  }

  func tables() throws(BundleError) -> [Manifest.TableEntry] {
    var cursor = BundleCursor(bytes, at: header.tablesOffset)
    var tables: [Manifest.TableEntry] = []
    for _ in 0..<header.tableCount {
      let name = try readText(&cursor, from: 1)
      let file = try readText(&cursor, to: Manifest.fileByteCountMax)
      let version = try cursor.read(UInt64.self)
      let ruleCount = Int(try cursor.read(UInt32.self))
      let columnCount = Int(try cursor.read(UInt32.self))
      try cursor.readReserved(byteCount: 8)
      tables.append(
        Manifest.TableEntry(
          name: name, file: file, version: version, ruleCount: ruleCount,
          columnCount: columnCount, source: try cursor.readDigest()))
    }
    return tables
  }

  func chains(_ tables: [Manifest.TableEntry]) throws(BundleError) -> [Manifest.Chain] {
    var cursor = BundleCursor(bytes, at: header.chainsOffset)
    var chains: [Manifest.Chain] = []
    var firstTable = 0
    for _ in 0..<header.chainCount {
      let start = cursor.offset
      let key = TableKey(
        tenant: try readText(&cursor), trigger: try readText(&cursor, from: 1))
      let image = Int(try cursor.read(UInt32.self))
      let first = Int(try cursor.read(UInt32.self))
      let count = Int(try cursor.read(UInt32.self))
      guard image < header.imageCount, first == firstTable, count <= BundleLimits.chainTableCount,
        count <= tables.count - first, chains.last.map({ $0.key.isBefore(key) }) ?? true
      else { throw BundleError(.malformed, at: start, "a chain out of order or out of range") }
      firstTable += count
      chains.append(
        Manifest.Chain(
          key: key, image: image, tables: Array(tables[first..<firstTable]),
          certificate: try certificate(&cursor)))
    }
    guard firstTable == tables.count else {
      throw BundleError(.malformed, at: header.tablesOffset, "tables of no chain")
    }
    return chains
  }

  private func certificate(_ cursor: inout BundleCursor) throws(BundleError) -> Certificate {
    let statementVersion = try cursor.read(UInt32.self)
    var counts = Certificate.Counts()
    for field in Certificate.Counts.fields {
      counts[keyPath: field] = try cursor.read(UInt64.self)
    }
    try cursor.readReserved(byteCount: 8)
    return Certificate(
      statementVersion: statementVersion, counts: counts, digest: try cursor.readDigest())
  }
}

extension TableKey {
  /// Whether it comes first: by tenant, then trigger, in the order of their bytes.
  func isBefore(_ other: TableKey) -> Bool {
    if tenant.utf8.elementsEqual(other.tenant.utf8) {
      return trigger.utf8.lexicographicallyPrecedes(other.trigger.utf8)
    }
    return tenant.utf8.lexicographicallyPrecedes(other.tenant.utf8)
  }
}
