import CNghttp2
import Wire

/// Status and headers that do not change from response to response: made once, never freed, and so
/// lent to libnghttp2 without a copy.
///
/// SAFETY, for all of it: every byte is written before `init` returns, and none is freed.
@safe
public struct ResponseHead: BitwiseCopyable, Equatable, Sendable {
  // SAFETY: written in `init` only; the memory is never freed, so nghttp2 may point at it for ever.
  nonisolated(unsafe) let fields: UnsafeMutableBufferPointer<nghttp2_nv>
  /// A header block that says them without HPACK's table.
  nonisolated(unsafe) let inFull: UnsafeMutableBufferPointer<UInt8>

  /// Names must be lower-case.
  public init(status: Int, _ headers: [(name: String, value: String)] = []) {
    let all = [(name: ":status", value: String(status))] + headers
    unsafe fields = .allocate(capacity: all.count)
    let block = all.flatMap { Self.inFull($0.name, $0.value) }
    unsafe inFull = .allocate(capacity: block.count)
    _ = unsafe inFull.initialize(from: block)
    for (index, header) in all.enumerated() {
      let field = unsafe nghttp2_nv(
        name: Self.immortal(header.name), value: Self.immortal(header.value),
        namelen: header.name.utf8.count, valuelen: header.value.utf8.count,
        flags: UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue))
      unsafe fields.initializeElement(at: index, to: field)
    }
  }

  /// Whether they are one. O(1).
  public static func == (a: ResponseHead, b: ResponseHead) -> Bool {
    unsafe a.fields.baseAddress == b.fields.baseAddress
  }

  var inFullByteCount: Int { unsafe inFull.count }

  func appendInFull(to output: inout ByteWriter) {
    output.append(unsafe Span(_unsafeElements: UnsafeBufferPointer(inFull)))
  }

  /// A field that is entered nowhere (RFC 7541 6.2.2).
  private static func inFull(_ name: String, _ value: String) -> [UInt8] {
    precondition(name.utf8.count < 127 && value.utf8.count < 127)
    return [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
  }

  /// Bytes that are never freed.
  private static func immortal(_ text: String) -> UnsafeMutablePointer<UInt8> {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.utf8.count, 1))
    unsafe bytes.initialize(repeating: 0)
    _ = unsafe bytes.update(from: text.utf8)
    return bytes.baseAddress!
  }
}
