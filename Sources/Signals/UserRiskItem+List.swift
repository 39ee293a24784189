import Wire

extension UserRiskItem {
  /// Whether a list can be read: every item of it is one. O(bytes of the list).
  static func isList(_ text: ByteRange, in bytes: Span<UInt8>) -> Bool {
    var items = UserRiskItemCursor(text)
    while let item = items.next(in: bytes) {
      if codeStart(of: item, in: bytes).byteCount == nil { return false }
    }
    return true
  }

  /// The part that a slot reads of the item of its code: `absent` when the list has none, `invalid` when
  /// it has two or when any of its items cannot be read.
  ///
  /// The code is compared without regard to ASCII case. O(bytes of the list).
  static func signal(
    at index: Int, of schema: SchemaView, inList text: ByteRange, _ bytes: Span<UInt8>
  ) -> SignalValue {
    let name = schema.slots[index].name
    let nameByteCount = Int(name.count)
    let unused = UInt64(8 &* max(0, 8 &- nameByteCount))
    let nameStart = smallCode(loadPadded8(schema.names, at: name.start)) &<< unused
    var found: ByteRange?
    var items = UserRiskItemCursor(text)
    while let item = items.next(in: bytes) {
      let (start, codeByteCount) = codeStart(of: item, in: bytes)
      guard let codeByteCount else { return .invalid }
      guard codeByteCount == nameByteCount, start &<< unused == nameStart else { continue }
      if codeByteCount > 8 {
        let code = ByteRange(offset: item.start, count: codeByteCount)
        guard sameText(bytes, code, schema.names, name, foldingCase: true) else { continue }
      }
      guard found == nil else { return .invalid }
      found = item
    }
    guard let found else { return .absent }
    return UserRiskItem(reading: bytes, found, codeByteCount: nameByteCount)
      .signal(schema.slots[index].part, in: bytes, foldingCase: schema.slots[index].foldsCase)
  }
}

/// Steps through the items of a scanned list: what stands between `|`, empty ones passed over.
struct UserRiskItemCursor: BitwiseCopyable {
  private var delimiters: DelimiterCursor
  private var start: Int
  private let end: Int

  @inline(__always)
  init(_ list: ByteRange) {
    delimiters = DelimiterCursor(list, separator: UInt8(ascii: "|"))
    start = list.start
    end = list.end
  }

  @inline(__always)
  mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
    while start < end {
      let item = ByteRange(offset: start, count: delimiters.next(in: bytes) &- start)
      start = item.end &+ 1
      if !item.isEmpty { return item }
    }
    return nil
  }
}

extension UserRiskItem {
  /// The first eight of these bytes, none of them a control, as `smallCode`, and how long their code is;
  /// `nil` when they are no item.
  @inline(__always)
  private static func codeStart(
    of range: ByteRange, in bytes: Span<UInt8>
  ) -> (small: UInt64, byteCount: Int?) {
    let word = loadPadded8(bytes, at: range.start)
    let small = smallCode(word)
    let (letters, others) = codeFlags(word, small)
    guard others != 0 else { return (small, longCodeByteCount(of: range, in: bytes)) }
    let byteCount = countBelow(others)
    let end = range.start &+ byteCount
    guard letters & 0x80 != 0, end < range.end, bytes[end] == UInt8(ascii: ":") else {
      return (small, nil)
    }
    return (small, byteCount)
  }

  /// How long a code of any length is; `nil` as above.
  @inline(never)
  private static func longCodeByteCount(of range: ByteRange, in bytes: Span<UInt8>) -> Int? {
    guard isLetter(bytes[range.start]) else { return nil }
    var end = range.start
    while end < range.end, isCodeByte(bytes[end]) { end += 1 }
    return end < range.end && bytes[end] == UInt8(ascii: ":") ? end - range.start : nil
  }

  /// Splits an item whose code's length is known. The level is there only when the last "/" is
  /// followed by exactly one of `L`, `M` and `H`, in either case.
  @inline(always)
  init(reading bytes: Span<UInt8>, _ range: ByteRange, codeByteCount: Int) {
    code = ByteRange(offset: range.start, count: codeByteCount)
    text = ByteRange(offset: code.end + 1, count: range.end - code.end - 1)
    value = text
    level = nil
    guard text.count >= 2, bytes[text.end - 2] == UInt8(ascii: "/") else { return }
    switch bytes[text.end - 1] {
    case UInt8(ascii: "L"), UInt8(ascii: "l"): level = .low
    case UInt8(ascii: "M"), UInt8(ascii: "m"): level = .medium
    case UInt8(ascii: "H"), UInt8(ascii: "h"): level = .high
    default: return
    }
    value.count -= 2
  }

  @inline(always)
  fileprivate func signal(
    _ part: Part, in bytes: Span<UInt8>, foldingCase: Bool
  ) -> SignalValue {
    switch part {
    case .text: .string(text, in: bytes, foldingCase: foldingCase)
    case .value: .string(value, in: bytes, foldingCase: foldingCase)
    case .level: level.map { .enumeration(Int($0.rawValue)) } ?? .absent
    case .number: bytes.decimal(in: value).map { .number($0) } ?? .invalid
    }
  }
}
