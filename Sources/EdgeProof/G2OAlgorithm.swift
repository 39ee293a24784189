import CNettle
import Wire

/// How the digest of a G2O signature is made, by the version that the header names.
///
/// K is the key, D the whole `auth-data` header byte for byte, U the sign-string, `|` joins bytes.
public enum G2OAlgorithm: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// `MD5(K|D|U)`
  case md5 = 1
  /// `MD5(K | MD5(K|D|U))`, the inner digest as raw bytes
  case md5Twice = 2
  /// `HMAC-MD5(K, D|U)`
  case hmacMD5 = 3
  /// `HMAC-SHA1(K, D|U)`
  case hmacSHA1 = 4
  /// `HMAC-SHA256(K, D|U)`
  case hmacSHA256 = 5

  /// MD5 is broken as a hash, and the first two are no MACs.
  var isWeak: Bool { self == .md5 || self == .md5Twice || self == .hmacMD5 }

  /// Bytes of the digest.
  var digestByteCount: Int {
    switch self {
    case .md5, .md5Twice, .hmacMD5: 16
    case .hmacSHA1: 20
    case .hmacSHA256: 32
    }
  }

  /// Characters of the signature: the digest in base64, with `=`.
  public var signatureByteCount: Int { (digestByteCount + 2) / 3 * 4 }

  /// Appends the signature that the edge sends with `data`. O(bytes), allocates nothing but room in
  /// `out`.
  public func appendSignature(
    of data: Span<UInt8>, signString: Span<UInt8>, key: Span<UInt8>, to out: inout ByteWriter
  ) {
    var digest = InlineArray<32, UInt8>(repeating: 0)
    let digestByteCount = digestByteCount
    let signatureByteCount = signatureByteCount
    var span = digest.mutableSpan
    unsafe span.withUnsafeMutableBufferPointer { digest in
      // SAFETY: 32 bytes hold the largest digest.
      let target = digest.baseAddress!
      unsafe write(data, signString, key, to: target)
      unsafe out.appendUnsafe(upTo: signatureByteCount) { text in
        // SAFETY: base64 of these bytes has exactly the count that there is room for.
        unsafe nettle_base64_encode_raw(
          text.baseAddress!.assumingMemoryBound(to: CChar.self), digestByteCount, target)
        return signatureByteCount
      }
    }
  }

  /// SAFETY: `target` must have room for `digestByteCount` bytes.
  @unsafe private func write(
    _ data: Span<UInt8>, _ signString: Span<UInt8>, _ key: Span<UInt8>,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    // SAFETY: each context is ours alone, and no buffer outlives its closure.
    unsafe key.withUnsafeBufferPointer { key in
      unsafe data.withUnsafeBufferPointer { data in
        unsafe signString.withUnsafeBufferPointer { text in
          switch self {
          case .md5, .md5Twice:
            var context = md5_ctx()
            unsafe nettle_md5_init(&context)
            unsafe nettle_md5_update(&context, key.count, key.baseAddress)
            unsafe nettle_md5_update(&context, data.count, data.baseAddress)
            unsafe nettle_md5_update(&context, text.count, text.baseAddress)
            unsafe nettle_md5_digest(&context, digestByteCount, target)
            guard self == .md5Twice else { return }
            unsafe nettle_md5_update(&context, key.count, key.baseAddress)
            unsafe nettle_md5_update(&context, digestByteCount, target)
            unsafe nettle_md5_digest(&context, digestByteCount, target)
          case .hmacMD5:
            var context = hmac_md5_ctx()
            unsafe nettle_hmac_md5_set_key(&context, key.count, key.baseAddress)
            unsafe nettle_hmac_md5_update(&context, data.count, data.baseAddress)
            unsafe nettle_hmac_md5_update(&context, text.count, text.baseAddress)
            unsafe nettle_hmac_md5_digest(&context, digestByteCount, target)
          case .hmacSHA1:
            var context = hmac_sha1_ctx()
            unsafe nettle_hmac_sha1_set_key(&context, key.count, key.baseAddress)
            unsafe nettle_hmac_sha1_update(&context, data.count, data.baseAddress)
            unsafe nettle_hmac_sha1_update(&context, text.count, text.baseAddress)
            unsafe nettle_hmac_sha1_digest(&context, digestByteCount, target)
          case .hmacSHA256:
            var context = hmac_sha256_ctx()
            unsafe nettle_hmac_sha256_set_key(&context, key.count, key.baseAddress)
            unsafe nettle_hmac_sha256_update(&context, data.count, data.baseAddress)
            unsafe nettle_hmac_sha256_update(&context, text.count, text.baseAddress)
            unsafe nettle_hmac_sha256_digest(&context, digestByteCount, target)
          }
        }
      }
    }
  }
}

/// Whether both hold the same bytes, in a time that depends on their counts alone.
func equalInConstantTime(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
  guard one.count == other.count else { return false }
  return unsafe one.withUnsafeBufferPointer { one in
    unsafe other.withUnsafeBufferPointer { other in
      guard let first = one.baseAddress, let second = other.baseAddress else { return true }
      // SAFETY: both have `count` bytes.
      return unsafe nettle_memeql_sec(first, second, one.count) != 0
    }
  }
}
