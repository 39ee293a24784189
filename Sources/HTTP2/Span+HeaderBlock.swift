/// What can be said of a header block without decoding it.
extension Span<UInt8> {
  /// Whether a header block that has no error leaves HPACK's table as it is: it has references and fields
  /// that are to be entered nowhere, and nothing else (RFC 7541 6).
  var leavesTable: Bool {
    var offset = 0
    while offset < count {
      let first = self[offset]
      if first & 0x80 != 0 {
        guard integer(at: &offset, ofBits: 7) != nil else { return false }
        continue
      }
      // A field to be entered, or another size of the table.
      guard first & 0x60 == 0, let name = integer(at: &offset, ofBits: 4) else { return false }
      if name == 0, !skipText(at: &offset) { return false }
      if !skipText(at: &offset) { return false }
    }
    return offset == count
  }

  /// Steps over a text. Whether it may be one.
  private func skipText(at offset: inout Int) -> Bool {
    guard let byteCount = integer(at: &offset, ofBits: 7) else { return false }
    offset += byteCount
    return offset <= count
  }

  /// Reads an integer (RFC 7541 5.1), and steps over it; `nil` for one that is above two million, or cut.
  private func integer(at offset: inout Int, ofBits bitCount: Int) -> Int? {
    guard offset < count else { return nil }
    let most = 1 << bitCount - 1
    var value = Int(self[offset]) & most
    offset += 1
    if value < most { return value }
    for place in 0..<3 {
      guard offset < count else { return nil }
      let byte = Int(self[offset])
      offset += 1
      value += (byte & 0x7F) << (7 * place)
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}
