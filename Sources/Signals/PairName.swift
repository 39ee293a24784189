import Wire

/// The key of one pair of `Akamai-User-Risk`: the bytes before its "=".
struct PairName {
  let byteCount: Int
  /// `nil` for a key without a meaning.
  let key: UserRiskHeader.Key?

  /// Reads the name at `start`; `nil` when there is none, or no "=" after it before `end`.
  /// It takes some control bytes for others.
  @inline(__always)
  init?(at start: Int, in bytes: Span<UInt8>, end: Int) {
    if let known = Self(knownAt: start, in: bytes) {
      self = known
    } else if let byteCount = Self.unknownByteCount(at: start, in: bytes, end: end) {
      self.init(nil, byteCount)
    } else {
      return nil
    }
    guard start &+ byteCount < end else { return nil }
  }

  private init(_ key: UserRiskHeader.Key?, _ byteCount: Int) {
    self.key = key
    self.byteCount = byteCount
  }

  /// Reads a name with a meaning and its "=", in any case. No two begin with the same four bytes.
  @inline(__always)
  private init?(knownAt start: Int, in bytes: Span<UInt8>) {
    let word = small8(bytes, at: start)
    switch UInt32(truncatingIfNeeded: word) {
    case 0x6469_7575: self.init(.uuid, 4, 0x003D_6469_7575, in: word)
    case 0x6469_756F: self.init(.ouid, 4, 0x003D_6469_756F, in: word)
    case 0x7461_7473: self.init(.status, 6, 0x003D_7375_7461_7473, in: word)
    case 0x726F_6373: self.init(.score, 5, 0x3D65_726F_6373, in: word)
    case 0x656E_6567: self.init(.general, 7, 0x3D6C_6172_656E_6567, in: word)
    case 0x6B73_6972: self.init(.risk, 4, 0x003D_6B73_6972, in: word)
    case 0x7375_7274: self.init(.trust, 5, 0x3D74_7375_7274, in: word)
    case 0x6F6C_6C61: self.init(.allow, 5, 0x3D77_6F6C_6C61, in: word)
    case 0x6974_6361: self.init(.action, 6, 0x003D_6E6F_6974_6361, in: word)
    default:
      switch word {
      case 0x656D_616E_7265_7375:
        self.init(.username, 8, 0x003D, in: small8(bytes, at: start &+ 8))
      case 0x6974_7365_7571_6572:
        self.init(.requestID, 9, 0x3D64, in: small8(bytes, at: start &+ 8))
      case 0x6D6F_646C_6961_6D65:
        self.init(.emailDomain, 11, 0x3D6E_6961, in: small8(bytes, at: start &+ 8))
      default: return nil
      }
    }
  }

  /// Checks the last word of a name and its "=", `ending`, zeros above it.
  @inline(__always)
  private init?(_ key: UserRiskHeader.Key, _ byteCount: Int, _ ending: UInt64, in word: UInt64) {
    let unused = UInt64(ending.leadingZeroBitCount & ~7)
    guard word << unused == ending << unused else { return nil }
    self.init(key, byteCount)
  }

  /// How long the name at `start` is; `nil` when it is empty or no "=" follows it before `end`.
  @inline(never)
  private static func unknownByteCount(at start: Int, in bytes: Span<UInt8>, end: Int) -> Int? {
    var offset = start
    while offset < end, isTokenByte(bytes[offset]) { offset += 1 }
    guard offset > start, offset < end, bytes[offset] == UInt8(ascii: "=") else { return nil }
    return offset - start
  }
}

extension UserRiskHeader.Key {
  @inline(__always)
  var isList: Bool { rawValue >= Self.general.rawValue && rawValue <= Self.trust.rawValue }
}

/// The eight bytes from `start`, letters made small, "=" as it is.
///
/// Of the bytes that are no controls, only a letter becomes a small letter, and only "=" an "=".
@inline(__always)
private func small8(_ bytes: Span<UInt8>, at start: Int) -> UInt64 {
  loadPadded8(bytes, at: start) | repeating(0x20)
}
