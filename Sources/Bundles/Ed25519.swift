import CHogweed
import Foundation

/// Ed25519 (RFC 8032) by Nettle.
enum Ed25519 {
  static let keyByteCount = 32
  static let signatureByteCount = 64

  /// The secret half of a key pair, overwritten before its memory is given back.
  ///
  /// `@unchecked`: written before anybody else sees it, only read from then on.
  ///
  /// SAFETY, for all of it: `memory` has `keyByteCount` bytes, which `init` fills; it is ours until `deinit`.
  @safe final class Seed: @unchecked Sendable {
    private let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: keyByteCount)

    /// A new one. The generator reads getrandom(2), and ends the process where there is none.
    init() {
      var random = SystemRandomNumberGenerator()
      for index in 0..<keyByteCount { unsafe memory.initializeElement(at: index, to: random.next()) }
    }

    /// One that was written down. `nil` unless there are 32 bytes.
    init?(_ bytes: Data) {
      guard bytes.count == keyByteCount else { return nil }
      _ = unsafe memory.initialize(from: bytes)
    }

    deinit {
      // SAFETY: the memory is ours, this long. Ordinary stores would be left out: nobody reads them.
      #if canImport(Darwin)
        _ = unsafe memset_s(memory.baseAddress!, keyByteCount, 0, keyByteCount)
      #else
        unsafe explicit_bzero(memory.baseAddress!, keyByteCount)
      #endif
      unsafe memory.deallocate()
    }

    var bytes: Data { unsafe Data(memory) }

    var publicKey: [UInt8] {
      var key = [UInt8](repeating: 0, count: keyByteCount)
      // SAFETY: both hold 32 bytes.
      unsafe nettle_ed25519_sha512_public_key(&key, memory.baseAddress!)
      return key
    }

    /// `publicKey` must be this seed's: with any other the signature would give the seed away.
    func signature(of message: [UInt8], publicKey: [UInt8]) -> [UInt8] {
      precondition(publicKey.count == keyByteCount)
      var signature = [UInt8](repeating: 0, count: signatureByteCount)
      // SAFETY: key and seed hold 32 bytes, the signature has room for 64.
      unsafe nettle_ed25519_sha512_sign(
        publicKey, memory.baseAddress!, message.count, message, &signature)
      return signature
    }
  }

  /// Whether a key made this signature. Not one whose numbers are written in another way than the
  /// standard's.
  static func isValid(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool {
    guard signature.count == signatureByteCount, publicKey.count == keyByteCount else { return false }
    // SAFETY: counts are checked above, and the call keeps nothing.
    return unsafe nettle_ed25519_sha512_verify(publicKey, message.count, message, signature) == 1
  }
}
