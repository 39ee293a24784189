import Rules
import Wire

/// A rule as a bundle names it, for people and for `diff`: serving needs none of it.
public struct BundleRule: Hashable, Sendable {
  /// Counted from 1.
  public var number: Int
  /// Empty where it has none.
  public var name: String
  /// The first sixteen bytes of the SHA-256 of what the rule says.
  public var digest: [UInt8]

  public init(number: Int, name: String, digest: ContentDigest) {
    self.number = number
    self.name = name
    self.digest = Array(digest.bytes.prefix(BundleLayout.ruleDigestByteCount))
  }

  fileprivate init(number: Int, name: String, digest: [UInt8]) {
    self.number = number
    self.name = name
    self.digest = digest
  }

  func write(to out: inout ByteWriter) {
    out.append(UInt32(number))
    out.append(digest.span)
    out.append(UInt16(name.utf8.count))
    out.append(name)
  }
}

extension TableBundle {
  /// The rules of every table, by chain and table of the manifest. O(rules).
  public func rules() throws(BundleError) -> [[[BundleRule]]] {
    let header = manifest.header
    let stored = bytes.span.extracting(header.rulesOffset..<header.rulesEnd)
    guard header.rulesByteCount <= (stored.count + 1) * BundleLimits.compressionRatio,
      stored.count <= header.rulesByteCount
    else { throw BundleError(.tooLarge, at: 72, "\(header.rulesByteCount) bytes of rules") }
    var isRestored = false
    let plain = unsafe [UInt8](unsafeUninitializedCapacity: header.rulesByteCount) { target, count in
      // SAFETY: the capacity asked for is the length that has to be filled.
      isRestored = unsafe LZ4Block.restore(
        stored,
        to: UnsafeMutableRawBufferPointer(start: target.baseAddress, count: header.rulesByteCount))
      count = isRestored ? header.rulesByteCount : 0
    }
    guard isRestored else {
      throw BundleError(.malformed, at: header.rulesOffset, "rules that do not decompress")
    }
    var cursor = BundleCursor(plain.span)
    var chains: [[[BundleRule]]] = []
    for chain in manifest.chains {
      var tables: [[BundleRule]] = []
      for table in chain.tables { tables.append(try Self.rules(of: table, &cursor)) }
      chains.append(tables)
    }
    return chains
  }

  private static func rules(
    of table: Manifest.TableEntry, _ cursor: inout BundleCursor
  ) throws(BundleError) -> [BundleRule] {
    guard table.ruleCount <= cursor.bytes.count / BundleLayout.ruleFixedByteCount else {
      throw BundleError(.malformed, at: cursor.offset, "fewer rules than table `\(table.name)` has")
    }
    var rules: [BundleRule] = []
    for _ in 0..<table.ruleCount {
      let number = Int(try cursor.read(UInt32.self))
      let digest = try cursor.read(byteCount: BundleLayout.ruleDigestByteCount)
      let nameByteCount = Int(try cursor.read(UInt16.self))
      let name = String(decoding: try cursor.read(byteCount: nameByteCount), as: UTF8.self)
      rules.append(BundleRule(number: number, name: name, digest: digest))
    }
    return rules
  }
}
