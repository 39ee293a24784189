import CNghttp2

/// The headers that requests of one kind share: made once, lent to libnghttp2 without a copy.
@safe
public final class ClientRequestHead: Sendable {
  // SAFETY: written in `init` only, freed in `deinit`; every stream keeps its head alive.
  nonisolated(unsafe) let fields: UnsafeMutableBufferPointer<nghttp2_nv>
  nonisolated(unsafe) private let bytes: UnsafeMutableBufferPointer<UInt8>

  /// Further names must be lower-case.
  public init(
    method: String, scheme: String = "http", path: String, authority: String,
    _ headers: [(name: String, value: String)] = []
  ) {
    let pseudo = [
      (name: ":method", value: method), (name: ":scheme", value: scheme),
      (name: ":authority", value: authority), (name: ":path", value: path),
    ]
    let all = pseudo + headers
    let text = Array(all.flatMap { Array($0.name.utf8) + Array($0.value.utf8) })
    unsafe bytes = .allocate(capacity: text.count)
    _ = unsafe bytes.initialize(from: text)
    unsafe fields = .allocate(capacity: all.count)
    let lent = UInt8(
      NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
    var next = unsafe bytes.baseAddress!
    for (index, header) in all.enumerated() {
      let nameByteCount = header.name.utf8.count
      let valueByteCount = header.value.utf8.count
      // SAFETY: names and values lie in `bytes` in this order.
      let field = unsafe nghttp2_nv(
        name: next, value: next + nameByteCount, namelen: nameByteCount, valuelen: valueByteCount,
        flags: lent)
      unsafe fields.initializeElement(at: index, to: field)
      unsafe next += nameByteCount + valueByteCount
    }
  }

  deinit {
    // SAFETY: ours alone: no stream is left that keeps us.
    unsafe fields.deallocate()
    unsafe bytes.deallocate()
  }
}
