import Crypto
import Wire

/// SHA-256 of some bytes.
public struct ContentDigest: Hashable, Sendable {
  public static let byteCount = 32

  /// `byteCount` of them.
  public let bytes: [UInt8]

  /// The digest of bytes. O(count).
  public init(of bytes: [UInt8]) { self.bytes = Array(SHA256.hash(data: bytes)) }

  /// The digest of borrowed bytes. O(count), copies nothing.
  public init(of bytes: Span<UInt8>) {
    var hash = SHA256()
    // SAFETY: the buffer is read inside of the closure only.
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    self.bytes = Array(hash.finalize())
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
