import Rules
import Tables

/// What a bundle says of itself: all but the images and the rules' names.
public struct Manifest: Sendable {
  public struct Chain: Sendable {
    public var key: TableKey
    /// Index in `images`; equal images are in the bundle once.
    public var image: Int
    /// In the order in which they run.
    public var tables: [TableEntry]
    public var certificate: Certificate
  }

  public struct TableEntry: Hashable, Sendable {
    public var name: String
    /// The source's path, as the compiler was given it.
    public var file: String
    /// As in replies.
    public var version: UInt64
    public var ruleCount: Int
    public var columnCount: Int
    /// Of the source's bytes.
    public var source: ContentDigest

    public init(
      name: String, file: String, version: UInt64, ruleCount: Int, columnCount: Int,
      source: ContentDigest
    ) {
      self.name = name
      self.file = file
      self.version = version
      self.ruleCount = ruleCount
      self.columnCount = columnCount
      self.source = source
    }
  }

  public struct Image: Sendable {
    /// Where its block lies in the file.
    public var block: Range<Int>
    public var isCompressed: Bool
    public var byteCount: Int
    public var digest: ContentDigest
  }

  public var header: BundleHeader
  /// The deployment that it is for; empty for any.
  public var environment: String
  /// By tenant and trigger, in the order of their bytes.
  public var chains: [Chain]
  public var images: [Image]
  /// Of everything in front of the trailer.
  public var digest: ContentDigest
  /// Who signed it; `nil` for nobody.
  public var keyID: KeyID?

  public var serial: UInt64 { header.serial }
}
