import CByteMask
import Wire

/// A key of `Akamai-User-Risk` as it may be spelled at one place, found without a branch.
struct UserRiskKeyName: BitwiseCopyable {
  /// Raw value of the key.
  let key: Int
  /// Of the name and its "=".
  let byteCount: Int
  /// Whether the name is there, and a "=" behind it.
  let isThere: Bool

  /// The only name that may be the one that the bytes from `start` on begin with, in any case.
  /// It takes some control bytes for others.
  @inline(__always)
  init(at start: Int, in bytes: Span<UInt8>) {
    // Of the bytes that are no controls, only a letter becomes a small letter, and only "=" an "=".
    let (low, high) = loadPadded16(bytes, at: start)
    let small = (low: low | repeating(0x20), high: high | repeating(0x20))
    let name = postern_user_risk_name_beginning_with(UInt32(truncatingIfNeeded: small.low))
    key = Int(name.key)
    byteCount = Int(name.byte_count)
    let lowDifference = (small.low ^ name.low) & name.low_mask
    let highDifference = (small.high ^ name.high) & name.high_mask
    isThere = lowDifference | highDifference == 0
  }
}
