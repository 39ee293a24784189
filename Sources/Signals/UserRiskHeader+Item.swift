import Wire

extension UserRiskHeader {
  /// The state of a list: `invalid` when one of its items cannot be read. O(bytes of the list).
  func listState(of list: Key, in bytes: Span<UInt8>) -> SignalState {
    guard let text = value(of: list) else { return .absent }
    var items = UserRiskItemCursor(text)
    while let item = items.next(in: bytes) {
      if !UserRiskItem.isItem(item, in: bytes) { return .invalid }
    }
    return .value
  }

  /// The part of the item of that code, `absent` when the list has none, `invalid` when it has two
  /// or when any of its items cannot be read.
  ///
  /// The code is compared without regard to ASCII case. O(bytes of the list).
  func item(
    named name: ByteRange, _ names: Span<UInt8>, of list: Key, _ part: UserRiskItem.Part,
    in bytes: Span<UInt8>, foldingCase: Bool
  ) -> SignalValue {
    guard let text = value(of: list) else { return .absent }
    var found: ByteRange?
    var items = UserRiskItemCursor(text)
    while let item = items.next(in: bytes) {
      guard UserRiskItem.isItem(item, in: bytes) else { return .invalid }
      let code = ByteRange(offset: item.start, count: Int(name.count))
      if code.end < item.end, bytes[code.end] == UInt8(ascii: ":"),
        sameText(bytes, code, names, name, foldingCase: true)
      {
        guard found == nil else { return .invalid }
        found = item
      }
    }
    guard let found else { return .absent }
    let item = UserRiskItem(reading: bytes, found, codeByteCount: Int(name.count))
    return item.signal(part, in: bytes, foldingCase: foldingCase)
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
  /// Whether these bytes, none of them a control, are an item: a code and ":".
  @inline(__always)
  static func isItem(_ range: ByteRange, in bytes: Span<UInt8>) -> Bool {
    let start = range.start
    let end = range.end
    let word = loadPadded8(bytes, at: start)
    let (letters, others) = codeFlags(word)
    guard others != 0 else { return isLongItem(from: start, to: end, in: bytes) }
    let codeEnd = start &+ countBelow(others)
    return letters & 0x80 != 0 && codeEnd < end && bytes[codeEnd] == UInt8(ascii: ":")
  }

  /// As `isItem`, for a code of any length.
  @inline(never)
  private static func isLongItem(from start: Int, to end: Int, in bytes: Span<UInt8>) -> Bool {
    guard isLetter(bytes[start]) else { return false }
    var offset = start
    while offset < end, isCodeByte(bytes[offset]) { offset += 1 }
    return offset < end && bytes[offset] == UInt8(ascii: ":")
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
