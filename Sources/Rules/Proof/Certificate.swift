import Wire

/// That a chain's image equals its sources for every input: what was compared, and a digest that
/// binds the image and the sources to it.
public struct Certificate: Hashable, Sendable {
  /// How much was compared.
  public struct Counts: Hashable, Sendable {
    public var tables: UInt64 = 0
    public var columns: UInt64 = 0
    public var rules: UInt64 = 0
    /// Different cells, each run through the interpreter at its own boundaries.
    public var cells: UInt64 = 0
    /// Inputs of one column each: states, values at, just below and just above each boundary.
    public var samples: UInt64 = 0
    /// Bits of the image compared with what the interpreter says: (column, sample, rule).
    public var bits: UInt64 = 0
    /// Outputs compared.
    public var outputs: UInt64 = 0

    public init() {}

    mutating func add(_ other: Counts) {
      for field in Self.fields { self[keyPath: field] += other[keyPath: field] }
    }

    /// In the order of the bundle format.
    public static let fields: [WritableKeyPath<Counts, UInt64> & Sendable] = [
      \.tables, \.columns, \.rules, \.cells, \.samples, \.bits, \.outputs,
    ]
  }

  /// What the proof states; another meaning of a table or another way to prove it is another number.
  public static let statementVersion: UInt32 = 1

  public let statementVersion: UInt32
  public let counts: Counts
  public let digest: ContentDigest

  /// Binds what `ChainProof` has compared.
  init(_ counts: Counts, image: ContentDigest, sources: [ContentDigest]) {
    statementVersion = Self.statementVersion
    self.counts = counts
    digest = Self.digest(statementVersion, counts, image: image, sources: sources)
  }

  /// A certificate that was written down. Whether it is about an image, `binds` tells.
  public init(statementVersion: UInt32, counts: Counts, digest: ContentDigest) {
    self.statementVersion = statementVersion
    self.counts = counts
    self.digest = digest
  }

  /// Whether it is about that image and those sources, in the order of the chain's tables, and about
  /// a statement that this version of Postern knows.
  public func binds(image: ContentDigest, sources: [ContentDigest]) -> Bool {
    statementVersion == Self.statementVersion
      && digest == Self.digest(statementVersion, counts, image: image, sources: sources)
  }

  /// SHA-256 over, little-endian: "postern proof", the statement's version (32 bits), the counts
  /// (64 bits each), the image's digest, how many sources (32 bits), their digests.
  private static func digest(
    _ statementVersion: UInt32, _ counts: Counts, image: ContentDigest, sources: [ContentDigest]
  ) -> ContentDigest {
    var bytes = ByteWriter(capacity: 512)
    bytes.append("postern proof")
    bytes.append(statementVersion)
    for field in Counts.fields { bytes.append(counts[keyPath: field]) }
    bytes.append(image.bytes.span)
    bytes.append(UInt32(truncatingIfNeeded: sources.count))
    for source in sources { bytes.append(source.bytes.span) }
    return ContentDigest(of: bytes.span)
  }
}
