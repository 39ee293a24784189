import CNghttp2

/// Status and headers that do not change from response to response: made once, never freed, and so
/// lent to libnghttp2 without a copy.
///
/// SAFETY, for all of it: every byte is written before `init` returns, and none is freed.
@safe
public struct ResponseHead: BitwiseCopyable, Sendable {
  // SAFETY: written in `init` only; the memory is never freed, so nghttp2 may point at it for ever.
  nonisolated(unsafe) let fields: UnsafeMutableBufferPointer<nghttp2_nv>

  /// Names must be lower-case.
  public init(status: Int, _ headers: [(name: String, value: String)] = []) {
    let all = [(name: ":status", value: String(status))] + headers
    unsafe fields = .allocate(capacity: all.count)
    for (index, header) in all.enumerated() {
      let field = unsafe nghttp2_nv(
        name: Self.immortal(header.name), value: Self.immortal(header.value),
        namelen: header.name.utf8.count, valuelen: header.value.utf8.count,
        flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue))
      unsafe fields.initializeElement(at: index, to: field)
    }
  }

  /// Bytes that are never freed.
  private static func immortal(_ text: String) -> UnsafeMutablePointer<UInt8> {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.utf8.count, 1))
    unsafe bytes.initialize(repeating: 0)
    _ = unsafe bytes.update(from: text.utf8)
    return bytes.baseAddress!
  }
}
