import CWide
import Wire

/// A key of `Akamai-User-Risk` as it may be spelled at one place.
struct UserRiskKeyName: BitwiseCopyable {
  /// Raw value of the key.
  let key: Int
  /// Of the name and its "=".
  let byteCount: Int
  /// Whether the name is there, and a "=" behind it.
  let isThere: Bool

  /// The only name that may be the one that the bytes from `start` on begin with, in any case.
  /// It takes some control bytes for others.
  init(at start: Int, in bytes: Span<UInt8>) {
    let (low, high) = loadPadded16(bytes, at: start)
    let name = postern_user_risk_name_at(low, high)
    key = Int(name.key)
    byteCount = Int(name.byte_count)
    isThere = name.is_there
  }
}
