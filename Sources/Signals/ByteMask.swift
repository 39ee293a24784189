import CByteMask

/// Bit `i`: byte `i` is `separator` or a control (below 0x20, or 0x7F).
@inline(__always)
func bitsOf(_ separator: UInt8, orControlIn bytes: SIMD16<UInt8>) -> UInt64 {
  UInt64(postern_separators_or_controls(bytes, separator))
}

/// Bit `i`: byte `i` is `byte`.
@inline(__always)
func bitsOf(_ byte: UInt8, in bytes: SIMD16<UInt8>) -> UInt64 {
  UInt64(postern_matches(bytes, byte))
}
