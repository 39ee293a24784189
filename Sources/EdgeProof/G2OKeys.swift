import Wire

/// A key that the edge and this service share.
public struct G2OKey: Equatable, Sendable {
  /// LIMIT: a key id is a part of a header; a key longer than a hash block is hashed first.
  public static let byteCountMax = 128
  /// Bytes from which on a random key cannot be guessed; a shorter one is warned of.
  public static let securedByteCount = SharedSecrets.byteCountMin

  public let id: String
  public let secret: [UInt8]
  /// The only tenants whose requests it proves; empty for all.
  public let tenants: [String]

  public init(id: String, secret: [UInt8], tenants: [String] = []) throws(G2OKeyError) {
    let bytes = Array(id.utf8)
    guard !bytes.isEmpty, bytes.count <= Self.byteCountMax,
      bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") })
    else { throw .badID(id) }
    guard !secret.isEmpty else { throw .emptySecret(id: id) }
    guard secret.count <= Self.byteCountMax else { throw .longSecret(id: id, byteCount: secret.count) }
    // The id travels in the open.
    guard secret != bytes else { throw .secretIsID(id: id) }
    self.id = id
    self.secret = secret
    self.tenants = tenants
  }
}

public enum G2OKeyError: Error, Equatable, Sendable, CustomStringConvertible {
  case badID(String)
  case emptySecret(id: String)
  case longSecret(id: String, byteCount: Int)
  case secretIsID(id: String)
  case repeatedID(String)
  case noKeys

  public var description: String {
    switch self {
    case .badID(let id):
      "`\(id)` is no key id; write 1 to \(G2OKey.byteCountMax) printable ASCII characters, no space, no comma"
    case .emptySecret(let id): "key `\(id)` has no secret; an empty one would let anybody sign"
    case .longSecret(let id, let byteCount):
      "the secret of key `\(id)` has \(byteCount) bytes; at most \(G2OKey.byteCountMax) are used"
    case .secretIsID(let id):
      "the secret of key `\(id)` is its id, which each request shows; choose another secret"
    case .repeatedID(let id): "key `\(id)` is there twice; during a rotation the new key has a new id"
    case .noKeys: "no keys; name at least one, or set the proof to `off`"
    }
  }
}

/// The keys of one verifier, laid out for a look-up without references.
struct G2OKeyRing: ~Copyable {
  struct Entry: BitwiseCopyable {
    var id: ByteRange
    var secret: ByteRange
    /// The tenants that it is for, a bit each.
    var scope: UInt64
  }

  private var bytes = ByteWriter()
  private var entries = ScratchList<Entry>()

  init(_ keys: [G2OKey], scopes: [UInt64]?) throws(G2OKeyError) {
    guard !keys.isEmpty else { throw .noKeys }
    var seen: Set<String> = []
    for (index, key) in keys.enumerated() {
      guard seen.insert(key.id).inserted else { throw .repeatedID(key.id) }
      let id = ByteRange(offset: bytes.count, count: key.id.utf8.count)
      bytes.append(key.id)
      let secret = ByteRange(offset: bytes.count, count: key.secret.count)
      bytes.append(key.secret.span)
      entries.append(Entry(id: id, secret: secret, scope: scopes?[index] ?? .max))
    }
  }

  /// The index of a tenant's key; `nil` where none has the id. Ids are no secret: the search may
  /// stop early.
  func index(ofKey id: Span<UInt8>, for tenant: TenantProof) -> Int? {
    for index in entries.indices where bytes.span.extracting(entries[index].id).elementsEqual(id) {
      return entries[index].scope & 1 << UInt64(tenant.bit) == 0 ? nil : index
    }
    return nil
  }

  /// Appends the signature that a key makes.
  func appendSignature(
    ofKey index: Int, _ algorithm: G2OAlgorithm, of data: Span<UInt8>,
    signString: borrowing ByteWriter, to out: inout ByteWriter
  ) {
    algorithm.appendSignature(
      of: data, signString: signString.span, key: bytes.span.extracting(entries[index].secret), to: &out)
  }
}
