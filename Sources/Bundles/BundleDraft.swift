import Rules
import Tables
import Wire

/// Everything that a bundle is made of.
public struct BundleDraft {
  public struct Chain {
    public var key: TableKey
    public var image: CompiledChain
    /// In the order in which they run, each with its rules.
    public var tables: [(entry: Manifest.TableEntry, rules: [BundleRule])]
    public var certificate: Certificate

    public init(
      key: TableKey, image: CompiledChain,
      tables: [(entry: Manifest.TableEntry, rules: [BundleRule])], certificate: Certificate
    ) {
      self.key = key
      self.image = image
      self.tables = tables
      self.certificate = certificate
    }
  }

  public var serial: UInt64
  /// Seconds since 1970.
  public var created: Int64
  /// Seconds since 1970; `nil` for never.
  public var expires: Int64?
  /// Empty for any.
  public var environment: String
  public var chains: [Chain]

  public init(
    serial: UInt64, created: Int64, expires: Int64? = nil, environment: String = "",
    chains: [Chain]
  ) {
    self.serial = serial
    self.created = created
    self.expires = expires
    self.environment = environment
    self.chains = chains
  }

  /// The bundle's bytes, unsigned. O(bytes). The error says which limit it is over.
  public func encoded() throws(BundleError) -> [UInt8] {
    var writer = BundleWriter()
    return try writer.encode(self)
  }
}

/// Lays a draft out: equal images and equal texts once.
private struct BundleWriter {
  private var text: [UInt8] = []
  private var textRanges: [[UInt8]: ByteRange] = [:]
  private var imageIndexes: [ContentDigest: Int] = [:]
  private var images: [(digest: ContentDigest, byteCount: Int, block: [UInt8])] = []

  mutating func encode(_ draft: BundleDraft) throws(BundleError) -> [UInt8] {
    let chains = draft.chains.sorted { $0.key.isBefore($1.key) }
    var header = BundleHeader()
    header.serial = draft.serial
    header.created = draft.created
    header.expires = draft.expires
    header.environment = add(draft.environment)
    header.chainCount = chains.count
    var chainRecords = ByteWriter(capacity: 4096)
    var tableRecords = ByteWriter(capacity: 4096)
    var rules = ByteWriter(capacity: 4096)
    for chain in chains {
      append(chain, firstTable: header.tableCount, to: &chainRecords)
      header.tableCount += chain.tables.count
      for table in chain.tables {
        append(table.entry, to: &tableRecords)
        for rule in table.rules { rule.write(to: &rules) }
      }
    }
    let rulesBlock = LZ4Block.stored(rules.span)
    header.rulesByteCount = rules.count
    header.rulesStoredByteCount = rulesBlock.count
    header.imageCount = images.count
    header.textByteCount = text.count
    header.imagesByteCount = images.reduce(0) { $0 + $1.byteCount }
    var out = ByteWriter(capacity: 4096)
    let imageRecords = self.imageRecords(from: header.blocksOffset)
    let blockByteCount = images.reduce(0) { $0 + $1.block.count }
    header.fileByteCount =
      header.blocksOffset + blockByteCount + rulesBlock.count
      + BundleLayout.trailerByteCount(isSigned: false)
    header.write(to: &out)
    out.append(chainRecords.span)
    out.append(tableRecords.span)
    out.append(imageRecords.span)
    out.append(text.span)
    for image in images { out.append(image.block.span) }
    out.append(rulesBlock.span)
    out.append(ContentDigest(of: out.span).bytes.span)
    // A bundle that this version would refuse is never written.
    _ = try Manifest(try BundleHeader(reading: out.span), reading: out.span)
    return Array(copying: out.span)
  }

  private mutating func append(
    _ chain: BundleDraft.Chain, firstTable: Int, to out: inout ByteWriter
  ) {
    out.append(add(chain.key.tenant))
    out.append(add(chain.key.trigger))
    out.append(UInt32(imageIndex(of: chain.image)))
    out.append(UInt32(firstTable))
    out.append(UInt32(chain.tables.count))
    out.append(chain.certificate.statementVersion)
    for field in Certificate.Counts.fields { out.append(chain.certificate.counts[keyPath: field]) }
    out.append(UInt64(0))
    out.append(chain.certificate.digest.bytes.span)
  }

  private mutating func append(_ table: Manifest.TableEntry, to out: inout ByteWriter) {
    out.append(add(table.name))
    out.append(add(table.file))
    out.append(table.version)
    out.append(UInt32(table.ruleCount))
    out.append(UInt32(table.columnCount))
    out.append(UInt64(0))
    out.append(table.source.bytes.span)
  }

  private func imageRecords(from blocksOffset: Int) -> ByteWriter {
    var out = ByteWriter(capacity: 4096)
    var offset = blocksOffset
    for image in images {
      out.append(UInt64(offset))
      out.append(UInt32(image.block.count))
      out.append(UInt32(image.byteCount))
      out.append(UInt64(0))
      out.append(UInt64(0))
      out.append(image.digest.bytes.span)
      offset += image.block.count
    }
    return out
  }

  private mutating func imageIndex(of chain: CompiledChain) -> Int {
    let digest = ContentDigest(of: chain.image)
    if let known = imageIndexes[digest] { return known }
    imageIndexes[digest] = images.count
    images.append((digest, chain.byteCount, LZ4Block.stored(chain.image)))
    return images.count - 1
  }

  private mutating func add(_ string: String) -> ByteRange {
    let utf8 = Array(string.utf8)
    if let known = textRanges[utf8] { return known }
    let range = ByteRange(offset: text.count, count: utf8.count)
    text += utf8
    textRanges[utf8] = range
    return range
  }
}

extension ByteWriter {
  fileprivate mutating func append(_ range: ByteRange) {
    append(range.offset)
    append(range.count)
  }
}

extension BundleHeader {
  fileprivate func write(to out: inout ByteWriter) {
    let magic = BundleLayout.magic
    out.append(magic.span)
    out.append(BundleLayout.formatVersion)
    out.append(isSigned ? BundleLayout.signedFlag : 0)
    out.append(UInt32(0))
    out.append(UInt64(fileByteCount))
    out.append(serial)
    out.append(created)
    out.append(expires ?? 0)
    for count in [chainCount, tableCount, imageCount, textByteCount] {
      out.append(UInt32(clamping: count))
    }
    out.append(environment)
    out.append(UInt32(clamping: rulesStoredByteCount))
    out.append(UInt32(clamping: rulesByteCount))
    out.append(UInt64(imagesByteCount))
    out.append(UInt64(0))
  }
}
