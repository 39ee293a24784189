import CByteMask

// Questions asked of sixteen bytes at once, the answers as sixteen bits. Comparing vectors with the
// operators of `SIMD16` compiles to a loop over the bytes; sums and masks of them do not.

/// Bit `i`: byte `i` is `separator` (ASCII) or a control (below 0x20, or 0x7F).
@inline(__always)
func bitsOf(_ separator: UInt8, orControlIn bytes: SIMD16<UInt8>) -> UInt64 {
  UInt64(postern_separators_or_controls(bytes, separator))
}

/// Sets bit 7 of the bytes that are controls (below 0x20, or 0x7F).
@inline(__always)
func controlFlags(_ bytes: SIMD16<UInt8>) -> SIMD16<UInt8> {
  ~(notControls(bytes & 0x7F) | bytes)
}

/// Sets bit 7 of the bytes that are no controls. One up, 0x7F comes below 0x21 with the others.
@inline(__always)
private func notControls(_ low7: SIMD16<UInt8>) -> SIMD16<UInt8> {
  ((low7 &+ 0x01) & 0x7F) &+ 0x5F
}

/// Bit 7 of each byte, the lowest first.
@inline(__always)
func bits(_ flags: SIMD16<UInt8>) -> UInt64 {
  // SAFETY: both are sixteen bytes of integers.
  let words = unsafe unsafeBitCast(flags & 0x80, to: SIMD2<UInt64>.self)
  return gather(UInt64(littleEndian: words[0])) | gather(UInt64(littleEndian: words[1])) << 8
}

@inline(__always)
private func gather(_ flags: UInt64) -> UInt64 { (flags &* 0x0002_0408_1020_4081) >> 56 }
