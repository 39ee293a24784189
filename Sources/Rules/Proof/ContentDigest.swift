import CNettle
import Wire

/// SHA-256 of some bytes.
public struct ContentDigest: Hashable, Sendable {
  public static let byteCount = 32

  /// `byteCount` of them.
  public let bytes: [UInt8]

  /// The digest of bytes. O(count).
  public init(of bytes: [UInt8]) { self.init(of: bytes.span) }

  /// The digest of borrowed bytes. O(count), copies nothing.
  public init(of bytes: Span<UInt8>) {
    var context = sha256_ctx()
    unsafe nettle_sha256_init(&context)
    // SAFETY: the buffer is read inside of the closure only.
    unsafe bytes.withUnsafeBufferPointer {
      unsafe nettle_sha256_update(&context, $0.count, $0.baseAddress)
    }
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    // SAFETY: there is room for the 32 bytes that are asked for.
    unsafe nettle_sha256_digest(&context, Self.byteCount, &digest)
    self.bytes = digest
  }

  /// A digest that was written down; `nil` unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// 64 hexadecimal digits.
  public var hexadecimal: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
