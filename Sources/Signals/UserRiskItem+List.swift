import Wire

extension UserRiskItem {
  /// Whether a list can be read: every item of it is one. O(bytes of the list).
  static func isList(_ text: ByteRange, in bytes: Span<UInt8>) -> Bool {
    var items = UserRiskItemCursor(text)
    while let item = items.next(in: bytes) {
      if codeByteCount(of: item, in: bytes) == nil { return false }
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
    let nameStart = lowercasedASCII(loadUpTo8(schema.names, at: name.start, end: name.end))
    var found: ByteRange?
    var items = UserRiskItemCursor(text)
    while let item = items.next(in: bytes) {
      guard let codeByteCount = codeByteCount(of: item, in: bytes) else { return .invalid }
      guard codeByteCount == nameByteCount else { continue }
      let code = ByteRange(offset: item.start, count: codeByteCount)
      let codeStart = loadUpTo8(bytes, at: code.start, end: code.end)
      guard lowercasedASCII(codeStart) == nameStart,
        codeByteCount <= 8 || sameText(bytes, code, schema.names, name, foldingCase: true)
      else { continue }
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
  /// How long the code of these bytes is, none of them a control; `nil` when they are no item.
  @inline(__always)
  private static func codeByteCount(of range: ByteRange, in bytes: Span<UInt8>) -> Int? {
    let (letters, others) = codeFlags(loadPadded8(bytes, at: range.start))
    guard others != 0 else { return longCodeByteCount(of: range, in: bytes) }
    let byteCount = countBelow(others)
    let end = range.start &+ byteCount
    guard letters & 0x80 != 0, end < range.end, bytes[end] == UInt8(ascii: ":") else { return nil }
    return byteCount
  }

  /// As `codeByteCount`, for a code of any length.
  @inline(never)
  private static func longCodeByteCount(of range: ByteRange, in bytes: Span<UInt8>) -> Int? {
    guard isLetter(bytes[range.start]) else { return nil }
    var end = range.start
    while end < range.end, isCodeByte(bytes[end]) { end += 1 }
    return end < range.end && bytes[end] == UInt8(ascii: ":") ? end - range.start : nil
  }

  /// Splits an item whose code's length is known. The level is there only when the last "/" is
  /// followed by exactly one of `L`, `M` and `H`, in either case.
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
