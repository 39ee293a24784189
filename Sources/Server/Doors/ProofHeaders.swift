import Wire

/// Which request headers of `/v1/check` carry what may prove that the edge sent it.
struct ProofHeaders: ~Copyable {
  private var names = ByteWriter()
  private var entries = ScratchList<(name: ByteRange, field: Field)>()

  init(_ headers: [(name: String, field: Field)] = []) {
    for header in headers {
      entries.append((ByteRange(offset: names.count, count: header.name.utf8.count), header.field))
      names.append(header.name)
    }
  }

  var isEmpty: Bool { entries.isEmpty }

  /// What a header carries; `nil` when it proves nothing. O(names).
  func field(of name: Span<UInt8>) -> Field? {
    for index in entries.indices
    where names.span.extracting(entries[index].name).elementsEqual(name) {
      return entries[index].field
    }
    return nil
  }
}
