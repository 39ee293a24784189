import CByteMask

/// Bit `i`: byte `i` is `byte`.
@inline(__always)
func bitsOf(_ byte: UInt8, in bytes: SIMD16<UInt8>) -> UInt64 {
  UInt64(postern_matches(bytes, byte))
}
