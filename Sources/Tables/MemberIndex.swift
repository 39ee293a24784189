import Signals
import Wire

/// One entry of a lookup of texts.
struct MemberRecord: BitwiseCopyable {
  /// Marks an entry without a member.
  static let vacant = UInt32.max

  var hash: UInt64 = 0
  var text = ByteRange.empty
  /// Many members may be of one class.
  var classIndex: UInt32 = Self.vacant
  var reserved: UInt32 = 0
}

/// Where the members of a lookup of texts lie: a perfect hash, by "hash and displace". A text is at one
/// place or nowhere, so a lookup takes no branch that depends on what else is there, and nobody who
/// chooses a text makes it slower.
///
/// A member's `stringHash` picks a bucket; the bucket's displacement, found while compiling, moves its
/// members to places of their own. Layout: `capacity` of `MemberRecord`, then a `UInt16` displacement a
/// bucket.
struct MemberIndex {
  static let recordByteCount = MemoryLayout<MemberRecord>.stride

  /// A power of two.
  let capacity: Int

  var bucketCount: Int { max(1, capacity / 4) }
  var displacementsOffset: Int { capacity &* Self.recordByteCount }
  var byteCount: Int { displacementsOffset + 2 * bucketCount }

  @inline(__always)
  func bucket(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash &>> 40) & (capacity &- 1) &>> 2
  }

  @inline(__always)
  func place(_ hash: UInt64, displacement: UInt16) -> Int {
    (Int(truncatingIfNeeded: hash) ^ Int(displacement)) & (capacity &- 1)
  }

  /// The smallest index that has room for members with these hashes, the displacement of each bucket
  /// and the place of each member; `nil` where two have the same hash.
  static func fitting(
    _ hashes: [UInt64]
  ) -> (index: MemberIndex, displacements: [UInt16], places: [Int])? {
    guard Set(hashes).count == hashes.count else { return nil }
    var capacity = 2
    while capacity * 2 < hashes.count * 3 { capacity *= 2 }
    // Twice the room parts any two hashes that differ in some of their low half. LIMIT: no more than
    // the low bits that are used at all.
    while capacity <= 1 << 24 {
      let index = MemberIndex(capacity: capacity)
      if let (displacements, places) = index.displacements(of: hashes) {
        return (index, displacements, places)
      }
      capacity *= 2
    }
    return nil
  }

  /// Displacements under which no two members share a place; fullest buckets first, each the smallest
  /// that will do.
  private func displacements(of hashes: [UInt64]) -> (displacements: [UInt16], places: [Int])? {
    var buckets = [[Int]](repeating: [], count: bucketCount)
    for (member, hash) in hashes.enumerated() { buckets[bucket(hash)].append(member) }
    var displacements = [UInt16](repeating: 0, count: bucketCount)
    var places = [Int](repeating: 0, count: hashes.count)
    var isTaken = [Bool](repeating: false, count: capacity)
    let order = buckets.indices.sorted {
      (buckets[$1].count, $0) < (buckets[$0].count, $1)
    }
    for bucket in order where !buckets[bucket].isEmpty {
      let members = buckets[bucket]
      // What no displacement parts, none has to be tried for.
      let low = Set(members.map { place(hashes[$0], displacement: 0) })
      guard low.count == members.count else { return nil }
      let displacement = (0...UInt16(min(capacity - 1, 0xFFFF))).first { displacement in
        members.allSatisfy { !isTaken[place(hashes[$0], displacement: displacement)] }
      }
      guard let displacement else { return nil }
      displacements[bucket] = displacement
      for member in members {
        places[member] = place(hashes[member], displacement: displacement)
        isTaken[places[member]] = true
      }
    }
    return (displacements, places)
  }
}

extension ChainView {
  /// One more than the class of the text among the input's members; 0 when no cell names it.
  @inline(__always)
  func memberClass(
    of input: InputRecord, hash: UInt64, _ text: ByteRange, in message: Span<UInt8>
  ) -> Int {
    let found = hashedClass(of: input, hash: hash, text)
    if text.count > 8, found != 0,
      !isMember(text, member(of: input, hash: hash).text, foldingCase: input.foldsCase, in: message)
    {
      return 0
    }
    return found
  }

  /// As `memberClass`, of a text of at most eight bytes; of a longer one, by its hash and length alone.
  @inline(__always)
  func hashedClass(of input: InputRecord, hash: UInt64, _ text: ByteRange) -> Int {
    let entry = member(of: input, hash: hash)
    // INVARIANT (short-hash): `stringHash` takes texts of one length of at most eight bytes to
    // different numbers, since each of its steps can be undone.
    let difference = (entry.hash ^ hash) | UInt64(entry.text.count ^ text.count)
    // For a vacant entry this wraps to 0.
    let next = Int(entry.classIndex &+ 1)
    return difference == 0 ? next : 0
  }

  /// The entry at the only place where a text with this hash may be.
  @inline(__always)
  private func member(of input: InputRecord, hash: UInt64) -> MemberRecord {
    let index = MemberIndex(capacity: Int(input.lookupCount))
    let base = Int(input.lookupOffset)
    let displacement: UInt16 = load(
      at: base &+ index.displacementsOffset &+ 2 &* index.bucket(hash))
    return load(at: base &+ index.place(hash, displacement: displacement) &* MemberIndex.recordByteCount)
  }

  /// Whether a text of more than eight bytes is the member in `memberText`, which is as long. Members are
  /// stored as they compare, so only the text's case is folded. Not inlined: what is around it needs the
  /// registers.
  @inline(never)
  private func isMember(
    _ text: ByteRange, _ memberText: ByteRange, foldingCase: Bool, in message: Span<UInt8>
  ) -> Bool {
    let members = self.text
    let last = Int(text.count) &- 8
    var offset = 0
    while true {
      var word = loadPadded8(message, at: text.start &+ offset)
      if foldingCase { word = lowercasedASCII(word) }
      if word != loadPadded8(members, at: memberText.start &+ offset) { return false }
      if offset == last { return true }
      offset = min(offset &+ 8, last)
    }
  }

  /// As `memberClass(of:hash:_:in:)`, for a member of a list, whose hash nobody has taken yet.
  @inline(__always)
  func memberClass(of input: InputRecord, _ text: ByteRange, in message: Span<UInt8>) -> Int {
    let hash = stringHash(message, text, foldingCase: input.foldsCase)
    return memberClass(of: input, hash: hash, text, in: message)
  }
}
