import Tables

/// The numbers that a bundle is held to before any of them reserves memory or drives a loop.
public enum BundleLimits {
  /// LIMIT: 100,000 chains of 2 KiB; the largest single image compresses to less.
  public static let fileByteCount = 256 << 20
  /// LIMIT: ten times the tenants the service is measured with, three triggers each.
  public static let chainCount = 300_000
  /// LIMIT: three tables a chain at the most chains.
  public static let tableCount = 900_000
  /// LIMIT: what an image may have, candidates included.
  public static let chainTableCount = ChainPlan.tableCountMax + ChainPlan.shadowCountMax
  /// LIMIT: no more images than chains.
  public static let imageCount = chainCount
  /// LIMIT: names and paths: 100 bytes a table at the most tables.
  public static let textByteCount = 96 << 20
  /// LIMIT: what an image may have; `Tables` lays none out beyond it.
  public static let imageByteCount = 1 << 30
  /// LIMIT: all images together, decompressed; a server with less memory sets a lower one by its
  /// unit or container.
  public static let imagesByteCount = 4 << 30
  /// LIMIT: a digest and a name for each of 4 million rules.
  public static let rulesByteCount = 256 << 20
  /// LIMIT: 255:1 is the best that LZ4 can do; a block that claims more lies.
  public static let compressionRatio = 255
  /// LIMIT: a deployment's environments are `production`, `staging-eu` and the like.
  public static let environmentByteCount = 64
}
