/// Whether values in a message are what their types say. Of the bytes, not of their reader: Swift 6.3
/// copies a struct of more than four words to lend it.
extension Span where Element == UInt8 {
  /// Checks a field's value.
  @inline(__always)
  func check(_ value: ByteRange, as type: FieldType) throws(WireError) {
    switch type {
    case .header: break
    case .string, .address: try checkUTF8(value)
    case .number:
      guard value.count == 8 else { throw WireError(.invalidNumber, at: value.start) }
      guard Double(bitPattern: load(UInt64.self, at: value.start)).isFinite else {
        throw WireError(.invalidNumber, at: value.start)
      }
    case .boolean:
      guard value.count == 1, self[value.start] <= 1 else {
        throw WireError(.invalidBoolean, at: value.start)
      }
    case .list: try checkList(value)
    }
  }

  @inline(__always)
  private func checkUTF8(_ range: ByteRange) throws(WireError) {
    if extracting(range).isASCII { return }
    try checkRareUTF8(range)
  }

  @inline(never)
  private func checkRareUTF8(_ range: ByteRange) throws(WireError) {
    let text = extracting(range)
    do {
      _ = try UTF8Span(validating: text)
    } catch {
      throw WireError(.invalidUTF8, at: range.start + error.byteOffsets.lowerBound)
    }
  }

  private func checkList(_ range: ByteRange) throws(WireError) {
    var index = range.start
    while index < range.end {
      guard range.end - index >= 2 else { throw WireError(.invalidList, at: index) }
      let byteCount = Int(load(UInt16.self, at: index))
      guard byteCount <= range.end - index - 2 else { throw WireError(.invalidList, at: index) }
      try checkUTF8(ByteRange(offset: index + 2, count: byteCount))
      index += 2 + byteCount
    }
  }

  /// Checks a tenant, trigger or signal name.
  func checkName(_ range: ByteRange) throws(WireError) {
    for index in range.start..<range.end where !isNameByte(self[index]) {
      throw WireError(.invalidName, at: index)
    }
  }
}
