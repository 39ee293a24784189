import Wire

/// Names that resemble a header's that is read, and are none: `akamai_user_risk`, which some servers take
/// for the same. What has such a name carries nothing.
struct LookAlikes: ~Copyable {
  private var names = ByteWriter()
  private var entries = ScratchList<ByteRange>()
  /// A bit for each letter that a name begins with: most of what is asked about ends here.
  private var initials: UInt64 = 0

  /// Of the names that are always read, and of those in which proof comes.
  init(of proofHeaders: [(name: String, field: Field)] = []) {
    for name in CheckControl.readNames { append(name) }
    for header in proofHeaders { append(Array(header.name.utf8)) }
  }

  private mutating func append(_ name: [UInt8]) {
    entries.append(ByteRange(offset: names.count, count: name.count))
    names.append(name.span)
    if let initial = name.span.firstLetter { initials |= 1 << UInt64(initial & 63) }
  }

  /// Not those that are read themselves. O(names).
  func contains(_ name: Span<UInt8>) -> Bool {
    guard let initial = name.firstLetter, initials >> UInt64(initial & 63) & 1 == 1 else { return false }
    var isAlike = false
    for index in entries.indices {
      let read = names.span.extracting(entries[index])
      guard read.hasLetters(of: name) else { continue }
      if read.elementsEqual(name) { return false }
      isAlike = true
    }
    return isAlike
  }
}

extension Span where Element == UInt8 {
  /// Whether two names are the same but for their marks.
  func hasLetters(of other: Span<UInt8>) -> Bool {
    var (place, otherPlace) = (0, 0)
    while true {
      while place < count, !isLetter(self[place]) { place += 1 }
      while otherPlace < other.count, !isLetter(other[otherPlace]) { otherPlace += 1 }
      guard place < count, otherPlace < other.count else {
        return place == count && otherPlace == other.count
      }
      guard self[place] == other[otherPlace] else { return false }
      place += 1
      otherPlace += 1
    }
  }

  fileprivate var firstLetter: UInt8? {
    var place = 0
    while place < count, !isLetter(self[place]) { place += 1 }
    return place < count ? self[place] : nil
  }
}

/// A letter or digit, as HTTP/2 writes names. All else is a mark, which some server takes for a hyphen.
func isLetter(_ byte: UInt8) -> Bool {
  UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
}
