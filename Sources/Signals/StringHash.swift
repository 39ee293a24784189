import Wire

/// The hash by which string cells find a text: the same while compiling and while deciding.
///
/// With `foldingCase`, ASCII letters count as lower-case. Not keyed: tables hold the keys that are
/// looked up, so a sender can choose probes but not collisions among them. O(count), eight bytes a
/// step.
@inlinable @inline(__always)
public func stringHash(_ bytes: Span<UInt8>, _ range: ByteRange, foldingCase: Bool) -> UInt64 {
  // One step does for most texts.
  guard range.count &- 1 < 8 else { return longStringHash(bytes, range, foldingCase: foldingCase) }
  let unused = 64 &- 8 &* UInt64(range.count)
  var word = (loadPadded8(bytes, at: range.start) &<< unused) &>> unused
  if foldingCase { word = lowercasedASCII(word) }
  return finished(hashed(word, after: UInt64(range.count) &* hashMultiplier))
}

@inlinable @inline(never)
func longStringHash(_ bytes: Span<UInt8>, _ range: ByteRange, foldingCase: Bool) -> UInt64 {
  var hash = UInt64(range.count) &* hashMultiplier
  var index = range.start
  let end = range.end
  while index &+ 8 < end {
    let word = loadPadded8(bytes, at: index)
    hash = hashed(foldingCase ? lowercasedASCII(word) : word, after: hash)
    index &+= 8
  }
  if index < end {
    let word = loadUpTo8(bytes, at: index, end: end)
    hash = hashed(foldingCase ? lowercasedASCII(word) : word, after: hash)
  }
  return finished(hash)
}

@inlinable
var hashMultiplier: UInt64 { @inline(__always) get { 0x9E37_79B9_7F4A_7C15 } }

@inlinable @inline(__always)
func hashed(_ word: UInt64, after hash: UInt64) -> UInt64 {
  let product = (hash ^ word) &* hashMultiplier
  return product ^ product >> 29
}

/// A product's low bits depend on low bits alone: without this step, texts that differ in the last of
/// eight bytes would share their place in a table.
@inlinable @inline(__always)
func finished(_ hash: UInt64) -> UInt64 {
  let product = (hash ^ hash >> 32) &* hashMultiplier
  return product ^ product >> 32
}

/// Whether two texts are the same, ASCII case aside where `foldingCase`. O(count).
@inlinable
public func sameText(
  _ a: Span<UInt8>, _ aRange: ByteRange, _ b: Span<UInt8>, _ bRange: ByteRange, foldingCase: Bool
) -> Bool {
  guard aRange.count == bRange.count else { return false }
  var offset = 0
  while offset < Int(aRange.count) {
    var left = loadUpTo8(a, at: aRange.start + offset, end: aRange.end)
    var right = loadUpTo8(b, at: bRange.start + offset, end: bRange.end)
    if foldingCase {
      left = lowercasedASCII(left)
      right = lowercasedASCII(right)
    }
    if left != right { return false }
    offset += 8
  }
  return true
}

/// Up to eight bytes from `index`, little-endian, zeros above `end`.
@inlinable @inline(__always)
public func loadUpTo8(_ bytes: Span<UInt8>, at index: Int, end: Int) -> UInt64 {
  let count = end &- index
  let word = loadPadded8(bytes, at: index)
  return count >= 8 ? word : word & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
}

/// The eight bytes from `index` on, little-endian, zeros past the end of `bytes`.
@inlinable @inline(__always)
public func loadPadded8(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
  // One comparison: a negative index is a very large one without its sign.
  guard UInt(bitPattern: index) < UInt(bitPattern: max(0, bytes.count &- 7)) else {
    return loadTail8(bytes, at: index)
  }
  // SAFETY: in bounds by the lines above; an integer has no invalid bit pattern.
  return unsafe UInt64(
    littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
}

/// The four bytes before `end`, the last one uppermost, zeros before the start of `bytes`.
@inline(__always)
func loadPadded4(_ bytes: Span<UInt8>, endingAt end: Int) -> UInt32 {
  precondition(end >= 0 && end <= bytes.count)
  guard end >= 4 else { return loadFirst4(bytes, endingAt: end) }
  // SAFETY: in bounds by the lines above; an integer has no invalid bit pattern.
  return unsafe UInt32(
    littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: end &- 4, as: UInt32.self))
}

@inline(never)
private func loadFirst4(_ bytes: Span<UInt8>, endingAt end: Int) -> UInt32 {
  var word: UInt32 = 0
  for offset in 0..<end { word = word >> 8 | UInt32(bytes[offset]) << 24 }
  return word
}

/// As `loadPadded8`, sixteen bytes.
@inline(__always)
func loadPadded16(_ bytes: Span<UInt8>, at index: Int) -> (low: UInt64, high: UInt64) {
  guard UInt(bitPattern: index) < UInt(bitPattern: max(0, bytes.count &- 15)) else {
    return (loadPadded8(bytes, at: index), loadPadded8(bytes, at: index &+ 8))
  }
  // SAFETY: in bounds by the lines above; an integer has no invalid bit pattern.
  let words = unsafe bytes.bytes.unsafeLoadUnaligned(
    fromUncheckedByteOffset: index, as: SIMD2<UInt64>.self)
  return (UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]))
}

@usableFromInline @inline(never)
func loadTail8(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
  precondition(index >= 0)
  let missing = index &+ 8 &- bytes.count
  guard missing < 8 else { return 0 }
  if bytes.count >= 8 {
    return loadPadded8(bytes, at: bytes.count &- 8) &>> UInt64(missing &* 8)
  }
  return loadAll(bytes) &>> UInt64(index &* 8)
}

/// One to seven bytes, by two loads or three that overlap.
private func loadAll(_ bytes: Span<UInt8>) -> UInt64 {
  let last = bytes.count &- 1
  if last >= 3 {
    let high = UInt64(bytes.load(UInt32.self, at: last &- 3)) &<< UInt64(8 &* (last &- 3))
    return UInt64(bytes.load(UInt32.self, at: 0)) | high
  }
  let middle = bytes.count &>> 1
  return UInt64(bytes[0]) | UInt64(bytes[middle]) &<< UInt64(8 &* middle)
    | UInt64(bytes[last]) &<< UInt64(8 &* last)
}

/// The word with each ASCII capital made small, the other bytes as they are.
@inlinable @inline(__always)
public func lowercasedASCII(_ word: UInt64) -> UInt64 {
  let low7 = word & 0x7F7F_7F7F_7F7F_7F7F
  let atLeastA = low7 &+ 0x3F3F_3F3F_3F3F_3F3F  // Bit 7 set where the low 7 bits are >= "A".
  let aboveZ = low7 &+ 0x2525_2525_2525_2525  // Bit 7 set where they are > "Z".
  let capital = (atLeastA & ~aboveZ & ~word) & 0x8080_8080_8080_8080
  return word | (capital >> 2)
}
