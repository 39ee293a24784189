// Questions asked of eight bytes at once. An answer is a word of flags: bit 7 of a byte says yes.

/// The same byte eight times.
@inline(__always)
func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

/// How many bytes lie below the lowest flag; 8 when there is none.
@inline(__always)
func countBelow(_ flags: UInt64) -> Int { flags.trailingZeroBitCount >> 3 }

/// Bytes of codes with bit 5 set: a letter is small, a digit is itself and "_" is 0x7F. Where these are the
/// same, codes are the same but for the case of letters.
@inline(__always)
func smallCode(_ word: UInt64) -> UInt64 { (word | repeating(0x20)) & repeating(0x7F) }

/// Flags the ASCII letters, and the bytes that cannot stand in an item's code: all but letters,
/// digits and `_`. It takes some control bytes for these. `small` is the `smallCode` of the word.
@inline(__always)
func codeFlags(_ word: UInt64, _ small: UInt64) -> (letters: UInt64, others: UInt64) {
  let letters = (small &+ repeating(0x1F)) & ~(small &+ repeating(0x05)) & ~word  // "a"..."z"
  let digits = (small &+ repeating(0x50)) & ~(small &+ repeating(0x46))  // "0"..."9"
  let underscores = small &+ repeating(0x01)
  return (letters, (~(letters | digits | underscores) | word) & repeating(0x80))
}
